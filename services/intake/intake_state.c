// SPDX-License-Identifier: EUPL-1.2
#include "services/intake/intake_state.h"

#define PIECE_FIXED   18 /* bytes before the organisations */
#define SEEN_FIXED    (DIGEST_SIZE + 8 + 8)
#define CASE_BYTES    16
#define ERASED_FIXED  (8 + 1)
#define NUMBERS_MAX   64u /* of one case, forgotten in one go */
#define DRAWS_MAX     16
#define CASE_GROUPS   4
#define CASE_GROUP    5
#define CASE_ID_CHARS (1 + CASE_GROUPS * (1 + CASE_GROUP))

/* Thirty-two signs that cannot be mistaken for one another when read out or copied by hand: no i, l, o, u. */
static const char case_alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

void
intake_state_open(struct intake_state *st, struct store_txn *txn)
{
	st->sources = store_db_open(txn, "sources");
	st->seen = store_db_open(txn, "seen");
	st->cases = store_db_open(txn, "cases");
	st->sequence = store_db_open(txn, "sequence");
	st->youth = store_db_open(txn, "youth");
	st->youth_back = store_db_open(txn, "youth_back");
	st->youth_case = store_db_open(txn, "youth_case");
	st->erased = store_db_open(txn, "erased");
	st->marks = store_db_open(txn, "marks");
	st->registry = registry_open(txn);
}

/* ---- sources ---- */

/* One piece of a source's row: first day (4), last day (4), roles as bits (8), number of organisations (2), then each
 * organisation with its length in one byte before it. Days are kept shifted so that they sort; the pieces of a row
 * stand in order of their first day. */
struct piece {
	cal_day from;
	cal_day to; /* CAL_NONE: without end */
	uint64_t roles;
	unsigned organisations;
	struct bytes names; /* the organisations as they stand in the row */
};

static uint32_t
day_shifted(cal_day day)
{
	return (uint32_t)day ^ 0x80000000u;
}

static cal_day
day_unshifted(uint32_t v)
{
	return (cal_day)(v ^ 0x80000000u);
}

/* Takes one piece off the front of a row. */
static struct piece
piece_take(struct bytes *row)
{
	struct piece p = {0};

	ASSERT(row->len >= PIECE_FIXED);
	p.from = day_unshifted(get_u32(row->data));
	p.to = day_unshifted(get_u32(row->data + 4));
	p.roles = get_u64(row->data + 8);
	p.organisations = get_u16(row->data + 16);
	size_t end = PIECE_FIXED;
	for (unsigned i = 0; i < p.organisations; i++) {
		ASSERT(end < row->len);
		end += 1 + (size_t)row->data[end];
	}
	ASSERT(end <= row->len);
	p.names = bytes_of(row->data + PIECE_FIXED, end - PIECE_FIXED);
	*row = bytes_of(row->data + end, row->len - end);
	return p;
}

static size_t
piece_put(uint8_t *out, const struct piece *p)
{
	put_u32(out, day_shifted(p->from));
	put_u32(out + 4, day_shifted(p->to));
	put_u64(out + 8, p->roles);
	put_u16(out + 16, (uint16_t)p->organisations);
	if (p->names.len > 0)
		memcpy(out + PIECE_FIXED, p->names.data, p->names.len);
	return PIECE_FIXED + p->names.len;
}

static bool
piece_names(const struct piece *p, const char *organisation)
{
	const struct bytes wanted = bytes_str(organisation);
	size_t at = 0;

	for (unsigned i = 0; i < p->organisations; i++) {
		const size_t len = p->names.data[at];
		if (bytes_equal(bytes_of(p->names.data + at + 1, len), wanted))
			return true;
		at += 1 + len;
	}
	return false;
}

struct intake_permit
intake_permit_of(const struct intake_state *st, struct store_txn *txn, const char *source, int role,
		 const char *organisation, cal_day day)
{
	struct bytes row;
	struct piece found = {0};
	bool any = false;

	if (strcmp(source, INTAKE_OPERATOR) == 0)
		return intake_operator_permit(role);
	if (!store_get(txn, st->sources, bytes_str(source), &row))
		return (struct intake_permit){0};
	while (row.len > 0) {
		const struct piece p = piece_take(&row);
		if (p.from > day)
			break;
		found = p;
		any = true;
	}
	if (!any || (found.to != CAL_NONE && found.to < day))
		return (struct intake_permit){0};
	return (struct intake_permit){
	    .source = true,
	    .role = role >= 0 && role < 64 && (found.roles >> role & 1) != 0,
	    .organisation = organisation[0] == '\0' || piece_names(&found, organisation),
	};
}

