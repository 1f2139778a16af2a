// SPDX-License-Identifier: EUPL-1.2
/* registry.c - rows of the registry by kind, key and day.
 *
 * Database `registry`. Key: kind of row (1 byte), what the row is about (40 bytes, NUL padded), first day on which it
 * holds (4 bytes, biased so that byte order is date order), number of the adoption (4 bytes), place in the adoption
 * (4 bytes). Value: day of adoption (4 bytes, biased), then the packed RegistryRow. Kind 0 holds one entry for every
 * adoption; its value is the version.
 *
 * Of what is written about one key, the entries of the last day up to the day asked for hold, and of these those of the
 * last adoption. Most kinds have one entry then; a merger has one for each successor, a feature one for each task. */
#include "common/registry.h"

#define KEY_LEN            (1 + CODE_MAX + 4 + 4 + 4)
#define PREFIX_LEN         (1 + CODE_MAX)
#define VALUE_HEAD         4
#define DAY_BIAS           0x80000000u
#define HOPS_MAX           16 /* mergers in a row */
#define ROWS_MAX           REGISTRY_SUCCESSORS_MAX
#define KIND_ADOPTION      0
#define REGIONS_MAX        1000
#define MUNICIPALITIES_MAX 2000

/* What holds about one key on one day. */
struct found {
	cal_day from;
	uint32_t adoption;
	const pb_RegistryRow *rows[ROWS_MAX];
	unsigned count;
};

static void
make_key(uint8_t key[KEY_LEN], int kind, const char *about, cal_day from, uint32_t adoption, uint32_t place)
{
	memset(key, 0, KEY_LEN);
	key[0] = (uint8_t)kind;
	memcpy(key + 1, about, strnlen(about, CODE_MAX));
	put_u32(key + PREFIX_LEN, (uint32_t)from ^ DAY_BIAS);
	put_u32(key + PREFIX_LEN + 4, adoption);
	put_u32(key + PREFIX_LEN + 8, place);
}

static cal_day
key_from(struct bytes key)
{
	return (cal_day)(get_u32(key.data + PREFIX_LEN) ^ DAY_BIAS);
}

static uint32_t
key_adoption(struct bytes key)
{
	return get_u32(key.data + PREFIX_LEN + 4);
}

/* What a row is about; "" when it lacks the code that says so. */
static const char *
row_about(const pb_RegistryRow *row)
{
	switch ((int)row->row) {
	case REGISTRY_ROW_KIND_MUNICIPALITY:
	case REGISTRY_ROW_KIND_MERGER: return row->municipality;
	case REGISTRY_ROW_KIND_REGION:
	case REGISTRY_ROW_KIND_EXPERT_TEAM:
	case REGISTRY_ROW_KIND_LANDING_PLACE:
	case REGISTRY_ROW_KIND_FEATURE: return row->region;
	case REGISTRY_ROW_KIND_EXPERTISE_CENTRE:
	case REGISTRY_ROW_KIND_PLACEMENT_COORDINATION:
	case REGISTRY_ROW_KIND_SUPPORTER_END: return row->organisation;
	default: return "";
	}
}

struct registry
registry_open(struct store_txn *txn)
{
	return (struct registry){store_db_open(txn, "registry"), NULL};
}

static void
forget(struct registry r)
{
	if (r.memo != NULL)
		*r.memo = (struct registry_memo){0};
}

struct registry
registry_open_memo(struct store_txn *txn, struct registry_memo *memo)
{
	const struct registry r = {store_db_open(txn, "registry"), memo};

	forget(r);
	return r;
}

/* ---- adopting ---- */

/* The number of the last adoption and the day of the first. */
static uint32_t
last_adoption(struct registry r, struct store_txn *txn, cal_day *first_day)
{
	struct store_walk walk;
	struct bytes key, value;
	uint8_t from[1] = {KIND_ADOPTION};
	uint32_t last = 0;

	*first_day = CAL_NONE;
	store_walk_begin(&walk, txn, r.rows, bytes_of(from, sizeof from));
	while (store_walk_next(&walk, &key, &value) && key.data[0] == KIND_ADOPTION) {
		const uint32_t number = key_adoption(key);

		if (number == 1)
			*first_day = (cal_day)(get_u32(value.data) ^ DAY_BIAS);
		if (number > last)
			last = number;
	}
	store_walk_end(&walk);
	return last;
}

