// SPDX-License-Identifier: EUPL-1.2
#include "services/routing/routing_state.h"

#define KEY_MAX (CODE_MAX + 4 + ID_MAX + 1 + 1 + ID_MAX)

static const char top100_key[] = "top100";

struct key {
	size_t len;
	uint8_t b[KEY_MAX];
};

static struct bytes
key_bytes(const struct key *key)
{
	return bytes_of(key->b, key->len);
}

static void
key_text(struct key *key, const char *s)
{
	const size_t len = strlen(s);

	ASSERT(len <= ID_MAX && key->len + len < KEY_MAX + 1);
	memcpy(key->b + key->len, s, len);
	key->len += len;
}

static void
key_byte(struct key *key, uint8_t byte)
{
	ASSERT(key->len < KEY_MAX);
	key->b[key->len++] = byte;
}

/* Days before 1970 do not occur in what is due: calendars begin in 1996. */
static struct key
due_key(cal_day day, struct id case_id, const struct case_deadline *d)
{
	struct key key = {.len = 4};

	put_u32(key.b, day < 0 ? 0 : (uint32_t)day);
	key_text(&key, case_id.s);
	key_byte(&key, 0);
	key_byte(&key, d->kind);
	key_text(&key, d->reference.s);
	return key;
}

static struct key
ends_key(struct code organisation, const char *case_id)
{
	struct key key = {.len = 0};

	key_text(&key, organisation.s);
	key_byte(&key, 0);
	key_text(&key, case_id);
	return key;
}

/* A team meeting lies after 1970, as all that is due; an earlier day stands as that one. */
static struct key
agenda_key(struct code team, cal_day day, const char *case_id)
{
	struct key key = ends_key(team, "");

	put_u32(key.b + key.len, day < 0 ? 0 : (uint32_t)day);
	key.len += 4;
	key_text(&key, case_id);
	return key;
}

static struct key
youth_key(uint64_t youth)
{
	struct key key = {.len = 8};

	put_u64(key.b, youth);
	return key;
}

void
routing_state_open(struct routing_state *s, struct store_txn *txn)
{
	s->cases = store_db_open(txn, "cases");
	s->alias = store_db_open(txn, "alias");
	s->youth = store_db_open(txn, "youth");
	s->due = store_db_open(txn, "due");
	s->warn = store_db_open(txn, "warn");
	s->ends = store_db_open(txn, "ends");
	s->counts = store_db_open(txn, "counts");
	s->agenda = store_db_open(txn, "agenda");
}

bool
routing_load(struct routing_state *s, struct store_txn *txn, const char *id, struct case_file *file)
{
	struct bytes value;

	if (id[0] == '\0' || strlen(id) > ID_MAX)
		return false;
	if (!store_get(txn, s->cases, bytes_str(id), &value)) {
		if (!store_get(txn, s->alias, bytes_str(id), &value))
			return false;
		if (!store_get(txn, s->cases, value, &value))
			return false;
	}
	if (!case_unpack(file, value))
		fatal("routing: the file of a case cannot be read: rebuild this service from its upstream");
	return true;
}

/* ---- indexes in step ---- */

static bool
same_entry(const struct case_deadline *a, const struct case_deadline *b, bool warn)
{
	if (a->kind != b->kind || strcmp(a->reference.s, b->reference.s) != 0)
		return false;
	return warn ? a->warn_on == b->warn_on : case_deadline_missed_on(a) == case_deadline_missed_on(b);
}

static bool
has_entry(const struct case_file *file, const struct case_deadline *d, bool warn)
{
	for (unsigned i = 0; i < file->deadline_count; i++) {
		if (same_entry(&file->deadlines[i], d, warn))
			return true;
	}
	return false;
}

