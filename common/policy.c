// SPDX-License-Identifier: EUPL-1.2
/* policy.c - keeps adopted policies and finds the one that applies.
 *
 * Database `policy`. Key: region (40 bytes, NUL padded; all NUL for the national policy), first day on which it counts
 * (4 bytes, biased so that byte order is date order), number of the adoption (8 bytes). Value: day of adoption (4
 * bytes, biased), then the packed PolicyAdopted. The keys are few and are kept in memory, sorted, beside the compiled
 * views; both are only caches. */
#include "common/policy.h"

#include <stdlib.h>

#include "common/policy_internal.h"

#define SCOPES_MAX  8
#define KEY_LEN     (CODE_MAX + 4 + 8)
#define VALUE_HEAD  4
#define DAY_BIAS    0x80000000u
#define NO_ADOPTION 0

struct adoption {
	uint8_t key[KEY_LEN];
	uint64_t number;
};

struct slot {
	uint64_t national, regional; /* numbers of adoptions; national NO_ADOPTION: free */
	uint64_t asked;              /* when it was last asked for, in questions */
	struct arena arena;
	struct policy_view view;
};

struct policy_book {
	const struct rules_scope *scopes[SCOPES_MAX];
	unsigned scope_count;
	struct store_db db;
	struct arena arena; /* of the list of adoptions */
	struct adoption *adoptions;
	unsigned adoption_count;
	bool listed;
	uint64_t questions;
	struct slot slots[POLICY_VIEWS_MAX];
	/* Asked last: several questions in a row are about the same case and day. */
	struct slot *last; /* NULL: none */
	cal_day last_day;
	struct code last_region;
};

struct policy_book *
policy_new(const struct rules_scope *const *scopes, unsigned scope_count)
{
	struct policy_book *book = calloc(1, sizeof *book);

	if (book == NULL)
		fatal("out of memory");
	ASSERT(scope_count <= SCOPES_MAX);
	for (unsigned i = 0; i < scope_count; i++)
		book->scopes[i] = scopes[i];
	book->scope_count = scope_count;
	arena_init(&book->arena);
	for (unsigned i = 0; i < POLICY_VIEWS_MAX; i++)
		arena_init(&book->slots[i].arena);
	return book;
}

void
policy_free(struct policy_book **book)
{
	if (*book == NULL)
		return;
	for (unsigned i = 0; i < POLICY_VIEWS_MAX; i++)
		arena_fini(&(*book)->slots[i].arena);
	arena_fini(&(*book)->arena);
	free(*book);
	*book = NULL;
}

static void
slot_clear(struct slot *slot)
{
	arena_reset(&slot->arena);
	slot->national = NO_ADOPTION;
	slot->asked = 0;
}

void
policy_forget(struct policy_book *book)
{
	for (unsigned i = 0; i < POLICY_VIEWS_MAX; i++)
		slot_clear(&book->slots[i]);
	arena_reset(&book->arena);
	book->adoptions = NULL;
	book->adoption_count = 0;
	book->listed = false;
	book->last = NULL;
}

/* ---- keys ---- */

static void
make_key(uint8_t key[KEY_LEN], const char *region, cal_day day, uint64_t number)
{
	memset(key, 0, KEY_LEN);
	memcpy(key, region, strnlen(region, CODE_MAX));
	put_u32(key + CODE_MAX, (uint32_t)day ^ DAY_BIAS);
	put_u64(key + CODE_MAX + 4, number);
}

static void
list_adoptions(struct policy_book *book, struct store_txn *txn)
{
	struct store_walk walk;
	struct bytes key, value;

	if (book->listed)
		return;
	book->adoptions = ARENA_ARRAY(&book->arena, struct adoption, store_count(txn, book->db) + 1);
	book->adoption_count = 0;
	store_walk_begin(&walk, txn, book->db, bytes_of(NULL, 0));
	while (store_walk_next(&walk, &key, &value)) {
		struct adoption *adoption = &book->adoptions[book->adoption_count++];

		ASSERT(key.len == KEY_LEN);
		memcpy(adoption->key, key.data, KEY_LEN);
		adoption->number = get_u64(key.data + CODE_MAX + 4);
	}
	store_walk_end(&walk);
	/* A failed transaction lists nothing; do not remember that. */
	book->listed = !store_failed(txn);
}