static void
put_entry(struct registry r, struct store_txn *txn, const uint8_t key[KEY_LEN], cal_day today, struct bytes content)
{
	uint8_t *value = arena_take(store_arena(txn), VALUE_HEAD + content.len);

	put_u32(value, (uint32_t)today ^ DAY_BIAS);
	if (content.len > 0)
		memcpy(value + VALUE_HEAD, content.data, content.len);
	store_put(txn, r.rows, bytes_of(key, KEY_LEN), bytes_of(value, VALUE_HEAD + content.len));
}

void
registry_adopt(struct registry r, struct store_txn *txn, const pb_RegistryAdopted *adopted, cal_day today)
{
	cal_day first_day;
	cal_day from = record_day(adopted->valid_from);
	uint8_t key[KEY_LEN];
	const uint32_t number = last_adoption(r, txn, &first_day) + 1;

	forget(r);
	if (from == CAL_NONE || (number > 1 && first_day != today && from <= today))
		from = today + 1;
	make_key(key, KIND_ADOPTION, "", from, number, 0);
	put_entry(r, txn, key, today, bytes_str(adopted->version));
	for (size_t i = 0; i < adopted->n_rows; i++) {
		const pb_RegistryRow *row = adopted->rows[i];

		if (row_about(row)[0] == '\0')
			continue;
		make_key(key, (int)row->row, row_about(row), from, number, (uint32_t)i);
		put_entry(r, txn, key, today, RECORD_PACK(store_arena(txn), row));
	}
}

/* ---- looking up ---- */

static const pb_RegistryRow *
unpack(struct store_txn *txn, struct bytes value)
{
	struct why why = {0};
	const struct bytes packed = bytes_of(value.data + VALUE_HEAD, value.len - VALUE_HEAD);
	const pb_RegistryRow *row =
	    record_unpack(store_arena(txn), &pb_RegistryRow_descriptor, packed, RECORD_ADOPTION_MAX, &why);

	if (row == NULL)
		fatal("a stored row of the registry cannot be read: %s", why.text);
	return row;
}

/* False when nothing is known about the key on that day. */
static bool
find(struct registry r, struct store_txn *txn, int kind, const char *about, cal_day day, struct found *found)
{
	struct bytes values[ROWS_MAX];
	struct store_walk walk;
	struct bytes key, value;
	uint8_t from[KEY_LEN];

	*found = (struct found){0};
	make_key(from, kind, about, 0, 0, 0);
	store_walk_begin(&walk, txn, r.rows, bytes_of(from, PREFIX_LEN));
	while (store_walk_next(&walk, &key, &value) && memcmp(key.data, from, PREFIX_LEN) == 0) {
		if (key_from(key) > day)
			break;
		if (key_from(key) != found->from || key_adoption(key) != found->adoption)
			found->count = 0;
		found->from = key_from(key);
		found->adoption = key_adoption(key);
		if (found->count < ROWS_MAX)
			values[found->count++] = value;
	}
	store_walk_end(&walk);
	for (unsigned i = 0; i < found->count; i++)
		found->rows[i] = unpack(txn, values[i]);
	return found->count > 0;
}

static bool
is_later(const struct found *a, const struct found *b)
{
	return a->from != b->from ? a->from > b->from : a->adoption > b->adoption;
}

static unsigned
functions_of(const pb_RegistryRow *row)
{
	unsigned bits = 0;

	for (size_t i = 0; i < row->n_functions; i++)
		bits |= 1u << (unsigned)row->functions[i];
	return bits;
}

static bool
has_all_functions(const pb_RegistryRow *row)
{
	const unsigned all = 1u << TEAM_FUNCTION_CONSULTATION | 1u << TEAM_FUNCTION_PROCESS_DIRECTION |
			     1u << TEAM_FUNCTION_SIGNALLING | 1u << TEAM_FUNCTION_LEARNING;

	return (functions_of(row) & all) == all;
}