static struct piece
piece_of(struct arena *a, const pb_SourceRegistered *r, cal_day today)
{
	struct piece p = {.from = record_day(r->valid_from), .to = record_day(r->valid_to)};

	if (p.from == CAL_NONE)
		p.from = today;
	for (size_t i = 0; i < r->n_roles; i++)
		p.roles |= UINT64_C(1) << r->roles[i];
	uint8_t *names = arena_take(a, r->n_organisations * (1 + CODE_MAX) + 1);
	size_t len = 0;
	for (size_t i = 0; i < r->n_organisations; i++) {
		const size_t n = strlen(r->organisations[i]);
		ASSERT(n <= CODE_MAX);
		names[len] = (uint8_t)n;
		memcpy(names + len + 1, r->organisations[i], n);
		len += 1 + n;
	}
	p.organisations = (unsigned)r->n_organisations;
	p.names = bytes_of(names, len);
	return p;
}

/* The part of a source's row that stays when a registration from `from` on comes in: the piece that holds today and
 * those that begin between then and `from`. Time never goes back, so what ended before today is of no use. */
static struct bytes
pieces_kept(struct bytes row, cal_day today, cal_day from, unsigned *announced)
{
	struct bytes kept = bytes_of(row.data, 0);
	struct bytes rest = row;

	*announced = 0;
	while (rest.len > 0) {
		const struct bytes here = rest;
		const struct piece p = piece_take(&rest);
		if (p.from >= from)
			break;
		if (p.from <= today)
			kept = bytes_of(here.data, 0);
		else
			(*announced)++;
		kept.len += here.len - rest.len;
	}
	return kept;
}

unsigned
intake_announced(const struct intake_state *st, struct store_txn *txn, const char *source, cal_day today, cal_day from)
{
	struct bytes row = {0};
	unsigned announced;

	(void)store_get(txn, st->sources, bytes_str(source), &row);
	(void)pieces_kept(row, today, from, &announced);
	return announced;
}

void
intake_register(const struct intake_state *st, struct store_txn *txn, const pb_SourceRegistered *r, cal_day today)
{
	struct arena *a = store_arena(txn);
	const struct piece fresh = piece_of(a, r, today);
	struct bytes row = {0};
	unsigned announced;

	(void)store_get(txn, st->sources, bytes_str(r->source), &row);
	const struct bytes kept = pieces_kept(row, today, fresh.from, &announced);
	uint8_t *out = arena_take(a, kept.len + PIECE_FIXED + fresh.names.len);
	if (kept.len > 0)
		memcpy(out, kept.data, kept.len);
	const size_t len = kept.len + piece_put(out + kept.len, &fresh);
	store_put(txn, st->sources, bytes_str(r->source), bytes_of(out, len));
}

/* ---- what was said before ---- */

struct seen_key {
	uint8_t b[2 * ID_MAX + 1];
	size_t len;
};

static struct seen_key
seen_key(const char *source, const char *id)
{
	struct seen_key key = {.len = 0};
	const size_t source_len = strlen(source);
	const size_t id_len = strlen(id);

	ASSERT(source_len <= ID_MAX && id_len <= ID_MAX);
	memcpy(key.b, source, source_len);
	memcpy(key.b + source_len + 1, id, id_len);
	key.len = source_len + 1 + id_len;
	return key;
}

bool
intake_seen_get(const struct intake_state *st, struct store_txn *txn, const char *source, const char *id,
		struct intake_seen *seen)
{
	const struct seen_key key = seen_key(source, id);
	struct bytes value;

	*seen = (struct intake_seen){0};
	if (!store_get(txn, st->seen, bytes_of(key.b, key.len), &value))
		return false;
	ASSERT(value.len >= SEEN_FIXED && value.len <= SEEN_FIXED + ID_MAX);
	memcpy(seen->digest.b, value.data, DIGEST_SIZE);
	seen->seq = get_u64(value.data + DIGEST_SIZE);
	seen->youth = get_u64(value.data + DIGEST_SIZE + 8);
	memcpy(seen->case_id.s, value.data + SEEN_FIXED, value.len - SEEN_FIXED);
	return true;
}

void
intake_seen_put(const struct intake_state *st, struct store_txn *txn, const char *source, const char *id,
		const struct intake_seen *seen)
{
	const struct seen_key key = seen_key(source, id);
	uint8_t value[SEEN_FIXED + ID_MAX];
	const size_t case_len = strlen(seen->case_id.s);

	memcpy(value, seen->digest.b, DIGEST_SIZE);
	put_u64(value + DIGEST_SIZE, seen->seq);
	put_u64(value + DIGEST_SIZE + 8, seen->youth);
	memcpy(value + SEEN_FIXED, seen->case_id.s, case_len);
	store_put(txn, st->seen, bytes_of(key.b, key.len), bytes_of(value, SEEN_FIXED + case_len));
}

