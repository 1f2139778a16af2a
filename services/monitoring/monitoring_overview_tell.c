// SPDX-License-Identifier: EUPL-1.2
/* monitoring_overview_tell.c - the numbers of the overview, added up for who asks. */
#include "services/monitoring/monitoring_overview.h"
#include "services/monitoring/monitoring_tallies.h"

/* Codes of each kind that have a place in the sums; the contract's are fewer. */
#define LEVELS      8u
#define GOVERNANCES 8u
#define TRACKS      4u
#define STATES      32u
#define CELLS       (LEVELS * GOVERNANCES * TRACKS * STATES)
#define STEPS       (LEVELS * LEVELS) /* from one to another; GOVERNANCES is the same */
#define REGIONS_MAX 1000u

struct telling {
	const struct overview *overview;
	const pb_OverviewRequest *asked;
	struct store_txn *txn;
	struct arena *arena;
	cal_day today;
	int first_month;
	unsigned months;
	pb_OverviewReply *reply;
	int64_t *open, *overdue; /* by cell */
	int64_t *steps[2];       /* of level and governance: by month and step */
	struct code *regions;    /* by number of a place */
	bool *takes;
};

static bool
is_in(const char *code, const char *asked)
{
	return asked[0] == '\0' || strcmp(code, asked) == 0;
}

/* Which places fit the question, and their regions. */
static void
read_places(struct telling *t)
{
	const pb_OverviewRequest *asked = t->asked;
	struct store_walk walk;
	struct bytes key, value;

	t->takes[0] = asked->region[0] == '\0' && asked->team[0] == '\0' && asked->centre[0] == '\0';
	store_walk_begin(&walk, t->txn, t->overview->places, bytes_of(NULL, 0));
	while (store_walk_next(&walk, &key, &value)) {
		const unsigned number = get_u16(key.data);
		struct fields_in in = {value};

		ASSERT(number <= OVERVIEW_PLACES_MAX);
		t->regions[number] = in_code(&in);
		const struct code team = in_code(&in), centre = in_code(&in);

		t->takes[number] = is_in(t->regions[number].s, asked->region) && is_in(team.s, asked->team) &&
				   is_in(centre.s, asked->centre);
	}
	store_walk_end(&walk);
}

/* Reads the place of a row; does it fit the question? */
static bool
takes(const struct telling *t, struct fields_in *in, struct code *region)
{
	const unsigned number = in_u16(in);

	ASSERT(number <= OVERVIEW_PLACES_MAX);
	*region = t->regions[number];
	return t->takes[number];
}

/* The numbers of a region; in the order of the codes. */
static pb_OverviewRegion *
region_of(struct telling *t, struct code region)
{
	pb_OverviewReply *reply = t->reply;
	size_t at = reply->n_regions;

	while (at > 0 && strcmp(reply->regions[at - 1]->region, region.s) > 0)
		at--;
	if (at > 0 && strcmp(reply->regions[at - 1]->region, region.s) == 0)
		return reply->regions[at - 1];
	pb_OverviewRegion *one = ARENA_NEW(t->arena, pb_OverviewRegion);

	pb_OverviewRegion_init(one);
	one->region = record_text(t->arena, region.s);
	if (reply->n_regions == REGIONS_MAX)
		return one; /* more than there are: told in the whole only */
	memmove(&reply->regions[at + 1], &reply->regions[at], (reply->n_regions - at) * sizeof *reply->regions);
	reply->regions[at] = one;
	reply->n_regions++;
	return one;
}

static unsigned
cell_of(unsigned level, unsigned governance, unsigned track, unsigned state)
{
	return ((level % LEVELS * GOVERNANCES + governance % GOVERNANCES) * TRACKS + track % TRACKS) * STATES +
	       state % STATES;
}

static void
add_here(struct telling *t, struct code region, unsigned cell, int64_t number, int64_t overdue)
{
	pb_OverviewRegion *where = region_of(t, region);

	t->open[cell] += number;
	t->overdue[cell] += overdue;
	where->open += number;
	where->overdue += overdue;
	t->reply->open += number;
	t->reply->overdue += overdue;
}

static void
add_due(struct telling *t, struct code region, cal_day day, int64_t number)
{
	if (day < t->today || day >= t->today + OVERVIEW_DUE_DAYS)
		return;
	t->reply->due[day - t->today]->open += number;
	if (day >= t->today + OVERVIEW_WEEK_DAYS)
		return;
	t->reply->due_this_week += number;
	region_of(t, region)->due_this_week += number;
}

