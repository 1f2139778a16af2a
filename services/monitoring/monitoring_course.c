// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_course.h"

#define HEAD        (8 + 8 + 8 + 2 + 2) /* bytes of a row before its records */
#define RECORDS_MAX 256u                /* of a row */
#define BYTES_MAX   (512u << 10)        /* of a row; the record that goes over it still belongs to it */

_Static_assert(HEAD + RECORDS_MAX * 4 + BYTES_MAX + JOURNAL_RECORD_MAX <= STORE_VALUE_MAX, "a row fits the store");

struct course
course_open(struct store_txn *txn)
{
	return (struct course){
	    .rows = store_db_open(txn, "monitoring_course"),
	    .loose = store_db_open(txn, "monitoring_course_loose"),
	};
}

uint64_t
course_loose(const struct course *course, struct store_txn *txn, const char *id)
{
	struct bytes value;

	return store_get(txn, course->loose, bytes_str(id), &value) ? get_u64(value.data) : 0;
}

/* ---- the row at hand ---- */

static void
begin(struct course *c, struct turn *turn, struct id case_id)
{
	struct bytes key;

	if (!c->counted) {
		c->last = store_last_part(turn->txn, c->rows, &key, NULL, 0) ? get_u64(key.data) : 0;
		c->counted = true;
	}
	c->now.number = ++c->last;
	c->now.cause = turn->cause;
	c->now.at_ms = turn->at_ms;
	c->now.kind = turn->origin == NULL ? 0 : (int)turn->origin->submission->body_case;
	c->now.case_id = case_id;
	c->now.known = c->now.kept = false;
	c->now.before = 0;
	c->now.count = c->now.room = 0;
	c->now.bytes = 0;
	c->now.records = NULL;
}

static void
add(struct course *c, struct arena *a, struct bytes raw)
{
	if (c->now.count == c->now.room) {
		const unsigned room = c->now.room == 0 ? 16 : 2 * c->now.room;
		struct bytes *more = ARENA_ARRAY(a, struct bytes, room);

		if (c->now.count > 0)
			memcpy(more, c->now.records, c->now.count * sizeof *more);
		c->now.records = more;
		c->now.room = room;
	}
	c->now.records[c->now.count++] = raw;
	c->now.bytes += raw.len;
}

static void
append_row(const struct course *c, struct store_txn *txn)
{
	uint8_t key[8];
	const size_t len = HEAD + 4 * c->now.count + c->now.bytes;

	put_u64(key, c->now.number);
	uint8_t *at = store_append(txn, c->rows, bytes_of(key, sizeof key), len);

	if (at == NULL)
		return;
	put_u64(at, c->now.before);
	put_u64(at + 8, c->now.cause);
	put_u64(at + 16, (uint64_t)c->now.at_ms);
	put_u16(at + 24, (uint16_t)c->now.kind);
	put_u16(at + 26, (uint16_t)c->now.count);
	at += HEAD;
	for (unsigned i = 0; i < c->now.count; i++) {
		const struct bytes raw = c->now.records[i];

		put_u32(at, (uint32_t)raw.len);
		memcpy(at + 4, raw.data, raw.len);
		at += 4 + raw.len;
	}
}

/* The picture was not stored since: its row alone learns the number. Without a picture the id itself remembers it. */
static void
keep_number(struct course *c, const struct monitoring_db *db, struct turn *turn)
{
	const char *id = c->now.case_id.s;
	uint8_t number[8];
	uint64_t before;

	if (monitoring_course_get(db, turn->txn, id, &before)) {
		c->now.before = before;
		monitoring_course_put(db, turn->txn, id, c->now.number);
		return;
	}
	c->now.before = course_loose(c, turn->txn, id);
	put_u64(number, c->now.number);
	store_put(turn->txn, c->loose, bytes_str(id), bytes_of(number, sizeof number));
}

void
course_settle(struct course *c, const struct monitoring_db *db, struct turn *turn)
{
	if (c->now.number == 0)
		return;
	if (!c->now.kept)
		keep_number(c, db, turn);
	append_row(c, turn->txn);
	c->now.number = 0;
}

void
course_meet(struct course *c, struct turn *turn, struct picture *p)
{
	if (c->now.number == 0 || strcmp(c->now.case_id.s, p->view->case_id) != 0)
		return;
	if (!c->now.known) {
		c->now.before = p->course;
		if (p->course == 0) {
			c->now.before = course_loose(c, turn->txn, p->view->case_id);
			if (c->now.before != 0)
				store_delete(turn->txn, c->loose, bytes_str(p->view->case_id));
		}
		c->now.known = true;
	}
	p->course = c->now.number;
}

