// SPDX-License-Identifier: EUPL-1.2
/* signalling_open.c - the open signals, and when the silence about one of them is told. */
#include "common/fields.h"
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

static struct signal_open
open_read(struct arena *a, struct bytes key, struct bytes value)
{
	struct fields_in k = {key};
	struct fields_in v = {value};
	struct signal_open open = {.raw_key = key};

	open.key.subject = in_u8(&k);
	open.key.subject_id = in_text(&k, a);
	open.key.code = in_u8(&k);
	open.key.deadline_kind = in_u8(&k);
	open.key.due = in_day(&k);
	open.key.reference = in_text(&k, a);
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

int
signalling_open_get(const struct signalling_db *db, struct store_txn *txn, const struct signal_key *key,
		    struct signal_open *open)
{
	uint8_t buffer[KEY_MAX];
	struct bytes value;
	struct arena *a = store_arena(txn);
	const struct bytes raw = open_key(buffer, key);

	if (!store_get(txn, db->open, raw, &value))
		return 0;
	*open = open_read(a, arena_copy(a, raw), value);
	return open->stage;
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

void
signalling_open_put(const struct signalling_db *db, struct store_txn *txn, const struct signal_open *open)
{
	uint8_t key[KEY_MAX];
	uint8_t value[VALUE_MAX];
	struct signal_open before;
	const struct bytes raw = open_key(key, &open->key);
	const bool was = signalling_open_at(db, txn, raw, &before);
	struct fields_out w = {value, 0, sizeof value};

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
	signalling_lists_follow(db, txn, raw, was ? &before : NULL, open);
	store_put(txn, db->open, raw, out_done(&w));
}

void
signalling_open_delete(const struct signalling_db *db, struct store_txn *txn, const struct signal_open *open)
{
	struct signal_open before;

	if (!signalling_open_at(db, txn, open->raw_key, &before))
		return;
	signalling_lists_follow(db, txn, open->raw_key, &before, NULL);
	store_delete(txn, db->open, open->raw_key);
}

const struct signal_open *
signalling_open_list(const struct signalling_db *db, struct store_txn *txn, int subject, const char *subject_id,
		     int code, unsigned *count)
{
	uint8_t buffer[KEY_MAX];
	struct bytes key, value;
	struct store_walk walk;
	struct arena *a = store_arena(txn);
	struct signal_open *list = NULL;
	unsigned room = 0;
	struct bytes prefix = open_prefix(buffer, subject, subject_id);

	if (code != 0) {
		struct fields_out w = {buffer, prefix.len, KEY_MAX};
		out_u8(&w, (unsigned)code);
		prefix = out_done(&w);
	}
	*count = 0;
	store_walk_begin(&walk, txn, db->open, prefix);
	while (store_walk_next(&walk, &key, &value) && bytes_begin_with(key, prefix)) {
		list = arena_grown(a, list, *count, &room, sizeof *list);
		list[(*count)++] = open_read(a, key, value);
	}
	store_walk_end(&walk);
	return list;
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