static bool
read_region(struct registry r, struct store_txn *txn, const char *region, cal_day day, struct registry_place *place)
{
	struct found found;

	if (!find(r, txn, REGISTRY_ROW_KIND_REGION, region, day, &found))
		return false;
	const pb_RegistryRow *row = found.rows[found.count - 1];

	place->region = code_of(region);
	place->team = code_of(row->expert_team);
	place->centre = code_of(row->expertise_centre);
	place->coordination = code_of(row->coordination);
	place->landing = (struct code){0};
	if (find(r, txn, REGISTRY_ROW_KIND_LANDING_PLACE, region, day, &found)) {
		row = found.rows[found.count - 1];
		if (row->known_to_all && has_all_functions(row))
			place->landing = code_of(row->organisation);
	}
	return true;
}

/* For a place in the memo: days follow each other, and so do codes in their numbers. */
static uint32_t
memo_hash(const char *code, cal_day day)
{
	uint32_t hash = (uint32_t)day * 2654435761u;

	for (const char *s = code; *s != '\0'; s++)
		hash = hash * 31 + (uint8_t)*s;
	return hash;
}

static void
memo_fill(struct registry r, struct store_txn *txn, unsigned at, const char *region, cal_day day)
{
	struct registry_place found = {0};
	const bool known = read_region(r, txn, region, day, &found);

	r.memo->regions[at].filled = true;
	r.memo->regions[at].known = known;
	r.memo->regions[at].day = day;
	r.memo->regions[at].region = code_of(region);
	r.memo->regions[at].team = found.team;
	r.memo->regions[at].landing = found.landing;
	r.memo->regions[at].centre = found.centre;
	r.memo->regions[at].coordination = found.coordination;
}

bool
registry_region(struct registry r, struct store_txn *txn, const char *region, cal_day day, struct registry_place *place)
{
	if (r.memo == NULL || strlen(region) > CODE_MAX)
		return read_region(r, txn, region, day, place);
	const unsigned at = memo_hash(region, day) % REGISTRY_MEMO_REGIONS;

	if (!r.memo->regions[at].filled || r.memo->regions[at].day != day ||
	    !code_is(r.memo->regions[at].region, region))
		memo_fill(r, txn, at, region, day);
	if (!r.memo->regions[at].known)
		return false;
	place->region = r.memo->regions[at].region;
	place->team = r.memo->regions[at].team;
	place->landing = r.memo->regions[at].landing;
	place->centre = r.memo->regions[at].centre;
	place->coordination = r.memo->regions[at].coordination;
	return true;
}

static void
add_successor(struct registry_place *place, const char *successor)
{
	for (unsigned i = 0; i < place->successor_count; i++) {
		if (code_is(place->successors[i], successor))
			return;
	}
	if (place->successor_count < REGISTRY_SUCCESSORS_MAX)
		place->successors[place->successor_count++] = code_of(successor);
}

/* Follows mergers from place->municipality to a code that is valid on the day, and gives its region. */
static enum registry_found
follow(struct registry r, struct store_txn *txn, cal_day day, struct registry_place *place, struct code *region)
{
	enum registry_found result = REGISTRY_FOUND;

	for (unsigned hop = 0; hop < HOPS_MAX; hop++) {
		struct found row, merger;
		const char *code = place->municipality.s;
		const bool known = find(r, txn, REGISTRY_ROW_KIND_MUNICIPALITY, code, day, &row);
		const bool merged = find(r, txn, REGISTRY_ROW_KIND_MERGER, code, day, &merger);

		if (known && !(merged && is_later(&merger, &row))) {
			*region = code_of(row.rows[row.count - 1]->region);
			return result;
		}
		if (!merged)
			return REGISTRY_UNKNOWN;
		place->successor_count = 0;
		for (unsigned i = 0; i < merger.count; i++)
			add_successor(place, merger.rows[i]->successor);
		if (place->successor_count != 1)
			return REGISTRY_AMBIGUOUS;
		place->municipality = place->successors[0];
		place->successor_count = 0;
		result = REGISTRY_REPLACED;
	}
	return REGISTRY_UNKNOWN;
}

