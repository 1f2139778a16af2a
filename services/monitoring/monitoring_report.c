// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_report.h"

#include <stdio.h>

#include "common/policy.h"
#include "services/monitoring/monitoring_report_cells.h"

/* ---- what each report holds (rules.md 5.3) ---- */

#define K(n)            (1u << (n))
#define K_TO(from, to)  ((K((to) + 1) - 1) & ~(K(from) - 1))
#define TEAM_INDICATORS (K_TO(1, 17) | K_TO(26, 28))
#define CENTRE_QUESTION (K(1) | K(14) | K(15) | K(26))
#define SUPPLY_QUESTION (K(1) | K(9) | K(12) | K(13) | K(14) | K(26))
#define NATION_THEMES   (K(14) | K(15) | K(16) | K(21) | K(22) | K(26) | K(28))
#define COURT_AND_CARE  (K_TO(18, 24))

static const struct report_form forms[] = {
    {REPORT_KIND_TEAM_QUARTER, REPORT_OF_TEAM, TEAM_INDICATORS, K(1), true, 3, "R48"},
    /* Two or three times a year (P22_steering). */
    {REPORT_KIND_STEERING_GROUP, REPORT_OF_STEERING_GROUP, TEAM_INDICATORS, K(1), true, 4, "R50"},
    {REPORT_KIND_PURCHASING, REPORT_OF_REGION, SUPPLY_QUESTION, 0, true, 3, "R49"},
    {REPORT_KIND_EXPERTISE_CENTRE, REPORT_OF_CENTRE, CENTRE_QUESTION, CENTRE_QUESTION, true, 3, "R48"},
    {REPORT_KIND_NATIONAL_THEMES, REPORT_OF_NATION, NATION_THEMES | K(25), NATION_THEMES, true, 3, "R48"},
    {REPORT_KIND_INSPECTORATES, REPORT_OF_NATION, COURT_AND_CARE, COURT_AND_CARE, false, 3, "R64"},
    {REPORT_KIND_INDICATORS, REPORT_OF_ANY, K_TO(1, 28), K_TO(1, 28) & ~K(25), true, 0, "R48"},
};

const struct report_form *
report_form(int kind)
{
	for (unsigned i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if (forms[i].kind == kind)
			return &forms[i];
	}
	return NULL;
}

/* ---- periods ---- */

static cal_day
month_begins(int month)
{
	return cal_from_date(month / 12, month % 12 + 1, 1);
}

struct report_period
report_period_before(cal_day day, int months)
{
	const int month = tally_month(day);
	const int begins = month - month % 12 + month % 12 / months * months;

	return (struct report_period){month_begins(begins - months), month_begins(begins) - 1};
}

int
report_period_months(struct report_period period)
{
	static const int lengths[] = {1, 3, 4, 6, 12};

	if (period.from == CAL_NONE || period.to == CAL_NONE || period.to < period.from)
		return 0;
	const int begins = tally_month(period.from), months = tally_month(period.to) + 1 - begins;

	if (month_begins(begins) != period.from || month_begins(begins + months) != period.to + 1)
		return 0;
	for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		if (lengths[i] == months)
			return begins % 12 % months == 0 ? months : 0;
	}
	return 0;
}

/* [k] of the period; [0] is K26 of the period before. */
struct report_tables {
	struct report_table *of[INDICATORS + 1];
};

struct report_rows
report_rows(const struct report_sources *from, struct store_txn *txn, struct report_period period,
	    uint32_t indicators_asked)
{
	const int begins = tally_month(period.from), ends = tally_month(period.to);
	struct report_rows rows = {.period = period};

	for (unsigned k = 1; k <= INDICATORS; k++) {
		const bool now = indicators[k].form == INDICATOR_NOW;

		if ((indicators_asked >> k & 1u) == 0)
			continue;
		rows.of[k] = tallies_read(&from->tallies, txn, k, now ? TALLY_NOW : begins, now ? TALLY_NOW : ends,
					  &rows.count[k]);
	}
	rows.tables = ARENA_NEW(store_arena(txn), struct report_tables);
	*rows.tables = (struct report_tables){{NULL}};
	if ((indicators_asked >> 26 & 1u) != 0)
		rows.before =
		    tallies_read(&from->tallies, txn, 26, 2 * begins - ends - 1, begins - 1, &rows.before_count);
	return rows;
}

/* ---- whom it is about ---- */

