// SPDX-License-Identifier: EUPL-1.2
/* signalling_open.c - the open signals, and when the silence about one of them is told. */
#include "common/fields.h"
#include "common/order.h"
#include "services/signalling/signalling_query.h"

#define KEY_MAX   SIGNALLING_OPEN_KEY_MAX
#define VALUE_MAX ((SIGNALLING_TOLD_MAX + 4) * (CODE_MAX + 1) + 32)

_Static_assert(KEY_MAX + 4 <= STORE_KEY_MAX, "keys fit the store");

static struct bytes
open_prefix(uint8_t buffer[KEY_MAX], int subject, const char *subject_id)
{
	struct fields_out w = {buffer, 0, KEY_MAX};

	out_u8(&w, (unsigned)subject);
	if (subject_id != NULL) {
		out_bytes(&w, bytes_str(subject_id));
		out_u8(&w, 0);
	}
	return out_done(&w);
}

static struct bytes
open_key(uint8_t buffer[KEY_MAX], const struct signal_key *key)
{
	const struct bytes prefix = open_prefix(buffer, key->subject, key->subject_id);
	struct fields_out w = {buffer, prefix.len, KEY_MAX};

	out_u8(&w, (unsigned)key->code);
	out_u8(&w, (unsigned)key->deadline_kind);
	out_day(&w, key->due);
	out_bytes(&w, bytes_str(key->reference));
	return out_done(&w);
}

static struct signal_told
told_read(struct arena *a, struct fields_in *v)
{
	struct signal_told told = {.to = in_u64(v)};
	const unsigned count = in_u8(v);
	const char **organisations = ARENA_ARRAY(a, const char *, count + 1u);

	while (told.count < count) {
		const struct code code = in_code(v);

		organisations[told.count++] = arena_str(a, bytes_str(code.s));
	}
	told.organisations = organisations;
	return told;
}

/* Key and value are in the arena already. */
static struct signal_entry
entry_read(struct arena *a, struct bytes key, struct bytes value)
{
	struct fields_in k = {key};
	struct signal_entry entry = {.raw_key = key, .raw_value = value};

	entry.key.subject = in_u8(&k);
	entry.key.subject_id = (const char *)k.left.data; /* a 0 ends it in the key, too */
	in_take(&k, strlen(entry.key.subject_id) + 1);
	entry.key.code = in_u8(&k);
	entry.key.deadline_kind = in_u8(&k);
	entry.key.due = in_day(&k);
	entry.key.reference = k.left.len == 0 ? "" : in_text(&k, a);
	return entry;
}

struct signal_open
signalling_open_of(struct arena *a, const struct signal_entry *entry)
{
	struct fields_in v = {entry->raw_value};
	struct signal_open open = {.key = entry->key, .raw_key = entry->raw_key, .raw_value = entry->raw_value};

	open.stage = in_u8(&v);
	open.raised_on = in_day(&v);
	open.region = in_code(&v);
	open.centre = in_code(&v);
	open.evidence = in_day(&v);
	open.threshold = in_day(&v);
	open.unit = in_code(&v);
	open.unheard_on = in_day(&v);
	open.follow_up = in_u8(&v);
	open.heard_by = in_code(&v);
	open.told = told_read(a, &v);
	return open;
}

static struct signal_open
open_read(struct arena *a, struct bytes key, struct bytes value)
{
	const struct signal_entry entry = entry_read(a, key, value);

	return signalling_open_of(a, &entry);
}

/* ---- the case looked at last ---- */

/* NULL when it is another. */
static struct signal_memo *
memo_of(const struct signalling_db *db, struct store_txn *txn, int subject, const char *subject_id)
{
	struct signal_memo *memo = db->memo;

	return subject == SIGNAL_SUBJECT_CASE && memo->opens_batch == store_txn_number(txn) &&
		       strcmp(memo->opens_of.s, subject_id) == 0
		   ? memo
		   : NULL;
}

/* The first that does not stand before the key. */
static unsigned
place_of(const struct signal_memo *memo, struct bytes raw_key)
{
	unsigned i = 0;

	while (i < memo->opens_count && bytes_compare(memo->opens[i].raw_key, raw_key) < 0)
		i++;
	return i;
}