void
course_kept(struct course *c, const struct picture *p)
{
	if (c->now.number != 0 && p->course == c->now.number)
		c->now.kept = true;
}

/* ---- taking ---- */

static const char *
case_of(const struct record *in)
{
	if (in->submission != NULL)
		return in->submission->case_id;
	return in->answer == NULL ? "" : in->answer->case_id;
}

struct id
course_case(const struct course *c, const struct monitoring_db *db, struct store_txn *txn, const char *id)
{
	if (c->now.number != 0 && strcmp(c->now.asked.s, id) == 0)
		return c->now.case_id;
	return monitoring_alias_get(db, txn, id);
}

void
course_take(struct course *c, const struct monitoring_db *db, struct turn *turn, const struct record *in)
{
	const char *asked = case_of(in);

	/* A relay hands on answers without their bytes: nobody asks there. */
	if (asked[0] == '\0' || in->raw.len == 0)
		return;
	const bool same = c->now.number != 0 && c->now.cause == turn->cause;

	if (!same || strcmp(c->now.asked.s, asked) != 0) {
		const struct id id = monitoring_alias_get(db, turn->txn, asked);

		if (!same || strcmp(c->now.case_id.s, id.s) != 0) {
			course_settle(c, db, turn);
			begin(c, turn, id);
		}
		c->now.asked = id_of(asked);
	}
	if (c->now.count == RECORDS_MAX || c->now.bytes > BYTES_MAX) {
		const struct id id = c->now.case_id;

		course_settle(c, db, turn);
		begin(c, turn, id);
	}
	add(c, turn->arena, in->raw);
}

/* A batch ended in the middle of the cause, maybe several times: what was kept under the id goes in front. */
static void
take_over(struct course *c, struct turn *turn, uint64_t loose)
{
	const struct bytes *behind = c->now.records;
	const unsigned count = c->now.count;
	struct course_row rows[RECORDS_MAX];
	unsigned row_count = 0;

	while (row_count < RECORDS_MAX && course_read(c, turn->txn, loose, &rows[row_count]))
		loose = rows[row_count++].before;
	c->now.count = c->now.room = 0;
	c->now.bytes = 0;
	while (row_count-- > 0) {
		for (unsigned i = 0; i < rows[row_count].count; i++)
			add(c, turn->arena, rows[row_count].records[i]);
	}
	for (unsigned i = 0; i < count; i++)
		add(c, turn->arena, behind[i]);
}

void
course_join(struct course *c, const struct monitoring_db *db, struct turn *turn, const char *id, const char *case_id)
{
	const uint64_t loose = course_loose(c, turn->txn, id);
	const bool at_hand = c->now.number != 0 && c->now.cause == turn->cause && strcmp(c->now.case_id.s, id) == 0;

	if (!at_hand && loose == 0)
		return;
	if (!at_hand) {
		course_settle(c, db, turn);
		begin(c, turn, id_of(case_id));
	}
	c->now.case_id = id_of(case_id);
	c->now.asked = (struct id){{0}};
	c->now.known = c->now.kept = false;
	if (loose == 0)
		return;
	take_over(c, turn, loose);
	store_delete(turn->txn, c->loose, bytes_str(id));
}

/* ---- reading ---- */

bool
course_read(const struct course *c, struct store_txn *txn, uint64_t number, struct course_row *row)
{
	struct arena *a = store_arena(txn);
	struct bytes value;
	uint8_t key[8];

	put_u64(key, number);
	if (number == 0 || !store_get(txn, c->rows, bytes_of(key, sizeof key), &value))
		return false;
	ASSERT(value.len >= HEAD);
	row->before = get_u64(value.data);
	row->cause = get_u64(value.data + 8);
	row->at_ms = (int64_t)get_u64(value.data + 16);
	row->kind = get_u16(value.data + 24);
	row->count = get_u16(value.data + 26);
	row->bytes = value.len;
	struct bytes *records = ARENA_ARRAY(a, struct bytes, row->count + 1);
	const uint8_t *at = value.data + HEAD, *end = value.data + value.len;

	for (unsigned i = 0; i < row->count; i++) {
		ASSERT(at + 4 <= end && at + 4 + get_u32(at) <= end);
		records[i] = bytes_of(at + 4, get_u32(at));
		at += 4 + records[i].len;
	}
	row->records = records;
	return true;
}