static bool
is_centre(const struct report_sources *from, struct store_txn *txn, const char *code, cal_day day)
{
	size_t count;
	const struct code *regions = registry_regions(from->registry, txn, day, &count);
	bool found = registry_knows(from->registry, txn, REGISTRY_ROW_KIND_EXPERTISE_CENTRE, code, day);

	for (size_t i = 0; i < count && !found; i++) {
		struct registry_place place = {0};

		registry_region(from->registry, txn, regions[i].s, day, &place);
		found = code_is(place.centre, code);
	}
	return found;
}

static struct tally_place
place_of(struct arena *a, const struct report_sources *from, struct store_txn *txn, const struct report_form *form,
	 const char *subject_id, cal_day day)
{
	struct tally_place place = {NULL, NULL, NULL};

	switch (form->subject) {
	case REPORT_OF_NATION: break;
	case REPORT_OF_TEAM: place.team = subject_id; break;
	case REPORT_OF_STEERING_GROUP: place.team = arena_printf(a, "ET-%s", subject_id + 3); break;
	case REPORT_OF_REGION: place.region = subject_id; break;
	case REPORT_OF_CENTRE: place.centre = subject_id; break;
	case REPORT_OF_ANY:
		if (subject_id[0] == '\0')
			break;
		if (registry_knows(from->registry, txn, REGISTRY_ROW_KIND_REGION, subject_id, day))
			place.region = subject_id;
		else if (is_centre(from, txn, subject_id, day))
			place.centre = subject_id;
		else
			place.team = subject_id;
		break;
	}
	return place;
}

static bool
is_place_of(const struct tally_place *asked, const char *region, const char *team, const char *centre)
{
	return (asked->region != NULL && strcmp(asked->region, region) == 0) ||
	       (asked->team != NULL && strcmp(asked->team, team) == 0) ||
	       (asked->centre != NULL && strcmp(asked->centre, centre) == 0);
}

/* In the registry of the last day, or with something to tell of the period. */
static bool
is_known(const struct report_sources *from, struct store_txn *txn, const struct tally_place *place,
	 const struct report_rows *rows)
{
	size_t count;
	const struct code *regions = registry_regions(from->registry, txn, rows->period.to, &count);

	for (size_t i = 0; i < count; i++) {
		struct registry_place at = {0};

		registry_region(from->registry, txn, regions[i].s, rows->period.to, &at);
		if (is_place_of(place, regions[i].s, at.team.s, at.centre.s) ||
		    is_place_of(place, regions[i].s, at.landing.s, at.centre.s))
			return true;
	}
	for (unsigned k = 1; k <= INDICATORS; k++) {
		for (size_t i = 0; i < rows->count[k]; i++) {
			const struct tally_row *row = &rows->of[k][i];
			if (is_place_of(place, row->region, row->team, row->centre))
				return true;
		}
	}
	return false;
}

bool
report_can(const struct report_sources *from, struct store_txn *txn, const struct report_form *form,
	   const char *subject_id, const struct report_rows *rows, struct why *why)
{
	static const char *const wanted[] = {"a team", "a steering group", "a region", "an expertise centre"};

	if (form->subject == REPORT_OF_NATION && subject_id[0] != '\0') {
		why_set(why, "this report is about the whole country: leave out the subject");
		return false;
	}
	if (form->subject == REPORT_OF_NATION || (form->subject == REPORT_OF_ANY && subject_id[0] == '\0'))
		return true;
	if (form->subject == REPORT_OF_ANY && !record_is_code(subject_id)) {
		why_set(why, "the subject is no code of a region, team or centre");
		return false;
	}
	if (form->subject != REPORT_OF_ANY &&
	    (!record_is_code(subject_id) ||
	     (form->subject == REPORT_OF_STEERING_GROUP && strncmp(subject_id, "SG-", 3) != 0))) {
		why_set(why, "this report is about %s: name its code%s", wanted[form->subject],
			form->subject == REPORT_OF_STEERING_GROUP ? ", such as SG-JZ32" : "");
		return false;
	}
	const struct tally_place place = place_of(store_arena(txn), from, txn, form, subject_id, rows->period.to);

	if (!is_known(from, txn, &place, rows)) {
		why_set(why, "the registry of that period does not know %s; `doorbraak registry show` lists them",
			subject_id);
		return false;
	}
	return true;
}

/* ---- making ---- */

struct making {
	const struct report_sources *from;
	struct store_txn *txn;
	struct arena *arena;
	const struct report_form *form;
	const struct report_rows *rows;
	struct tally_place place;
	const struct policy_view *view;
	int64_t smallest;
	pb_ReportPublished *report;
	size_t room;
};

