// SPDX-License-Identifier: EUPL-1.2
#include "services/signalling/signalling_query.h"

#include "common/digest.h"
#include "common/fields.h"
#include "services/signalling/signalling_decide.h"

#define LIST_KEY_MAX (1 + 1 + CODE_MAX + SIGNALLING_OPEN_KEY_MAX)
#define LISTS_MAX    (SIGNALLING_TOLD_MAX + 64 + 2) /* that a signal stands in */
#define MARK_LEN     8                              /* hexadecimal digits of a question in its tokens */

_Static_assert(LIST_KEY_MAX <= STORE_KEY_MAX, "keys fit the store");

/* ---- lists ---- */

enum list { LIST_ORGANISATION = 1, LIST_ADDRESSEE, LIST_REGION, LIST_CODE };

struct entry {
	enum list list;
	int number;
	const char *code;
};

/* Up to the key of the signal. */
static void
out_entry(struct fields_out *out, const struct entry *e)
{
	out_u8(out, e->list);
	if (e->list == LIST_ADDRESSEE || e->list == LIST_CODE)
		out_u8(out, (unsigned)e->number);
	else
		out_code(out, code_of(e->code));
}

static unsigned
entries_of(const struct signal_open *open, struct entry entries[LISTS_MAX])
{
	unsigned count = 0;

	if (open == NULL)
		return 0;
	for (unsigned i = 0; i < open->told.count; i++)
		entries[count++] = (struct entry){LIST_ORGANISATION, 0, open->told.organisations[i]};
	for (int i = 0; i < 64; i++) {
		if ((open->told.to >> i & 1) != 0)
			entries[count++] = (struct entry){LIST_ADDRESSEE, i, ""};
	}
	if (!code_is_empty(open->region))
		entries[count++] = (struct entry){LIST_REGION, 0, open->region.s};
	entries[count++] = (struct entry){LIST_CODE, open->key.code, ""};
	return count;
}

static bool
holds(const struct entry *entries, unsigned count, const struct entry *e)
{
	for (unsigned i = 0; i < count; i++) {
		if (entries[i].list == e->list && entries[i].number == e->number &&
		    strcmp(entries[i].code, e->code) == 0)
			return true;
	}
	return false;
}

static struct bytes
key_in(uint8_t buffer[LIST_KEY_MAX], const struct entry *e, struct bytes raw_key)
{
	struct fields_out out = {buffer, 0, LIST_KEY_MAX};

	out_entry(&out, e);
	out_bytes(&out, raw_key);
	return out_done(&out);
}

void
signalling_lists_follow(const struct signalling_db *db, struct store_txn *txn, struct bytes raw_key,
			const struct signal_open *before, const struct signal_open *after)
{
	uint8_t key[LIST_KEY_MAX];
	struct entry was[LISTS_MAX], is[LISTS_MAX];
	const unsigned was_count = entries_of(before, was), is_count = entries_of(after, is);

	for (unsigned i = 0; i < was_count; i++) {
		if (!holds(is, is_count, &was[i]))
			store_delete(txn, db->lists, key_in(key, &was[i], raw_key));
	}
	for (unsigned i = 0; i < is_count; i++) {
		if (!holds(was, was_count, &is[i]))
			store_put(txn, db->lists, key_in(key, &is[i], raw_key), bytes_of("", 0));
	}
}

/* ---- the question ---- */

static bool
is_code(const char *name, const char *enum_name, int value, struct why *why)
{
	if (value == 0 || record_code_of(enum_name, value)[0] != '\0')
		return true;
	why_set(why, "%s %d is none of the contract's: look at %s in codes.proto", name, value, enum_name);
	return false;
}

static const char *
mark_of(struct arena *a, const pb_SignalsRequest *asked)
{
	pb_SignalsRequest bare = *asked;
	char *mark = arena_take(a, MARK_LEN + 1);

	bare.after = (char *)(uintptr_t)protobuf_c_empty_string;
	bare.limit = 0;
	const struct digest digest = digest_of(RECORD_PACK(a, &bare));

	bytes_hex(bytes_of(digest.b, MARK_LEN / 2), mark);
	return mark;
}

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The key of the last signal of the page before. */
static bool
read_token(struct arena *a, const char *mark, const char *token, struct bytes *key, struct why *why)
{
	const size_t len = strlen(token);
	bool whole = len > MARK_LEN && len % 2 == 0 && len <= MARK_LEN + 2 * SIGNALLING_OPEN_KEY_MAX &&
		     strncmp(token, mark, MARK_LEN) == 0;
	uint8_t *bytes = arena_take(a, SIGNALLING_OPEN_KEY_MAX);

	*key = bytes_of(bytes, 0);
	for (size_t i = MARK_LEN; whole && i < len; i += 2) {
		whole = digit(token[i]) >= 0 && digit(token[i + 1]) >= 0;
		bytes[key->len++] = (uint8_t)(digit(token[i]) * 16 + digit(token[i + 1]));
	}
	if (whole || len == 0)
		return true;
	why_set(why, "`after` is not the `next` of a page of this question: ask for the first page, with the same "
		     "conditions on every page");
	return false;
}

