// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_state.h"

#include "common/fields.h"

#define REMEMBERED_MAX 72 /* bytes, without the signals */
#define COUNTS_MAX     1024

struct monitoring_db
monitoring_db_open(struct store_txn *txn)
{
	const struct store_db cases = store_db_open(txn, "monitoring_cases");
	const struct store_db closed = store_db_open(txn, "monitoring_closed");

	return (struct monitoring_db){
	    .cases = cases,
	    .closed = closed,
	    .alias = store_db_open(txn, "monitoring_alias"),
	    .triage = store_db_open(txn, "monitoring_triage"),
	    .wide = store_db_open(txn, "monitoring_wide"),
	    .counts = store_db_open(txn, "monitoring_counts"),
	    .index = monitoring_index_open(txn, cases, closed),
	};
}

/* ---- cases ---- */

static struct store_db
place_of(const struct monitoring_db *db, const struct case_head *head)
{
	return case_head_is_open(head) ? db->cases : db->closed;
}

static bool
find(const struct monitoring_db *db, struct store_txn *txn, const char *case_id, struct bytes *value, size_t most)
{
	const struct bytes key = bytes_str(case_id);

	return store_get_part(txn, db->cases, key, value, most) || store_get_part(txn, db->closed, key, value, most);
}

/* What stands for a case in the indexes. */
static struct case_head
head_of(const struct picture *p)
{
	const pb_CaseView *v = p->view;
	struct case_head head = {
	    .state = (uint8_t)v->state,
	    .track = (uint8_t)v->track,
	    .due = v->next == NULL ? CAL_NONE : record_day(v->next->due),
	    .moved_on = p->moved_on,
	    .owner = code_of(v->owner),
	    .team = code_of(v->team),
	    .centre = code_of(v->expertise_centre),
	    .region = code_of(v->region),
	    .hidden = picture_is_hidden(p),
	};

	for (size_t i = 0; i < v->n_signals && !head.overdue; i++)
		head.overdue = v->signals[i]->code == (int)SIGNAL_CODE_S02_DEADLINE_MISSED;
	return head;
}

static struct picture
picture_read(struct store_txn *txn, struct fields_in *in)
{
	struct arena *a = store_arena(txn);
	struct picture p = {.arena = a};
	struct why why = {{0}};
	const uint8_t *head = in->left.data;

	case_head_read(in);
	p.head = bytes_of(head, (size_t)(in->left.data - head));
	p.course = in_u64(in);
	p.heard = in_u64(in);
	p.moved_on = in_day(in);
	p.at_ms = (int64_t)in_u64(in);
	p.day = in_day(in);
	p.invited = in_u64(in);
	p.actions_missed = in_u64(in);
	const unsigned bits = in_u8(in);

	p.unsaid = (bits & 1u) != 0;
	p.waited = (bits & 2u) != 0;
	p.first_plan = (bits & 4u) != 0;
	p.erased = (bits & 8u) != 0;
	p.packed = in->left;
	p.view = record_unpack(a, &pb_CaseView_descriptor, p.packed, STORE_VALUE_MAX, &why);
	/* What was packed here can be unpacked. */
	if (p.view == NULL)
		fatal(
		    "monitoring: the picture of a case cannot be read: %s; restore the folder, or let it be built anew",
		    why.text);
	return p;
}

bool
monitoring_case_get(const struct monitoring_db *db, struct store_txn *txn, const char *case_id, struct picture *p)
{
	struct bytes value;

	if (!find(db, txn, case_id, &value, SIZE_MAX)) {
		*p = picture_new(store_arena(txn), case_id);
		return false;
	}
	struct fields_in in = {value};

	*p = picture_read(txn, &in);
	return true;
}

bool
monitoring_head_get(const struct monitoring_db *db, struct store_txn *txn, const char *case_id, struct case_head *head)
{
	struct bytes value;

	if (!find(db, txn, case_id, &value, CASE_HEAD_MAX))
		return false;
	struct fields_in in = {value};

	*head = case_head_read(&in);
	return true;
}

/* Indexes and places follow the head. */
static void
head_changes(struct monitoring_db *db, struct store_txn *txn, const struct picture *p, const struct case_head *head,
	     struct bytes written)
{
	struct fields_in in = {p->head};
	struct case_head before;

	if (bytes_equal(p->head, written))
		return;
	if (p->head.len > 0)
		before = case_head_read(&in);
	if (p->head.len > 0 && case_head_is_open(&before) != case_head_is_open(head))
		store_delete(txn, place_of(db, &before), bytes_str(p->view->case_id));
	monitoring_index_keep(&db->index, txn, p->view->case_id, p->head.len > 0 ? &before : NULL, head);
}

void
monitoring_case_put(struct monitoring_db *db, struct store_txn *txn, struct picture *p)
{
	const pb_CaseView *v = p->view;
	const struct case_head head = head_of(p);
	const struct bytes packed = RECORD_PACK(p->arena, v);
	const size_t room = CASE_HEAD_MAX + REMEMBERED_MAX + packed.len;

	struct fields_out out = {arena_take(p->arena, room), 0, room};

	case_head_write(&out, &head);
	head_changes(db, txn, p, &head, out_done(&out));
	p->head = out_done(&out);
	out_u64(&out, p->course);
	out_u64(&out, p->heard);
	out_day(&out, p->moved_on);
	out_u64(&out, (uint64_t)p->at_ms);
	out_day(&out, p->day);
	out_u64(&out, p->invited);
	out_u64(&out, p->actions_missed);
	out_u8(&out, (p->unsaid ? 1u : 0u) | (p->waited ? 2u : 0u) | (p->first_plan ? 4u : 0u) | (p->erased ? 8u : 0u));
	out_bytes(&out, packed);
	store_put(txn, place_of(db, &head), bytes_str(v->case_id), out_done(&out));
}