static const struct signal_entry *
memo_get(const struct signal_memo *memo, struct bytes raw_key)
{
	const unsigned i = place_of(memo, raw_key);

	return i < memo->opens_count && bytes_equal(memo->opens[i].raw_key, raw_key) ? &memo->opens[i] : NULL;
}

static uint64_t
codes_of(const struct signal_entry *list, unsigned count)
{
	uint64_t codes = 0;

	for (unsigned i = 0; i < count; i++)
		codes |= (uint64_t)1 << list[i].key.code;
	return codes;
}

/* Instead of the one with this key comes `entry`; NULL: nothing. */
static void
memo_change(struct signal_memo *memo, struct arena *a, struct bytes raw_key, const struct signal_entry *entry)
{
	const unsigned at = place_of(memo, raw_key);
	const unsigned behind = at + (memo_get(memo, raw_key) != NULL ? 1 : 0);
	struct signal_entry *list = ARENA_ARRAY(a, struct signal_entry, memo->opens_count + 1u);
	unsigned count = 0;

	for (unsigned i = 0; i < at; i++)
		list[count++] = memo->opens[i];
	if (entry != NULL)
		list[count++] = *entry;
	for (unsigned i = behind; i < memo->opens_count; i++)
		list[count++] = memo->opens[i];
	memo->opens = list;
	memo->opens_count = count;
	memo->opens_codes = codes_of(list, count);
}

/* ---- one signal ---- */

/* How it is kept; nothing when it is not open. */
static struct bytes
kept(const struct signalling_db *db, struct store_txn *txn, const struct signal_key *key, struct bytes raw_key)
{
	const struct signal_memo *memo = memo_of(db, txn, key->subject, key->subject_id);
	const struct signal_entry *entry = memo == NULL ? NULL : memo_get(memo, raw_key);
	struct bytes value;

	if (memo != NULL)
		return entry == NULL ? bytes_of(NULL, 0) : entry->raw_value;
	return store_get(txn, db->open, raw_key, &value) ? value : bytes_of(NULL, 0);
}

int
signalling_open_get(const struct signalling_db *db, struct store_txn *txn, const struct signal_key *key,
		    struct signal_open *open)
{
	uint8_t buffer[KEY_MAX];
	struct arena *a = store_arena(txn);
	const struct bytes raw = open_key(buffer, key);
	const struct bytes value = kept(db, txn, key, raw);

	if (value.len == 0)
		return 0;
	*open = open_read(a, arena_copy(a, raw), value);
	return open->stage;
}

bool
signalling_is_open(const struct signalling_db *db, struct store_txn *txn, const struct signal_key *key)
{
	uint8_t buffer[KEY_MAX];

	return kept(db, txn, key, open_key(buffer, key)).len > 0;
}

bool
signalling_open_at(const struct signalling_db *db, struct store_txn *txn, struct bytes raw_key,
		   struct signal_open *open)
{
	struct bytes value;

	if (!store_get(txn, db->open, raw_key, &value))
		return false;
	*open = open_read(store_arena(txn), raw_key, value);
	return true;
}

/* ---- changing ---- */

static void
touch(const struct signalling_db *db, struct store_txn *txn, struct bytes raw_key, struct bytes before)
{
	struct signal_memo *memo = db->memo;

	memo->sources_batch = raw_key.data[0] == SIGNAL_SUBJECT_SOURCE ? 0 : memo->sources_batch;
	if (memo->touched_batch != store_txn_number(txn)) {
		memo->touched_batch = store_txn_number(txn);
		memo->touched_count = memo->touched_room = 0;
	}
	memo->touched = arena_grown(store_arena(txn), memo->touched, memo->touched_count, &memo->touched_room,
				    sizeof *memo->touched);
	memo->touched[memo->touched_count++] = (struct signal_touched){raw_key, before};
}