static void
take_here(struct telling *t, struct fields_in *in, int64_t number)
{
	struct code region;

	if (!takes(t, in, &region))
		return;
	const unsigned level = in_u8(in), governance = in_u8(in), track = in_u8(in), state = in_u8(in);

	add_here(t, region, cell_of(level, governance, track, state), number, in_u8(in) == 1 ? number : 0);
}

static void
take_due(struct telling *t, struct fields_in *in, int64_t number)
{
	const cal_day day = in_day(in);
	struct code region;

	if (!takes(t, in, &region))
		return;
	add_due(t, region, day, number);
}

static void
take_flow(struct telling *t, struct fields_in *in, int64_t number, int64_t *steps)
{
	const unsigned month = (unsigned)(in_u16(in) - t->first_month);
	struct code region;

	if (!takes(t, in, &region))
		return;
	const unsigned from = in_u8(in) % LEVELS, to = in_u8(in) % LEVELS;

	steps[month * STEPS + from * LEVELS + to] += number;
}

/* ---- walking ---- */

/* Rows of one kind, from a key up to a day or month. */
static void
walk(struct telling *t, enum overview_what what, struct bytes from)
{
	const int last_month = t->first_month + (int)t->months - 1;
	struct store_walk walk;
	struct bytes key, value;

	store_walk_begin(&walk, t->txn, t->overview->numbers, from);
	while (store_walk_next(&walk, &key, &value)) {
		struct fields_in in = {key}, ahead = {key};
		const int64_t number = overview_number(value);

		if (in_u8(&in) != what || in_u8(&ahead) != what)
			break;
		if (what == OVERVIEW_OF_HERE) {
			take_here(t, &in, number);
		} else if (what == OVERVIEW_OF_DUE) {
			if (in_day(&ahead) >= t->today + OVERVIEW_DUE_DAYS)
				break;
			take_due(t, &in, number);
		} else {
			if (in_u16(&ahead) > last_month)
				break;
			take_flow(t, &in, number, t->steps[what == OVERVIEW_OF_LEVEL ? 0 : 1]);
		}
	}
	store_walk_end(&walk);
}

static void
walk_here(struct telling *t)
{
	uint8_t buffer[OVERVIEW_KEY_MAX];
	struct fields_out out = {buffer, 0, sizeof buffer};

	out_u8(&out, OVERVIEW_OF_HERE);
	walk(t, OVERVIEW_OF_HERE, out_done(&out));
}

static void
walk_due(struct telling *t)
{
	uint8_t buffer[OVERVIEW_KEY_MAX];
	struct fields_out out = {buffer, 0, sizeof buffer};

	out_u8(&out, OVERVIEW_OF_DUE);
	out_day(&out, t->today);
	walk(t, OVERVIEW_OF_DUE, out_done(&out));
}

static void
walk_flow(struct telling *t, enum overview_what what)
{
	uint8_t buffer[OVERVIEW_KEY_MAX];
	struct fields_out out = {buffer, 0, sizeof buffer};

	out_u8(&out, what);
	out_u16(&out, (uint16_t)t->first_month);
	walk(t, what, out_done(&out));
}

/* ---- an owner ---- */

static void
take_case(struct telling *t, const pb_CaseView *v)
{
	const struct overview_place p = overview_place(v);
	const struct code region = code_of(p.region);

	if (!is_in(p.region, t->asked->region) || !is_in(p.team, t->asked->team) || !is_in(p.centre, t->asked->centre))
		return;
	add_here(t, region, cell_of(p.level, p.governance, p.track, p.state), 1, p.overdue ? 1 : 0);
	if (p.due[0] != '\0')
		add_due(t, region, record_day(p.due), 1);
}

/* The list of an owner is as long as the work it has: its cases are looked at. */
static bool
count_owned(struct telling *t, const struct monitoring_db *db, struct why *why)
{
	pb_CasesRequest request;
	pb_CasesReply page;
	size_t counted = 0;

	pb_CasesRequest_init(&request);
	request.owner = t->asked->owner;
	request.open_only = true;
	do {
		pb_CasesReply_init(&page);
		if (!monitoring_query(db, t->txn, &request, &page, why))
			return false;
		for (size_t i = 0; i < page.n_cases && counted < OVERVIEW_OWNED_MAX; i++, counted++)
			take_case(t, page.cases[i]->case_state);
		request.after = page.next;
	} while (page.next[0] != '\0' && counted < OVERVIEW_OWNED_MAX);
	return true;
}