bool
monitoring_course_get(const struct monitoring_db *db, struct store_txn *txn, const char *case_id, uint64_t *number)
{
	struct bytes value;

	if (!find(db, txn, case_id, &value, CASE_HEAD_MAX + 8))
		return false;
	struct fields_in in = {value};

	case_head_read(&in);
	*number = in_u64(&in);
	return true;
}

void
monitoring_course_put(const struct monitoring_db *db, struct store_txn *txn, const char *case_id, uint64_t number)
{
	struct bytes value;
	const bool known = find(db, txn, case_id, &value, SIZE_MAX);

	ASSERT(known || store_failed(txn));
	if (!known)
		return;
	uint8_t *copy = (uint8_t *)(uintptr_t)value.data;
	struct fields_in in = {value};

	const struct case_head head = case_head_read(&in);

	put_u64(copy + (value.len - in.left.len), number);
	store_put(txn, place_of(db, &head), bytes_str(case_id), value);
}

struct id
monitoring_alias_get(const struct monitoring_db *db, struct store_txn *txn, const char *case_id)
{
	struct bytes value;
	struct id id = id_of(case_id);

	if (store_get(txn, db->alias, bytes_str(case_id), &value) && value.len <= ID_MAX) {
		id = (struct id){{0}};
		memcpy(id.s, value.data, value.len);
	}
	return id;
}

void
monitoring_alias_put(const struct monitoring_db *db, struct store_txn *txn, const char *alias, const char *case_id)
{
	store_put(txn, db->alias, bytes_str(alias), bytes_str(case_id));
}

void
monitoring_criteria_put(const struct monitoring_db *db, struct store_txn *txn, const char *case_id, uint32_t criteria)
{
	uint8_t value[4];

	put_u32(value, criteria);
	store_put(txn, db->triage, bytes_str(case_id), bytes_of(value, sizeof value));
}

uint32_t
monitoring_criteria_take(const struct monitoring_db *db, struct store_txn *txn, const char *case_id)
{
	struct bytes value;

	if (!store_get(txn, db->triage, bytes_str(case_id), &value))
		return 0;
	const uint32_t criteria = get_u32(value.data);

	store_delete(txn, db->triage, bytes_str(case_id));
	return criteria;
}

/* ---- signals about no case ---- */

#define WIDE_KEY_MAX (2 + 256)

static struct bytes
wide_key(uint8_t buffer[WIDE_KEY_MAX], int subject, const char *subject_id, int code)
{
	struct fields_out out = {buffer, 0, WIDE_KEY_MAX};
	const struct bytes id = bytes_str(subject_id);

	out_u8(&out, (unsigned)subject);
	out_u8(&out, (unsigned)code);
	out_bytes(&out, bytes_of(id.data, id.len > 256 ? 256 : id.len));
	return out_done(&out);
}

bool
monitoring_wide_add(const struct monitoring_db *db, struct store_txn *txn, int subject, const char *subject_id,
		    int code)
{
	static const uint8_t here = 1;
	uint8_t buffer[WIDE_KEY_MAX];
	struct bytes value;
	const struct bytes key = wide_key(buffer, subject, subject_id, code);

	if (store_get(txn, db->wide, key, &value))
		return false;
	store_put(txn, db->wide, key, bytes_of(&here, 1));
	return true;
}

bool
monitoring_wide_remove(const struct monitoring_db *db, struct store_txn *txn, int subject, const char *subject_id,
		       int code)
{
	uint8_t buffer[WIDE_KEY_MAX];

	return store_delete(txn, db->wide, wide_key(buffer, subject, subject_id, code));
}

/* ---- counts ---- */

void
monitoring_count_change(const struct monitoring_db *db, struct store_txn *txn, enum monitoring_count what, int a, int b,
			int64_t by)
{
	const uint8_t key[3] = {(uint8_t)what, (uint8_t)a, (uint8_t)b};
	uint8_t number[8];
	struct bytes value;
	const struct bytes at = bytes_of(key, sizeof key);
	const int64_t before = store_get(txn, db->counts, at, &value) ? (int64_t)get_u64(value.data) : 0;

	if (by == 0 || before + by < 0)
		return;
	if (before + by == 0) {
		store_delete(txn, db->counts, at);
		return;
	}
	put_u64(number, (uint64_t)(before + by));
	store_put(txn, db->counts, at, bytes_of(number, sizeof number));
}

const struct monitoring_counted *
monitoring_counts(const struct monitoring_db *db, struct store_txn *txn, unsigned *count)
{
	struct monitoring_counted *list = ARENA_ARRAY(store_arena(txn), struct monitoring_counted, COUNTS_MAX);
	struct bytes key, value;
	struct store_walk walk;

	*count = 0;
	store_walk_begin(&walk, txn, db->counts, bytes_of(NULL, 0));
	while (*count < COUNTS_MAX && store_walk_next(&walk, &key, &value))
		list[(*count)++] = (struct monitoring_counted){(enum monitoring_count)key.data[0], key.data[1],
							       key.data[2], get_u64(value.data)};
	store_walk_end(&walk);
	return list;
}