static bool
is_taken_up(const struct signal_open *open)
{
	return !code_is_empty(open->heard_by) && signalling_takes_up(open->follow_up);
}

static bool
was_told_to(const struct signal_told *told, const char *organisation)
{
	for (unsigned i = 0; i < told->count; i++) {
		if (strcmp(told->organisations[i], organisation) == 0)
			return true;
	}
	return false;
}

static bool
fits(const pb_SignalsRequest *asked, const struct signal_open *open)
{
	if (asked->addressee != 0 && (open->told.to >> asked->addressee & 1) == 0)
		return false;
	if (asked->organisation[0] != '\0' && !was_told_to(&open->told, asked->organisation))
		return false;
	return (asked->code == 0 || open->key.code == (int)asked->code) &&
	       (asked->subject == 0 || open->key.subject == (int)asked->subject) &&
	       (asked->subject_id[0] == '\0' || strcmp(open->key.subject_id, asked->subject_id) == 0) &&
	       (asked->region[0] == '\0' || code_is(open->region, asked->region)) &&
	       !(asked->unacknowledged && is_taken_up(open));
}

static pb_SignalView *
view_of(struct arena *a, const struct signal_open *open)
{
	pb_SignalView *v = ARENA_NEW(a, pb_SignalView);

	pb_SignalView_init(v);
	v->code = (Doorbraak__V1__SignalCode)open->key.code;
	v->subject = (Doorbraak__V1__SignalSubject)open->key.subject;
	v->subject_id = record_text(a, open->key.subject_id);
	v->deadline_kind = (Doorbraak__V1__DeadlineKind)open->key.deadline_kind;
	v->reference = record_text(a, open->key.reference);
	v->due = record_date(a, open->key.due);
	v->stage = open->stage;
	v->raised_on = record_date(a, open->raised_on);
	v->region = record_text(a, open->region.s);
	v->centre = record_text(a, open->centre.s);
	v->to = ARENA_ARRAY(a, Doorbraak__V1__Addressee, 64);
	for (int i = 0; i < 64; i++) {
		if ((open->told.to >> i & 1) != 0)
			v->to[v->n_to++] = (Doorbraak__V1__Addressee)i;
	}
	v->organisations = ARENA_ARRAY(a, char *, open->told.count + 1u);
	for (unsigned i = 0; i < open->told.count; i++)
		v->organisations[v->n_organisations++] = record_text(a, open->told.organisations[i]);
	v->evidence = open->evidence;
	v->threshold = open->threshold;
	v->unit = record_text(a, open->unit.s);
	v->acknowledged_by = record_text(a, open->heard_by.s);
	v->follow_up = (Doorbraak__V1__FollowUpCode)open->follow_up;
	return v;
}

/* The database to walk, and what its keys begin with: the signals of a subject, else the list of the first condition. */
static struct store_db
way_of(const struct signalling_db *db, const pb_SignalsRequest *asked, struct fields_out *prefix)
{
	struct entry e = {LIST_ORGANISATION, 0, asked->organisation};

	if (asked->organisation[0] == '\0')
		e = asked->region[0] != '\0' ? (struct entry){LIST_REGION, 0, asked->region}
		    : asked->addressee != 0  ? (struct entry){LIST_ADDRESSEE, (int)asked->addressee, ""}
					     : (struct entry){LIST_CODE, (int)asked->code, ""};
	if (asked->subject_id[0] != '\0' || (e.list == LIST_CODE && asked->code == 0)) {
		if (asked->subject != 0)
			out_u8(prefix, (unsigned)asked->subject);
		out_bytes(prefix, bytes_str(asked->subject_id));
		if (asked->subject_id[0] != '\0')
			out_u8(prefix, 0);
		return db->open;
	}
	out_entry(prefix, &e);
	return db->lists;
}