static struct bytes
open_value(uint8_t buffer[VALUE_MAX], const struct signal_open *open)
{
	struct fields_out w = {buffer, 0, VALUE_MAX};

	out_u8(&w, (unsigned)open->stage);
	out_day(&w, open->raised_on);
	out_code(&w, open->region);
	out_code(&w, open->centre);
	out_day(&w, open->evidence);
	out_day(&w, open->threshold);
	out_code(&w, open->unit);
	out_day(&w, open->unheard_on);
	out_u8(&w, (unsigned)open->follow_up);
	out_code(&w, open->heard_by);
	out_u64(&w, open->told.to);
	out_u8(&w, open->told.count);
	for (unsigned i = 0; i < open->told.count; i++)
		out_code(&w, code_of(open->told.organisations[i]));
	return out_done(&w);
}

void
signalling_open_put(const struct signalling_db *db, struct store_txn *txn, const struct signal_open *open)
{
	uint8_t key[KEY_MAX], value[VALUE_MAX];
	struct arena *a = store_arena(txn);
	struct signal_memo *memo = memo_of(db, txn, open->key.subject, open->key.subject_id);
	const struct bytes raw_key = arena_copy(a, open_key(key, &open->key));
	const struct bytes raw_value = arena_copy(a, open_value(value, open));

	touch(db, txn, raw_key, kept(db, txn, &open->key, raw_key));
	store_put(txn, db->open, raw_key, raw_value);
	if (memo != NULL) {
		const struct signal_entry now = entry_read(a, raw_key, raw_value);

		memo_change(memo, a, raw_key, &now);
	}
}

void
signalling_open_delete(const struct signalling_db *db, struct store_txn *txn, const struct signal_open *open)
{
	struct signal_memo *memo = memo_of(db, txn, open->key.subject, open->key.subject_id);
	const struct bytes before = kept(db, txn, &open->key, open->raw_key);

	if (before.len == 0)
		return;
	touch(db, txn, open->raw_key, before);
	store_delete(txn, db->open, open->raw_key);
	if (memo != NULL)
		memo_change(memo, store_arena(txn), open->raw_key, NULL);
}

static int
order_of_touched(const void *a, const void *b)
{
	return bytes_compare(((const struct signal_touched *)a)->raw_key, ((const struct signal_touched *)b)->raw_key);
}

void
signalling_open_settle(const struct signalling_db *db, struct store_txn *txn)
{
	struct signal_memo *memo = db->memo;
	struct arena *a = store_arena(txn);
	const unsigned count = memo->touched_batch == store_txn_number(txn) ? memo->touched_count : 0;
	const void **list = ARENA_ARRAY(a, const void *, count + 1u);

	for (unsigned i = 0; i < count; i++)
		list[i] = &memo->touched[i];
	order_stable(a, list, count, order_of_touched);
	for (unsigned i = 0; i < count; i++) {
		const struct signal_touched *first = list[i];
		struct signal_open before, after;
		const bool is = signalling_open_at(db, txn, first->raw_key, &after);

		/* Of several changes the first knows how it was at the end of the batch before. */
		while (i + 1 < count && order_of_touched(list[i + 1], first) == 0)
			i++;
		if (first->before.len > 0)
			before = open_read(a, first->raw_key, first->before);
		signalling_lists_follow(db, txn, first->raw_key, first->before.len > 0 ? &before : NULL,
					is ? &after : NULL);
	}
	memo->touched_batch = 0;
}

/* ---- several ---- */

static const struct signal_entry *
read_list(const struct signalling_db *db, struct store_txn *txn, struct bytes prefix, unsigned *count)
{
	struct bytes key, value;
	struct store_walk walk;
	struct arena *a = store_arena(txn);
	struct signal_entry *list = NULL;
	unsigned room = 0;

	*count = 0;
	store_walk_begin(&walk, txn, db->open, prefix);
	while (store_walk_next(&walk, &key, &value) && bytes_begin_with(key, prefix)) {
		list = arena_grown(a, list, *count, &room, sizeof *list);
		list[(*count)++] = entry_read(a, key, value);
	}
	store_walk_end(&walk);
	return list;
}