enum registry_found
registry_place_of(struct registry r, struct store_txn *txn, const char *municipality, cal_day day,
		  struct registry_place *place)
{
	struct code region;

	*place = (struct registry_place){.municipality = code_of(municipality)};
	if (municipality[0] == '\0' || strlen(municipality) > CODE_MAX)
		return REGISTRY_UNKNOWN;
	const enum registry_found found = follow(r, txn, day, place, &region);

	if (found != REGISTRY_FOUND && found != REGISTRY_REPLACED)
		return found;
	/* A gemeente in a region that nobody knows on that day has nobody to go to. */
	return registry_region(r, txn, region.s, day, place) ? found : REGISTRY_UNKNOWN;
}

const struct code *
registry_regions(struct registry r, struct store_txn *txn, cal_day day, size_t *count)
{
	struct code *regions = ARENA_ARRAY(store_arena(txn), struct code, REGIONS_MAX);
	const uint8_t from[1] = {REGISTRY_ROW_KIND_REGION};
	struct code last = {0};
	struct store_walk walk;
	struct bytes key, value;

	*count = 0;
	store_walk_begin(&walk, txn, r.rows, bytes_of(from, sizeof from));
	while (*count < REGIONS_MAX && store_walk_next(&walk, &key, &value) &&
	       key.data[0] == REGISTRY_ROW_KIND_REGION) {
		struct code region = {0};

		memcpy(region.s, key.data + 1, CODE_MAX);
		/* The first entry of a region has its earliest day. */
		if (!code_equal(region, last) && key_from(key) <= day)
			regions[(*count)++] = region;
		last = region;
	}
	store_walk_end(&walk);
	return regions;
}

const struct registry_municipality *
registry_municipalities(struct registry r, struct store_txn *txn, cal_day day, size_t *count)
{
	struct registry_municipality *all =
	    ARENA_ARRAY(store_arena(txn), struct registry_municipality, MUNICIPALITIES_MAX);
	const uint8_t from[1] = {REGISTRY_ROW_KIND_MUNICIPALITY};
	struct store_walk walk;
	struct bytes key;
	size_t n = 0;

	store_walk_begin(&walk, txn, r.rows, bytes_of(from, sizeof from));
	while (n < MUNICIPALITIES_MAX && store_walk_next(&walk, &key, NULL) &&
	       key.data[0] == REGISTRY_ROW_KIND_MUNICIPALITY) {
		struct registry_municipality one = {0};

		memcpy(one.municipality.s, key.data + 1, CODE_MAX);
		if (n == 0 || !code_equal(all[n - 1].municipality, one.municipality))
			all[n++] = one;
	}
	store_walk_end(&walk);
	*count = 0;
	for (size_t i = 0; i < n; i++) {
		struct registry_place place;

		/* One that was merged is no longer there. */
		if (registry_place_of(r, txn, all[i].municipality.s, day, &place) != REGISTRY_FOUND)
			continue;
		all[*count] = all[i];
		all[(*count)++].region = place.region;
	}
	return all;
}

bool
registry_functions(struct registry r, struct store_txn *txn, const char *region, cal_day day, unsigned *bits)
{
	static const int kinds[] = {REGISTRY_ROW_KIND_EXPERT_TEAM, REGISTRY_ROW_KIND_LANDING_PLACE};
	struct registry_place place = {0};
	struct found found;
	bool told = false;

	*bits = 0;
	if (!registry_region(r, txn, region, day, &place))
		return false;
	for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		/* A team that the region no longer has does not count. */
		if ((i == 0 && code_is_empty(place.team)) || !find(r, txn, kinds[i], region, day, &found))
			continue;
		const pb_RegistryRow *row = found.rows[found.count - 1];

		told = told || row->n_functions > 0 || row->n_functions_missing > 0;
		*bits |= functions_of(row);
	}
	return told;
}