static uint64_t
number_get(struct store_txn *txn, struct store_db db, const char *key)
{
	struct bytes value;

	if (!store_get(txn, db, bytes_str(key), &value))
		return 0;
	ASSERT(value.len == 8);
	return get_u64(value.data);
}

static void
number_put(struct store_txn *txn, struct store_db db, const char *key, uint64_t n)
{
	uint8_t value[8];

	put_u64(value, n);
	store_put(txn, db, bytes_str(key), bytes_of(value, sizeof value));
}

int64_t
intake_sequence_get(const struct intake_state *st, struct store_txn *txn, const char *source)
{
	return (int64_t)number_get(txn, st->sequence, source);
}

void
intake_sequence_put(const struct intake_state *st, struct store_txn *txn, const char *source, int64_t highest)
{
	ASSERT(highest >= 0);
	number_put(txn, st->sequence, source, (uint64_t)highest);
}

/* ---- cases and youths ---- */

bool
intake_case_known(const struct intake_state *st, struct store_txn *txn, const char *case_id)
{
	struct bytes value;

	return store_get(txn, st->cases, bytes_str(case_id), &value);
}

bool
intake_case_erased(const struct intake_state *st, struct store_txn *txn, const char *case_id)
{
	struct bytes value;

	if (!store_get(txn, st->cases, bytes_str(case_id), &value))
		return false;
	ASSERT(value.len == CASE_BYTES);
	return get_u64(value.data + 8) != 0;
}

static struct id
case_draw(struct turn *turn)
{
	uint8_t random[CASE_GROUPS * CASE_GROUP];
	struct id id = {{0}};
	size_t at = 0;

	turn->random(turn->random_ctx, random, sizeof random);
	id.s[at++] = 'c';
	for (unsigned i = 0; i < sizeof random; i++) {
		if (i % CASE_GROUP == 0)
			id.s[at++] = '-';
		id.s[at++] = case_alphabet[random[i] % 32];
	}
	ASSERT(at == CASE_ID_CHARS);
	return id;
}

struct id
intake_case_fresh(const struct intake_state *st, struct turn *turn)
{
	/* A hundred bits do not meet by chance: many draws in vain mean that the source of chance is broken. */
	for (unsigned draw = 0; draw < DRAWS_MAX; draw++) {
		const struct id id = case_draw(turn);
		if (!record_is_forbidden(id.s) && !intake_case_known(st, turn->txn, id.s))
			return id;
	}
	fatal("no fresh case id in %d draws: the random source is broken", DRAWS_MAX);
}

void
intake_case_put(const struct intake_state *st, struct store_txn *txn, const char *case_id, uint64_t seq)
{
	uint8_t value[CASE_BYTES] = {0};

	put_u64(value, seq);
	store_put(txn, st->cases, bytes_str(case_id), bytes_of(value, sizeof value));
}

uint64_t
intake_youth_number(const struct intake_state *st, struct store_txn *txn, const char *youth_key)
{
	uint8_t key[8];

	if (youth_key[0] == '\0')
		return 0;
	const uint64_t known = number_get(txn, st->youth, youth_key);
	if (known != 0)
		return known;
	const uint64_t fresh = number_get(txn, st->marks, "youths") + 1;
	number_put(txn, st->marks, "youths", fresh);
	number_put(txn, st->youth, youth_key, fresh);
	put_u64(key, fresh);
	store_put(txn, st->youth_back, bytes_of(key, sizeof key), bytes_str(youth_key));
	return fresh;
}

bool
intake_youth_is(const struct intake_state *st, struct store_txn *txn, uint64_t number, const char *youth_key)
{
	struct bytes known;
	uint8_t key[8];

	if (number == 0)
		return youth_key[0] == '\0';
	put_u64(key, number);
	return !store_get(txn, st->youth_back, bytes_of(key, sizeof key), &known) ||
	       bytes_equal(known, bytes_str(youth_key));
}

/* ---- erasure ---- */

struct youth_key {
	uint8_t b[ID_MAX + 1 + 8];
	size_t len;
};

static struct youth_key
youth_case_key(const char *case_id, uint64_t number)
{
	struct youth_key key = {.len = strlen(case_id) + 1};

	ASSERT(key.len <= ID_MAX + 1);
	memcpy(key.b, case_id, key.len);
	put_u64(key.b + key.len, number);
	key.len += 8;
	return key;
}

void
intake_youth_case(const struct intake_state *st, struct store_txn *txn, const char *case_id, uint64_t number)
{
	const struct youth_key key = youth_case_key(case_id, number);

	if (number != 0)
		store_put(txn, st->youth_case, bytes_of(key.b, key.len), bytes_of(NULL, 0));
}