static const struct signal_memo *
case_opens(const struct signalling_db *db, struct store_txn *txn, const char *case_id)
{
	uint8_t buffer[KEY_MAX];
	struct signal_memo *memo = memo_of(db, txn, SIGNAL_SUBJECT_CASE, case_id);

	if (memo != NULL)
		return memo;
	memo = db->memo;
	memo->opens_of = id_of(case_id);
	memo->opens_batch = store_txn_number(txn);
	memo->opens = read_list(db, txn, open_prefix(buffer, SIGNAL_SUBJECT_CASE, case_id), &memo->opens_count);
	memo->opens_codes = codes_of(memo->opens, memo->opens_count);
	return memo;
}

uint64_t
signalling_open_codes(const struct signalling_db *db, struct store_txn *txn, const char *case_id)
{
	return case_opens(db, txn, case_id)->opens_codes;
}

unsigned
signalling_open_sources(const struct signalling_db *db, struct store_txn *txn)
{
	struct signal_memo *memo = db->memo;

	if (memo->sources_batch != store_txn_number(txn))
		signalling_open_list(db, txn, SIGNAL_SUBJECT_SOURCE, NULL, 0, &memo->sources_count);
	memo->sources_batch = store_txn_number(txn);
	return memo->sources_count;
}

const struct signal_entry *
signalling_open_list(const struct signalling_db *db, struct store_txn *txn, int subject, const char *subject_id,
		     int code, unsigned *count)
{
	uint8_t buffer[KEY_MAX];
	struct bytes prefix;
	unsigned first = 0;

	if (subject != SIGNAL_SUBJECT_CASE || subject_id == NULL) {
		prefix = open_prefix(buffer, subject, subject_id);
		if (code != 0) {
			struct fields_out w = {buffer, prefix.len, KEY_MAX};
			out_u8(&w, (unsigned)code);
			prefix = out_done(&w);
		}
		return read_list(db, txn, prefix, count);
	}
	const struct signal_memo *memo = case_opens(db, txn, subject_id);

	*count = memo->opens_count;
	if (code == 0 || memo->opens_count == 0)
		return memo->opens;
	*count = 0;
	if ((memo->opens_codes >> code & 1) == 0)
		return memo->opens;
	/* Those of one code stand together. */
	while (first < memo->opens_count && memo->opens[first].key.code != code)
		first++;
	for (*count = 0; first + *count < memo->opens_count && memo->opens[first + *count].key.code == code; ++*count)
		;
	return memo->opens + first;
}

/* ---- silence ---- */

void
signalling_unheard_put(const struct signalling_db *db, struct store_txn *txn, const struct signal_open *open)
{
	static const uint8_t here = 1;
	uint8_t buffer[KEY_MAX + 4], key[KEY_MAX];
	struct fields_out w = {buffer, 0, sizeof buffer};

	out_day(&w, open->unheard_on);
	out_bytes(&w, open_key(key, &open->key));
	store_put(txn, db->unheard, out_done(&w), bytes_of(&here, 1));
}

const struct unheard_entry *
signalling_unheard_take(const struct signalling_db *db, struct store_txn *txn, cal_day day, unsigned *count)
{
	struct bytes key, value;
	struct store_walk walk;
	struct arena *a = store_arena(txn);
	struct unheard_entry *list = NULL;
	unsigned room = 0;

	*count = 0;
	store_walk_begin(&walk, txn, db->unheard, bytes_of(NULL, 0));
	while (store_walk_next(&walk, &key, &value)) {
		struct fields_in r = {key};
		struct unheard_entry entry = {.day = in_day(&r)};

		if (entry.day > day)
			break;
		entry.raw_key = r.left;
		list = arena_grown(a, list, *count, &room, sizeof *list);
		list[(*count)++] = entry;
	}
	store_walk_end(&walk);
	for (unsigned i = 0; i < *count; i++)
		store_delete(txn, db->unheard, bytes_of(list[i].raw_key.data - 4, list[i].raw_key.len + 4));
	return list;
}

bool
signalling_unheard_get(const struct signalling_db *db, struct store_txn *txn, const struct unheard_entry *entry,
		       struct signal_open *open)
{
	return signalling_open_at(db, txn, entry->raw_key, open) && open->unheard_on == entry->day;
}