bool
registry_feature(struct registry r, struct store_txn *txn, const char *region, int ask, cal_day day)
{
	struct found found;

	if (!find(r, txn, REGISTRY_ROW_KIND_FEATURE, region, day, &found))
		return false;
	for (unsigned i = 0; i < found.count; i++) {
		if ((int)found.rows[i]->feature == ask)
			return true;
	}
	return false;
}

struct end {
	uint32_t adoption; /* 0: none */
	cal_day last_day;
	cal_day adopted_on;
};

/* What the first adoption behind `after` says about the end of a supporter. */
static struct end
next_end(struct registry r, struct store_txn *txn, const char *organisation, uint32_t after)
{
	struct end next = {0};
	struct store_walk walk;
	struct bytes key, value;
	uint8_t from[KEY_LEN];

	make_key(from, REGISTRY_ROW_KIND_SUPPORTER_END, organisation, 0, 0, 0);
	store_walk_begin(&walk, txn, r.rows, bytes_of(from, PREFIX_LEN));
	while (store_walk_next(&walk, &key, &value) && memcmp(key.data, from, PREFIX_LEN) == 0) {
		const uint32_t adoption = key_adoption(key);

		if (adoption <= after || (next.adoption != 0 && adoption > next.adoption))
			continue;
		next = (struct end){adoption, key_from(key) - 1, (cal_day)(get_u32(value.data) ^ DAY_BIAS)};
	}
	store_walk_end(&walk);
	return next;
}

static cal_day
read_supporter_end(struct registry r, struct store_txn *txn, const char *organisation)
{
	cal_day last_day = CAL_NONE;
	struct end end = next_end(r, txn, organisation, 0);

	/* An end is known before it comes, so every entry counts, whatever the day. What is adopted later moves it,
	 * unless the supporter had gone by then: nobody comes back because a past date was adopted again. */
	while (end.adoption != 0) {
		if (last_day == CAL_NONE || end.adopted_on <= last_day)
			last_day = end.last_day;
		end = next_end(r, txn, organisation, end.adoption);
	}
	return last_day;
}

cal_day
registry_supporter_end(struct registry r, struct store_txn *txn, const char *organisation, cal_day day)
{
	(void)day;
	if (organisation[0] == '\0')
		return CAL_NONE;
	if (r.memo == NULL)
		return read_supporter_end(r, txn, organisation);
	const unsigned at = memo_hash(organisation, 0) % REGISTRY_MEMO_ENDS;

	if (!code_is(r.memo->ends[at].organisation, organisation)) {
		r.memo->ends[at].last_day = read_supporter_end(r, txn, organisation);
		r.memo->ends[at].organisation = code_of(organisation);
	}
	return r.memo->ends[at].last_day;
}

bool
registry_knows(struct registry r, struct store_txn *txn, int kind, const char *about, cal_day day)
{
	struct found found;

	return about[0] != '\0' && find(r, txn, kind, about, day, &found);
}

static struct code
read_version(struct registry r, struct store_txn *txn, cal_day day)
{
	struct code version = {0};
	struct store_walk walk;
	struct bytes key, value;
	uint8_t from[1] = {KIND_ADOPTION};

	store_walk_begin(&walk, txn, r.rows, bytes_of(from, sizeof from));
	while (store_walk_next(&walk, &key, &value) && key.data[0] == KIND_ADOPTION && key_from(key) <= day) {
		const char *text =
		    arena_str(store_arena(txn), bytes_of(value.data + VALUE_HEAD, value.len - VALUE_HEAD));

		version = code_of(text);
	}
	store_walk_end(&walk);
	return version;
}

struct code
registry_version(struct registry r, struct store_txn *txn, cal_day day)
{
	if (r.memo == NULL)
		return read_version(r, txn, day);
	if (!r.memo->version_known || r.memo->version_day != day) {
		r.memo->version = read_version(r, txn, day);
		r.memo->version_day = day;
		r.memo->version_known = true;
	}
	return r.memo->version;
}