/* What `file` has in the index and `other` has not: taken out, or put in. */
static void
index_difference(struct routing_state *s, struct store_txn *txn, const struct case_file *file,
		 const struct case_file *other, bool warn, bool put)
{
	const struct store_db db = warn ? s->warn : s->due;

	for (unsigned i = 0; i < file->deadline_count; i++) {
		const struct case_deadline *d = &file->deadlines[i];

		if ((warn && d->warn_on == CAL_NONE) || has_entry(other, d, warn))
			continue;
		const struct key key = due_key(warn ? d->warn_on : case_deadline_missed_on(d), file->id, d);

		if (put)
			store_put(txn, db, key_bytes(&key), bytes_of(NULL, 0));
		else
			store_delete(txn, db, key_bytes(&key));
	}
}

static void
keep_ends(struct routing_state *s, struct store_txn *txn, const struct case_file *file, const struct case_file *other,
	  bool put)
{
	const struct code_set *const sets[] = {&file->supporters, &file->offered};

	for (unsigned n = 0; n < 2; n++) {
		for (unsigned i = 0; i < sets[n]->count; i++) {
			const struct code organisation = sets[n]->of[i];
			const struct key key = ends_key(organisation, file->id.s);

			if (code_set_has(&other->supporters, organisation) ||
			    code_set_has(&other->offered, organisation))
				continue;
			if (put)
				store_put(txn, s->ends, key_bytes(&key), bytes_of(NULL, 0));
			else
				store_delete(txn, s->ends, key_bytes(&key));
		}
	}
}

/* A case stands on the agenda of its team from the day that its meeting gets a date until it is held, moved or dropped. */
static bool
on_agenda(const struct case_file *file)
{
	return case_is_open(file) && file->meeting_on != CAL_NONE && !code_is_empty(file->team);
}

static void
keep_agenda(struct routing_state *s, struct store_txn *txn, const struct case_file *before,
	    const struct case_file *after)
{
	if (on_agenda(before) && on_agenda(after) && before->meeting_on == after->meeting_on &&
	    code_equal(before->team, after->team))
		return;
	if (on_agenda(before)) {
		const struct key key = agenda_key(before->team, before->meeting_on, before->id.s);

		store_delete(txn, s->agenda, key_bytes(&key));
	}
	if (on_agenda(after)) {
		const struct key key = agenda_key(after->team, after->meeting_on, after->id.s);

		store_put(txn, s->agenda, key_bytes(&key), bytes_of(NULL, 0));
	}
}

static void
keep_youth(struct routing_state *s, struct store_txn *txn, const struct case_file *before,
	   const struct case_file *after)
{
	const struct key key = youth_key(after->youth);
	struct id held;

	if (after->youth == 0 || case_is_open(before) == case_is_open(after))
		return;
	const bool taken = routing_youth_case(s, txn, after->youth, &held);

	if (case_is_open(after)) {
		/* A case opened again does not push aside the one that the youth has had since. */
		if (!taken)
			store_put(txn, s->youth, key_bytes(&key), bytes_str(after->id.s));
	} else if (taken && strcmp(held.s, after->id.s) == 0) {
		store_delete(txn, s->youth, key_bytes(&key));
	}
}

static void
keep_top100(struct routing_state *s, struct store_txn *txn, const struct case_file *before,
	    const struct case_file *after)
{
	const bool was = before->in_top100 && case_is_open(before);
	const bool is = after->in_top100 && case_is_open(after);
	uint8_t value[8];

	if (was == is)
		return;
	put_u64(value, routing_top100(s, txn) + (is ? 1 : UINT64_MAX));
	store_put(txn, s->counts, bytes_str(top100_key), bytes_of(value, sizeof value));
}

void
routing_keep(struct routing_state *s, struct store_txn *txn, const struct case_file *before, struct case_file *after)
{
	for (unsigned warn = 0; warn < 2; warn++) {
		index_difference(s, txn, before, after, warn != 0, false);
		index_difference(s, txn, after, before, warn != 0, true);
	}
	keep_ends(s, txn, before, after, false);
	keep_ends(s, txn, after, before, true);
	keep_agenda(s, txn, before, after);
	keep_youth(s, txn, before, after);
	keep_top100(s, txn, before, after);
	const size_t len = case_pack(after, s->bytes);

	store_put(txn, s->cases, bytes_str(after->id.s), bytes_of(s->bytes, len));
}