/* A code has one line of the counts; those of a page are few. */
static void
count_one(struct arena *a, int code, pb_SignalsReply *reply)
{
	size_t at = 0;

	while (at < reply->n_counts && (int)reply->counts[at]->code < code)
		at++;
	if (at == reply->n_counts || (int)reply->counts[at]->code != code) {
		pb_SignalCount *one = ARENA_NEW(a, pb_SignalCount);
		pb_SignalCount **longer = ARENA_ARRAY(a, pb_SignalCount *, reply->n_counts + 1);

		pb_SignalCount_init(one);
		one->code = (Doorbraak__V1__SignalCode)code;
		for (size_t i = 0; i < reply->n_counts; i++)
			longer[i + (i >= at)] = reply->counts[i];
		longer[at] = one;
		reply->counts = longer;
		reply->n_counts++;
	}
	reply->counts[at]->count++;
}

/* Is it to be counted only, for this question? */
static bool
is_hidden(const pb_SignalsRequest *asked, const struct signal_open *open)
{
	return open->key.subject == SIGNAL_SUBJECT_CASE &&
	       !signalling_sees_cases((int)asked->addressee, open->key.code);
}

static const char *
token_of(struct arena *a, const char *mark, struct bytes key)
{
	char *hex = arena_take(a, 2 * key.len + 1);

	bytes_hex(key, hex);
	return arena_printf(a, "%s%s", mark, hex);
}

static void
page(const struct signalling_db *db, struct store_txn *txn, const pb_SignalsRequest *asked, const char *mark,
     struct bytes after, pb_SignalsReply *reply)
{
	struct arena *a = store_arena(txn);
	const size_t limit =
	    asked->limit == 0 || asked->limit > SIGNALLING_PAGE_MAX ? SIGNALLING_PAGE_MAX : asked->limit;
	struct fields_out from = {arena_take(a, LIST_KEY_MAX), 0, LIST_KEY_MAX};
	const struct store_db walked = way_of(db, asked, &from);
	const struct bytes prefix = arena_copy(a, out_done(&from));
	const size_t skip = walked.handle == db->lists.handle ? prefix.len : 0;
	struct store_walk walk;
	struct bytes raw, last = after;
	unsigned looked_at = 0;

	if (after.len > 0) {
		from.len = skip;
		out_bytes(&from, after);
	}
	reply->signals = ARENA_ARRAY(a, pb_SignalView *, limit);
	store_walk_begin(&walk, txn, walked, out_done(&from));
	while (store_walk_next(&walk, &raw, NULL) && bytes_begin_with(raw, prefix)) {
		const struct bytes key = bytes_of(raw.data + skip, raw.len - skip);
		struct signal_open open;

		if (bytes_equal(key, after))
			continue;
		if (reply->n_signals == limit || looked_at == SIGNALLING_SCAN_MAX) {
			reply->next = record_text(a, token_of(a, mark, last));
			break;
		}
		const bool known = signalling_open_at(db, txn, key, &open);

		ASSERT(known); /* the lists follow */
		/* A page never ends behind a hidden one: its token would tell the case. */
		if (is_hidden(asked, &open)) {
			if (fits(asked, &open))
				count_one(a, open.key.code, reply);
			continue;
		}
		looked_at++;
		last = key;
		if (fits(asked, &open))
			reply->signals[reply->n_signals++] = view_of(a, &open);
	}
	store_walk_end(&walk);
}

bool
signalling_query(const struct signalling_db *db, struct store_txn *txn, const pb_SignalsRequest *asked,
		 pb_SignalsReply *reply, struct why *why)
{
	struct arena *a = store_arena(txn);
	const char *mark = mark_of(a, asked);
	struct bytes after;

	if (!is_code("addressee", "Addressee", (int)asked->addressee, why) ||
	    !is_code("code", "SignalCode", (int)asked->code, why) ||
	    !is_code("subject", "SignalSubject", (int)asked->subject, why) ||
	    !read_token(a, mark, asked->after, &after, why))
		return false;
	if (asked->subject_id[0] != '\0' && asked->subject == 0) {
		why_set(why, "subject_id says which one, but not of what: give `subject` too");
		return false;
	}
	if (asked->subject_id[0] != '\0' && (int)asked->subject == SIGNAL_SUBJECT_CASE &&
	    !signalling_sees_cases((int)asked->addressee, (int)asked->code)) {
		why_set(why, "%s may not see cases: leave subject_id out, and it is told how many there are",
			record_code_of("Addressee", (int)asked->addressee));
		return false;
	}
	if (strlen(asked->subject_id) < SIGNALLING_GROUP_MAX) /* no subject has a longer name */
		page(db, txn, asked, mark, after, reply);
	return true;
}