static void
forget(const struct intake_state *st, struct store_txn *txn, const struct youth_key *key)
{
	const struct bytes number = bytes_of(key->b + key->len - 8, 8);
	struct bytes youth_key;

	if (store_get(txn, st->youth_back, number, &youth_key)) {
		(void)store_delete(txn, st->youth, youth_key);
		(void)store_delete(txn, st->youth_back, number);
	}
	(void)store_delete(txn, st->youth_case, bytes_of(key->b, key->len));
}

/* The numbers of a case, some at a time: a walk does not go on over what is deleted. */
static unsigned
numbers_of(const struct intake_state *st, struct store_txn *txn, const char *case_id, struct youth_key *keys)
{
	const struct youth_key first = youth_case_key(case_id, 0);
	struct store_walk walk;
	struct bytes key;
	unsigned count = 0;

	store_walk_begin(&walk, txn, st->youth_case, bytes_of(first.b, first.len));
	while (count < NUMBERS_MAX && store_walk_next(&walk, &key, NULL)) {
		if (key.len != first.len || memcmp(key.data, first.b, first.len - 8) != 0)
			break;
		memcpy(keys[count].b, key.data, key.len);
		keys[count++].len = key.len;
	}
	store_walk_end(&walk);
	return count;
}

void
intake_erase(const struct intake_state *st, struct store_txn *txn, const struct intake_erasure *e)
{
	struct youth_key keys[NUMBERS_MAX];
	uint8_t key[8], row[ERASED_FIXED + ID_MAX];
	const size_t id_len = strlen(e->case_id.s);
	struct bytes value;
	unsigned count;

	if (!store_get(txn, st->cases, bytes_str(e->case_id.s), &value))
		return;
	ASSERT(value.len == CASE_BYTES);
	uint8_t *known = (uint8_t *)(uintptr_t)value.data; /* a copy */
	put_u64(known + 8, e->seq);
	store_put(txn, st->cases, bytes_str(e->case_id.s), value);
	do {
		count = numbers_of(st, txn, e->case_id.s, keys);
		for (unsigned i = 0; i < count; i++)
			forget(st, txn, &keys[i]);
	} while (count > 0 && !store_failed(txn));
	put_u64(key, e->seq);
	put_u64(row, (uint64_t)e->at_ms);
	row[8] = (uint8_t)e->ground;
	memcpy(row + ERASED_FIXED, e->case_id.s, id_len);
	store_put(txn, st->erased, bytes_of(key, sizeof key), bytes_of(row, ERASED_FIXED + id_len));
}

bool
intake_erased_next(const struct intake_state *st, struct store_txn *txn, uint64_t after, struct intake_erasure *e)
{
	struct store_walk walk;
	struct bytes key, value;
	uint8_t from[8];

	put_u64(from, after + 1);
	store_walk_begin(&walk, txn, st->erased, bytes_of(from, sizeof from));
	const bool found = store_walk_next(&walk, &key, &value);
	if (found) {
		ASSERT(key.len == 8 && value.len > ERASED_FIXED && value.len <= ERASED_FIXED + ID_MAX);
		*e = (struct intake_erasure){
		    .seq = get_u64(key.data), .at_ms = (int64_t)get_u64(value.data), .ground = value.data[8]};
		memcpy(e->case_id.s, value.data + ERASED_FIXED, value.len - ERASED_FIXED);
	}
	store_walk_end(&walk);
	return found;
}

uint64_t
intake_listed(const struct intake_state *st, struct store_txn *txn)
{
	return number_get(txn, st->marks, "listed");
}

void
intake_listed_put(const struct intake_state *st, struct store_txn *txn, uint64_t seq)
{
	number_put(txn, st->marks, "listed", seq);
}

/* ---- adoptions ---- */

struct mark {
	char name[8 + CODE_MAX + 1];
};

static struct mark
adoption_mark(const char *what)
{
	struct mark mark = {"adopted"};
	const size_t len = strlen(what);

	ASSERT(len <= CODE_MAX);
	mark.name[7] = '/';
	memcpy(mark.name + 8, what, len);
	return mark;
}

cal_day
intake_first_adopted(const struct intake_state *st, struct store_txn *txn, const char *what)
{
	const uint64_t day = number_get(txn, st->marks, adoption_mark(what).name);

	return day == 0 ? CAL_NONE : day_unshifted((uint32_t)day);
}

void
intake_adopted_mark(const struct intake_state *st, struct store_txn *txn, const char *what, cal_day today)
{
	if (intake_first_adopted(st, txn, what) == CAL_NONE)
		number_put(txn, st->marks, adoption_mark(what).name, day_shifted(today));
}