/* ---- small databases ---- */

void
routing_alias(struct routing_state *s, struct store_txn *txn, const char *fresh, struct id case_id)
{
	store_put(txn, s->alias, bytes_str(fresh), bytes_str(case_id.s));
}

bool
routing_youth_case(struct routing_state *s, struct store_txn *txn, uint64_t youth, struct id *case_id)
{
	const struct key key = youth_key(youth);
	struct bytes value;

	if (youth == 0 || !store_get(txn, s->youth, key_bytes(&key), &value) || value.len > ID_MAX)
		return false;
	*case_id = (struct id){""};
	memcpy(case_id->s, value.data, value.len);
	return true;
}

uint64_t
routing_top100(struct routing_state *s, struct store_txn *txn)
{
	struct bytes value;

	if (!store_get(txn, s->counts, bytes_str(top100_key), &value) || value.len != 8)
		return 0;
	return get_u64(value.data);
}

/* ---- reading the indexes ---- */

static bool
first_from(struct store_txn *txn, struct store_db db, struct bytes from, struct bytes *key)
{
	struct store_walk walk;
	struct bytes value;

	store_walk_begin(&walk, txn, db, from);
	const bool found = store_walk_next(&walk, key, &value);

	store_walk_end(&walk);
	return found;
}

/* The text up to a NUL or the end of the key, from *at on; *at moves behind it. */
static bool
key_part(struct bytes key, size_t *at, char *out, size_t max)
{
	size_t len = 0;

	while (*at + len < key.len && key.data[*at + len] != 0)
		len++;
	if (len > max)
		return false;
	memcpy(out, key.data + *at, len);
	out[len] = '\0';
	*at += len + 1;
	return true;
}

bool
routing_due_first(struct store_txn *txn, struct store_db db, cal_day day, struct due_entry *entry)
{
	struct bytes key;
	size_t at = 4;

	if (!first_from(txn, db, bytes_of(NULL, 0), &key) || key.len < 7 || get_u32(key.data) > (uint32_t)day)
		return false;
	if (!key_part(key, &at, entry->case_id.s, ID_MAX) || at >= key.len)
		return false;
	entry->kind = key.data[at++];
	return key_part(key, &at, entry->reference.s, ID_MAX);
}

bool
routing_ends_next(struct routing_state *s, struct store_txn *txn, struct code after, struct code *organisation)
{
	struct key from = {.len = 0};
	struct bytes key;
	size_t at = 0;

	/* Behind all cases of `after`: the NUL that ends it is followed by nothing greater than itself. */
	key_text(&from, after.s);
	if (from.len != 0)
		key_byte(&from, 1);
	return first_from(txn, s->ends, key_bytes(&from), &key) && key_part(key, &at, organisation->s, CODE_MAX);
}

bool
routing_ends_case(struct routing_state *s, struct store_txn *txn, struct code organisation, struct id *case_id)
{
	const struct key from = ends_key(organisation, "");
	struct bytes key;
	size_t at = from.len;

	return first_from(txn, s->ends, key_bytes(&from), &key) && bytes_begin_with(key, key_bytes(&from)) &&
	       key_part(key, &at, case_id->s, ID_MAX);
}

unsigned
routing_agenda_count(struct routing_state *s, struct store_txn *txn, struct code team, cal_day day, const char *case_id,
		     unsigned most)
{
	const struct key from = agenda_key(team, day, "");
	struct bytes key, value;
	struct store_walk walk;
	unsigned count = 0;

	store_walk_begin(&walk, txn, s->agenda, key_bytes(&from));
	while (count < most && store_walk_next(&walk, &key, &value) && bytes_begin_with(key, key_bytes(&from))) {
		struct id other;
		size_t at = from.len;

		if (key_part(key, &at, other.s, ID_MAX) && strcmp(other.s, case_id) != 0)
			count++;
	}
	store_walk_end(&walk);
	return count;
}