/* The table that decides, of the whole country: with the nation's smallest cell. */
static const struct report_table *
table_of(struct making *m, unsigned k)
{
	struct report_table **table = &m->rows->tables->of[k];
	const bool before = k == 0;

	if (*table == NULL) {
		const struct policy_view *nation = policy_on(m->from->policies, m->txn, m->rows->period.to, "");
		int32_t smallest = REPORT_SMALLEST;

		if (nation != NULL)
			policy_value(nation, "P26", &smallest);
		*table = ARENA_NEW(m->arena, struct report_table);
		**table = report_table(m->arena, before ? 26 : k, before ? m->rows->before : m->rows->of[k],
				       before ? m->rows->before_count : m->rows->count[k], nation, smallest);
	}
	return *table;
}

static const char *
group_of(struct arena *a, const struct figure *f)
{
	if (f->region[0] == '\0')
		return f->group;
	return arena_printf(a, "REGION/%s%s%s", f->region, f->group[0] == '\0' ? "" : "/", f->group);
}

static int32_t
int32_of(int64_t v)
{
	return v > INT32_MAX ? INT32_MAX : v < INT32_MIN ? INT32_MIN : (int32_t)v;
}

static void
tell(struct making *m, unsigned k, const struct figure *f)
{
	pb_ReportPublished *report = m->report;
	pb_IndicatorValue *value = ARENA_NEW(m->arena, pb_IndicatorValue);

	if (report->n_indicators == m->room) {
		pb_IndicatorValue **more = ARENA_ARRAY(m->arena, pb_IndicatorValue *, 2 * m->room + 64);

		if (m->room > 0)
			memcpy(more, report->indicators, m->room * sizeof *more);
		report->indicators = more;
		m->room = 2 * m->room + 64;
	}
	pb_IndicatorValue_init(value);
	value->code = record_text(m->arena, indicators[k].code);
	value->group = record_text(m->arena, group_of(m->arena, f));
	value->suppressed = !f->shown;
	if (f->shown) {
		value->numerator = int32_of(f->numerator);
		value->denominator = int32_of(f->denominator);
		value->median = f->median;
		value->p90 = f->p90;
		value->total = f->total;
	}
	report->indicators[report->n_indicators++] = value;
}

static const struct figure *
group_before(const struct figures *before, const char *group)
{
	for (size_t i = 0; i < before->count; i++) {
		if (strcmp(before->list[i].group, group) == 0)
			return &before->list[i];
	}
	return NULL;
}

static bool
is_of_nation(const struct making *m)
{
	return m->place.region == NULL && m->place.team == NULL && m->place.centre == NULL;
}

/* A theme is a reason, with the supply that lacks: groups of K26. */
static void
add_theme(struct making *m, const struct figure *now, const struct figure *before)
{
	pb_Theme *theme = ARENA_NEW(m->arena, pb_Theme);
	const char *slash = strchr(now->group, '/');
	const size_t len = slash == NULL ? strlen(now->group) : (size_t)(slash - now->group);
	const int reason = record_enum_value(record_enum("StuckOn"), arena_str(m->arena, bytes_of(now->group, len)));
	const int supply = slash == NULL ? 0 : record_enum_value(record_enum("MissingSupply"), slash + 1);

	pb_Theme_init(theme);
	theme->stuck_on = (Doorbraak__V1__StuckOn)(reason < 0 ? 0 : reason);
	theme->missing_supply = (Doorbraak__V1__MissingSupply)(supply < 0 ? 0 : supply);
	theme->suppressed = !now->shown;
	/* Only of the country is a theme that is not listed one that nobody had. */
	const bool unknown = before == NULL && m->smallest > 0 && !is_of_nation(m);

	theme->trend_suppressed = !now->shown || (before != NULL && !before->shown) || unknown;
	if (now->shown)
		theme->count = int32_of(now->numerator);
	if (!theme->trend_suppressed)
		theme->trend = int32_of(now->numerator - (before == NULL ? 0 : before->numerator));
	m->report->themes[m->report->n_themes++] = theme;
}