/* ---- the reply ---- */

static void
begin_days(struct telling *t)
{
	pb_OverviewReply *reply = t->reply;

	reply->due = ARENA_ARRAY(t->arena, pb_OverviewDay *, OVERVIEW_DUE_DAYS);
	reply->n_due = OVERVIEW_DUE_DAYS;
	for (int i = 0; i < OVERVIEW_DUE_DAYS; i++) {
		reply->due[i] = ARENA_NEW(t->arena, pb_OverviewDay);
		pb_OverviewDay_init(reply->due[i]);
		reply->due[i]->date = record_date(t->arena, t->today + i);
	}
}

static void
tell_cells(struct telling *t)
{
	pb_OverviewReply *reply = t->reply;
	size_t count = 0;

	for (unsigned at = 0; at < CELLS; at++)
		count += t->open[at] != 0;
	reply->cells = ARENA_ARRAY(t->arena, pb_OverviewCell *, count + 1);
	for (unsigned at = 0; at < CELLS; at++) {
		if (t->open[at] == 0)
			continue;
		pb_OverviewCell *cell = ARENA_NEW(t->arena, pb_OverviewCell);

		pb_OverviewCell_init(cell);
		cell->level = (Doorbraak__V1__Level)(at / STATES / TRACKS / GOVERNANCES);
		cell->governance = (Doorbraak__V1__Governance)(at / STATES / TRACKS % GOVERNANCES);
		cell->track = (Doorbraak__V1__Track)(at / STATES % TRACKS);
		cell->state = (Doorbraak__V1__CaseState)(at % STATES);
		cell->open = t->open[at];
		cell->overdue = t->overdue[at];
		reply->cells[reply->n_cells++] = cell;
	}
}

static char *
month_text(struct arena *a, int month)
{
	return arena_printf(a, "%04d-%02d", month / 12, month % 12 + 1);
}

static size_t
count_steps(const struct telling *t, const int64_t *steps)
{
	size_t count = 0;

	for (unsigned i = 0; i < t->months * STEPS; i++)
		count += steps[i] != 0;
	return count;
}

static void
tell_level_flow(struct telling *t)
{
	pb_OverviewReply *reply = t->reply;
	const int64_t *steps = t->steps[0];

	reply->level_flow = ARENA_ARRAY(t->arena, pb_LevelFlow *, count_steps(t, steps) + 1);
	for (unsigned i = 0; i < t->months * STEPS; i++) {
		if (steps[i] == 0)
			continue;
		pb_LevelFlow *flow = ARENA_NEW(t->arena, pb_LevelFlow);

		pb_LevelFlow_init(flow);
		flow->month = month_text(t->arena, t->first_month + (int)(i / STEPS));
		flow->from = (Doorbraak__V1__Level)(i / LEVELS % LEVELS);
		flow->to = (Doorbraak__V1__Level)(i % LEVELS);
		flow->cases = steps[i];
		reply->level_flow[reply->n_level_flow++] = flow;
	}
}

static void
tell_governance_flow(struct telling *t)
{
	pb_OverviewReply *reply = t->reply;
	const int64_t *steps = t->steps[1];

	reply->governance_flow = ARENA_ARRAY(t->arena, pb_GovernanceFlow *, count_steps(t, steps) + 1);
	for (unsigned i = 0; i < t->months * STEPS; i++) {
		if (steps[i] == 0)
			continue;
		pb_GovernanceFlow *flow = ARENA_NEW(t->arena, pb_GovernanceFlow);

		pb_GovernanceFlow_init(flow);
		flow->month = month_text(t->arena, t->first_month + (int)(i / STEPS));
		flow->from = (Doorbraak__V1__Governance)(i / LEVELS % LEVELS);
		flow->to = (Doorbraak__V1__Governance)(i % LEVELS);
		flow->cases = steps[i];
		reply->governance_flow[reply->n_governance_flow++] = flow;
	}
}

static void
tell_waits(struct telling *t, const struct monitoring_db *db)
{
	pb_OverviewReply *reply = t->reply;

	reply->waits = ARENA_ARRAY(t->arena, pb_OverviewWait *, reply->n_longest + 1);
	for (size_t i = 0; i < reply->n_longest; i++) {
		pb_OverviewWait *wait = ARENA_NEW(t->arena, pb_OverviewWait);
		struct case_head head = {.moved_on = CAL_NONE};

		pb_OverviewWait_init(wait);
		wait->case_id = reply->longest[i]->case_id;
		monitoring_head_get(db, t->txn, wait->case_id, &head);
		if (head.moved_on != CAL_NONE)
			wait->moved_on = record_date(t->arena, head.moved_on);
		reply->waits[reply->n_waits++] = wait;
	}
}