/* The last adoption of the region that counts on the day; NULL when none does. */
static const struct adoption *
adoption_on(const struct policy_book *book, const char *region, cal_day day)
{
	uint8_t key[KEY_LEN];
	unsigned low = 0;
	unsigned high = book->adoption_count;

	make_key(key, region, day, UINT64_MAX);
	while (low < high) {
		const unsigned middle = low + (high - low) / 2;

		if (memcmp(book->adoptions[middle].key, key, KEY_LEN) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || memcmp(book->adoptions[low - 1].key, key, CODE_MAX) != 0)
		return NULL;
	return &book->adoptions[low - 1];
}

static const struct adoption *
adoption_first(const struct policy_book *book, const char *region)
{
	uint8_t key[KEY_LEN];
	const struct adoption *first = NULL;

	make_key(key, region, 0, 0);
	for (unsigned i = 0; i < book->adoption_count; i++) {
		const struct adoption *one = &book->adoptions[i];

		if (memcmp(one->key, key, CODE_MAX) == 0 && (first == NULL || one->number < first->number))
			first = one;
	}
	return first;
}

/* ---- adopting ---- */

static cal_day
adopted_on(const struct policy_book *book, struct store_txn *txn, const struct adoption *adoption)
{
	struct bytes value;

	if (!store_get(txn, book->db, bytes_of(adoption->key, KEY_LEN), &value))
		return CAL_NONE;
	ASSERT(value.len > VALUE_HEAD);
	return (cal_day)(get_u32(value.data) ^ DAY_BIAS);
}

static struct adoption
keep_adoption(struct policy_book *book, struct store_txn *txn, const pb_PolicyAdopted *adopted, cal_day today)
{
	struct arena *a = store_arena(txn);
	const struct bytes packed = RECORD_PACK(a, adopted);
	cal_day from = record_day(adopted->valid_from);
	struct adoption kept;

	list_adoptions(book, txn);
	const struct adoption *first = adoption_first(book, adopted->region);
	const bool is_first = first == NULL || adopted_on(book, txn, first) == today;

	if (from == CAL_NONE || (!is_first && from <= today))
		from = today + 1;
	kept.number = store_count(txn, book->db) + 1;
	make_key(kept.key, adopted->region, from, kept.number);
	uint8_t *value = arena_take(a, VALUE_HEAD + packed.len);

	put_u32(value, (uint32_t)today ^ DAY_BIAS);
	memcpy(value + VALUE_HEAD, packed.data, packed.len);
	store_put(txn, book->db, bytes_of(kept.key, KEY_LEN), bytes_of(value, VALUE_HEAD + packed.len));
	policy_forget(book);
	return kept;
}

/* ---- views ---- */

static const pb_PolicyAdopted *
load(const struct policy_book *book, struct store_txn *txn, const struct adoption *adoption, struct digest *digest)
{
	struct why why = {0};
	struct bytes value;

	if (!store_get(txn, book->db, bytes_of(adoption->key, KEY_LEN), &value)) {
		ASSERT(store_failed(txn));
		return NULL;
	}
	const struct bytes packed = bytes_of(value.data + VALUE_HEAD, value.len - VALUE_HEAD);
	const pb_PolicyAdopted *policy =
	    record_unpack(store_arena(txn), &pb_PolicyAdopted_descriptor, packed, RECORD_ADOPTION_MAX, &why);

	if (policy == NULL)
		fatal("a stored policy cannot be read: %s", why.text);
	*digest = digest_of(packed);
	return policy;
}

static bool
build(struct policy_book *book, struct store_txn *txn, const struct adoption *national, const struct adoption *regional,
      struct slot *slot)
{
	struct digest digests[2];
	struct why why = {0};
	struct policy_parts parts = {
	    .arena = &slot->arena,
	    .scratch = store_arena(txn),
	    .scopes = book->scopes,
	    .scope_count = book->scope_count,
	};

	parts.national = load(book, txn, national, &digests[0]);
	if (regional != NULL)
		parts.regional = load(book, txn, regional, &digests[1]);
	if (parts.national == NULL || (regional != NULL && parts.regional == NULL))
		return false;
	/* It was checked before it was adopted: what does not compile now was adopted by another version of the
	 * programs. */
	if (!policy_view_build(&parts, &slot->view, &why))
		fatal(
		    "policy %s%s%s, valid from %s, was adopted by another version of the programs, and this one cannot "
		    "use it: %s; start the version that it was adopted with",
		    parts.national->version, regional == NULL ? "" : " with that of ",
		    regional == NULL ? "" : parts.regional->region,
		    regional == NULL ? parts.national->valid_from : parts.regional->valid_from, why.text);
	slot->view.hash = regional == NULL ? digests[0] : digest_of(bytes_of(digests[0].b, 2 * DIGEST_SIZE));
	slot->national = national->number;
	slot->regional = regional == NULL ? NO_ADOPTION : regional->number;
	return true;
}

static struct slot *
find_slot(struct policy_book *book, uint64_t national, uint64_t regional)
{
	struct slot *oldest = &book->slots[0];

	for (unsigned i = 0; i < POLICY_VIEWS_MAX; i++) {
		struct slot *slot = &book->slots[i];

		if (slot->national == national && slot->regional == regional)
			return slot;
		if (slot->asked < oldest->asked)
			oldest = slot;
	}
	slot_clear(oldest);
	return oldest;
}

const struct policy_view *
policy_on(struct policy_book *book, struct store_txn *txn, cal_day day, const char *region)
{
	if (book->last != NULL && book->last_day == day && code_is(book->last_region, region))
		return &book->last->view;
	list_adoptions(book, txn);
	const struct adoption *national = adoption_on(book, "", day);
	const struct adoption *regional = region[0] == '\0' ? NULL : adoption_on(book, region, day);

	if (national == NULL)
		return NULL;
	struct slot *slot = find_slot(book, national->number, regional == NULL ? NO_ADOPTION : regional->number);

	if (slot->national == NO_ADOPTION && !build(book, txn, national, regional, slot))
		return NULL;
	slot->asked = ++book->questions;
	book->last = slot;
	book->last_day = day;
	book->last_region = code_of(region);
	return &slot->view;
}

static void
policy_use(struct policy_book *book, struct store_txn *txn, const struct adoption *adoption)
{
	char region[CODE_MAX + 1] = "";

	memcpy(region, adoption->key, CODE_MAX);
	policy_on(book, txn, (cal_day)(get_u32(adoption->key + CODE_MAX) ^ DAY_BIAS), region);
}

void
policy_open(struct policy_book *book, struct store_txn *txn)
{
	book->db = store_db_open(txn, "policy");
	policy_forget(book);
	list_adoptions(book, txn);
	for (unsigned i = 0; i < book->adoption_count; i++)
		policy_use(book, txn, &book->adoptions[i]);
}

void
policy_adopt(struct policy_book *book, struct store_txn *txn, const pb_PolicyAdopted *adopted, cal_day today)
{
	const struct adoption kept = keep_adoption(book, txn, adopted, today);

	policy_use(book, txn, &kept);
}

const struct rules_table *
policy_table(const struct policy_view *view, const char *scope, const char *event)
{
	unsigned low = 0;
	unsigned high = view->table_count;

	while (low < high) {
		const unsigned middle = low + (high - low) / 2;
		const struct rules_table *table = view->tables[middle];
		const int by_scope = table->scope->name == scope ? 0 : strcmp(table->scope->name, scope);
		const int order = by_scope != 0 ? by_scope : strcmp(table->event, event);

		if (order == 0)
			return table;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const struct policy_value *
find_value(const struct policy_view *view, const char *key)
{
	unsigned low = 0;
	unsigned high = view->value_count;

	while (low < high) {
		const unsigned middle = low + (high - low) / 2;
		const int order = strcmp(view->values[middle].key, key);

		if (order == 0)
			return &view->values[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool
policy_value(const struct policy_view *view, const char *key, int32_t *value)
{
	const struct policy_value *found = find_value(view, key);

	if (found != NULL)
		*value = found->value;
	return found != NULL;
}

struct term
policy_value_term(const struct policy_view *view, const char *key, struct term otherwise)
{
	const struct policy_value *found = view == NULL ? NULL : find_value(view, key);

	if (found == NULL || found->unit == TERM_NONE)
		return otherwise;
	return (struct term){.unit = found->unit, .n = found->value};
}

bool
policy_waits_long(const struct policy_view *view, int32_t days)
{
	int32_t longest = 28;

	if (view != NULL)
		policy_value(view, "waiting_days", &longest);
	return days > longest;
}

/* The team's own figure where it gives one, else the value. */
static int32_t
figure(const struct policy_view *view, int32_t own, const char *key, int32_t max)
{
	int32_t value = 0;

	if (own > 0)
		value = own;
	else if (!policy_value(view, key, &value))
		return 0;
	return value > max ? max : value;
}

struct policy_capacity
policy_capacity_of(const struct policy_view *view, const char *team)
{
	struct policy_capacity own = {.team = team};

	for (unsigned i = 0; i < view->capacity_count; i++) {
		if (strcmp(view->capacities[i].team, team) == 0) {
			own = view->capacities[i];
			break;
		}
	}
	return (struct policy_capacity){
	    .team = team,
	    .cases_per_meeting = figure(view, own.cases_per_meeting, "meeting_cases", POLICY_MEETING_CASES_MAX),
	    .cycle_days = figure(view, own.cycle_days, "meeting_cycle", POLICY_MEETING_CYCLE_MAX),
	};
}