/* Those of this period, and those of the period before that are gone; in the order of their names. */
static void
add_themes(struct making *m)
{
	const struct report_rows *r = m->rows;
	struct figures now = figures_of(m->arena, 26, r->of[26], r->count[26], &m->place, false, m->view);
	struct figures before = figures_of(m->arena, 26, r->before, r->before_count, &m->place, false, m->view);
	size_t b = 1;

	report_table_withhold(table_of(m, 26), &now, &m->place, m->smallest);
	report_table_withhold(table_of(m, 0), &before, &m->place, m->smallest);
	m->report->themes = ARENA_ARRAY(m->arena, pb_Theme *, now.count + before.count);
	/* [0] of each is the total. */
	for (size_t n = 1; n < now.count || b < before.count;) {
		const int order = n == now.count      ? 1
				  : b == before.count ? -1
						      : strcmp(now.list[n].group, before.list[b].group);
		if (order > 0) {
			const struct figure none = {.group = before.list[b].group, .shown = 0 >= m->smallest};
			add_theme(m, &none, &before.list[b]);
		} else {
			add_theme(m, &now.list[n], group_before(&before, now.list[n].group));
		}
		n += order <= 0;
		b += order >= 0;
	}
}

static void
add_indicators(struct making *m)
{
	for (unsigned k = 1; k <= INDICATORS; k++) {
		if ((m->form->indicators >> k & 1u) == 0)
			continue;
		struct figures f = k == 25 ? figures_of_functions(m->from->registry, m->txn, m->rows->period.to)
					   : figures_of(m->arena, k, m->rows->of[k], m->rows->count[k], &m->place,
							(m->form->by_region >> k & 1u) != 0, m->view);

		if (k == 25)
			figures_withhold(m->arena, &f, m->smallest);
		else
			report_table_withhold(table_of(m, k), &f, &m->place, m->smallest);
		for (size_t i = 0; i < f.count; i++)
			tell(m, k, &f.list[i]);
	}
}

static char *
hash_of(struct arena *a, const pb_ReportPublished *report)
{
	const struct digest digest = digest_of(RECORD_PACK(a, report));
	char *text = arena_take(a, 2 * DIGEST_SIZE + 1);

	for (unsigned i = 0; i < DIGEST_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", digest.b[i]);
	return text;
}

static pb_Basis *
basis_of(const struct making *m)
{
	pb_Basis *basis = ARENA_NEW(m->arena, pb_Basis);

	pb_Basis_init(basis);
	basis->rule = record_text(m->arena, m->form->rule);
	basis->registry_version =
	    record_text(m->arena, registry_version(m->from->registry, m->txn, m->rows->period.to).s);
	if (m->view != NULL) {
		const struct bytes hash = arena_copy(m->arena, bytes_of(m->view->hash.b, DIGEST_SIZE));

		basis->policy_version = record_text(m->arena, m->view->version);
		basis->policy_hash = (ProtobufCBinaryData){hash.len, (uint8_t *)(uintptr_t)hash.data};
	}
	return basis;
}

pb_Answer *
report_make(const struct report_sources *from, struct store_txn *txn, const struct report_form *form,
	    const char *subject_id, const struct report_rows *rows, int64_t closing_ms)
{
	struct arena *a = store_arena(txn);
	struct making m = {.from = from, .txn = txn, .arena = a, .form = form, .rows = rows};
	pb_ReportPublished *report = ARENA_NEW(a, pb_ReportPublished);
	pb_Answer *answer = ARENA_NEW(a, pb_Answer);
	int32_t smallest = REPORT_SMALLEST;

	pb_ReportPublished_init(report);
	report->kind = (Doorbraak__V1__ReportKind)form->kind;
	report->subject_id = record_text(a, subject_id);
	report->period_from = record_date(a, rows->period.from);
	report->period_to = record_date(a, rows->period.to);
	report->closing = ARENA_NEW(a, Google__Protobuf__Timestamp);
	record_timestamp(report->closing, closing_ms);
	m.report = report;
	m.place = place_of(a, from, txn, form, subject_id, rows->period.to);
	m.view = policy_on(from->policies, txn, rows->period.to, m.place.region == NULL ? "" : m.place.region);
	if (m.view != NULL)
		policy_value(m.view, "P26", &smallest);
	m.smallest = report->smallest_cell = smallest;
	add_indicators(&m);
	if (form->themes)
		add_themes(&m);
	report->content_hash = hash_of(a, report);

	pb_Answer_init(answer);
	answer->decided_at = ARENA_NEW(a, Google__Protobuf__Timestamp);
	record_timestamp(answer->decided_at, closing_ms);
	answer->effect_date = record_date(a, cal_local_day(closing_ms));
	answer->service = (Doorbraak__V1__Service)SERVICE_MONITORING;
	answer->basis = basis_of(&m);
	answer->body_case = DOORBRAAK__V1__ANSWER__BODY_REPORT_PUBLISHED;
	answer->report_published = report;
	return answer;
}