static bool
tell_longest(struct telling *t, const struct monitoring_db *db, struct why *why)
{
	const uint32_t asked = t->asked->longest;
	pb_CasesRequest request;
	pb_CasesReply page;

	pb_CasesRequest_init(&request);
	pb_CasesReply_init(&page);
	request.owner = t->asked->owner;
	request.region = t->asked->region;
	request.team = t->asked->team;
	request.centre = t->asked->centre;
	request.open_only = true;
	request.order = (Doorbraak__V1__CasesOrder)CASES_ORDER_BY_LAST_MOVEMENT;
	request.limit = asked == 0 ? OVERVIEW_LONGEST : asked > OVERVIEW_LONGEST_MAX ? OVERVIEW_LONGEST_MAX : asked;
	if (!monitoring_query(db, t->txn, &request, &page, why))
		return false;
	t->reply->longest = page.cases;
	t->reply->n_longest = page.n_cases;
	tell_waits(t, db);
	return true;
}

static int64_t *
zeros(struct arena *a, size_t count)
{
	int64_t *list = ARENA_ARRAY(a, int64_t, count);

	memset(list, 0, count * sizeof *list);
	return list;
}

bool
overview_tell(const struct overview *overview, const struct monitoring_db *db, struct store_txn *txn,
	      const pb_OverviewRequest *request, cal_day today, pb_OverviewReply *reply, struct why *why)
{
	struct arena *a = store_arena(txn);
	struct telling t = {
	    .overview = overview, .asked = request, .txn = txn, .arena = a, .today = today, .reply = reply};

	t.months = request->months == 0                    ? OVERVIEW_MONTHS
		   : request->months > OVERVIEW_MONTHS_MAX ? OVERVIEW_MONTHS_MAX
							   : request->months;
	t.first_month = tally_month(today) - (int)t.months + 1;
	t.open = zeros(a, CELLS);
	t.overdue = zeros(a, CELLS);
	t.steps[0] = zeros(a, t.months * STEPS);
	t.steps[1] = zeros(a, t.months * STEPS);
	reply->date = record_date(a, today);
	reply->regions = ARENA_ARRAY(a, pb_OverviewRegion *, REGIONS_MAX);
	t.regions = ARENA_ARRAY(a, struct code, OVERVIEW_PLACES_MAX + 1);
	t.takes = ARENA_ARRAY(a, bool, OVERVIEW_PLACES_MAX + 1);
	memset(t.regions, 0, (OVERVIEW_PLACES_MAX + 1) * sizeof *t.regions);
	memset(t.takes, 0, OVERVIEW_PLACES_MAX + 1);
	read_places(&t);
	begin_days(&t);
	if (request->owner[0] != '\0') {
		if (!count_owned(&t, db, why))
			return false;
	} else {
		walk_here(&t);
		walk_due(&t);
		walk_flow(&t, OVERVIEW_OF_LEVEL);
		walk_flow(&t, OVERVIEW_OF_GOVERNANCE);
	}
	tell_cells(&t);
	tell_level_flow(&t);
	tell_governance_flow(&t);
	return tell_longest(&t, db, why);
}

/* ---- for the metrics ---- */

unsigned
overview_standing(const struct overview *overview, struct store_txn *txn, struct overview_standing *list, unsigned max)
{
	int64_t open[STATES][TRACKS] = {{0}};
	const uint8_t from[1] = {OVERVIEW_OF_HERE};
	struct store_walk walk;
	struct bytes key, value;
	unsigned count = 0;

	store_walk_begin(&walk, txn, overview->numbers, bytes_of(from, sizeof from));
	while (store_walk_next(&walk, &key, &value) && key.data[0] == OVERVIEW_OF_HERE) {
		/* what, place, level, governance, track, state */
		open[key.data[6] % STATES][key.data[5] % TRACKS] += overview_number(value);
	}
	store_walk_end(&walk);
	for (int state = 0; state < (int)STATES; state++) {
		for (int track = 0; track < (int)TRACKS && count < max; track++) {
			if (open[state][track] != 0)
				list[count++] = (struct overview_standing){state, track, open[state][track]};
		}
	}
	return count;
}
