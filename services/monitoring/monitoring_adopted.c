// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_adopted.h"

#include "common/fields.h"

#define HEAD_MAX (1 + 4 + 2 * (1 + CODE_MAX)) /* bytes before the record */

struct adopted_log
adopted_log_open(struct store_txn *txn)
{
	return (struct adopted_log){store_db_open(txn, "monitoring_adopted")};
}

static struct code
cut(const char *text)
{
	struct code code = {{0}};

	memcpy(code.s, text, strnlen(text, CODE_MAX));
	return code;
}

void
adopted_log_take(const struct adopted_log *log, struct turn *turn, const struct record *in)
{
	const pb_Submission *s = in->submission;
	const bool is_policy = s != NULL && s->body_case == DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED;
	uint8_t key[8];

	if (in->raw.len == 0 ||
	    (!is_policy && (s == NULL || s->body_case != DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED)))
		return;
	struct fields_out out = {arena_take(turn->arena, HEAD_MAX + in->raw.len), 0, HEAD_MAX + in->raw.len};

	out_u8(&out, is_policy ? 1 : 0);
	out_day(&out, turn->today);
	out_code(&out, cut(is_policy ? s->policy_adopted->version : s->registry_adopted->version));
	out_code(&out, cut(is_policy ? s->policy_adopted->region : ""));
	out_bytes(&out, in->raw);
	put_u64(key, in->cause);
	store_put(turn->txn, log->db, bytes_of(key, sizeof key), out_done(&out));
}

/* ---- reading ---- */

static struct adopted_item
item_read(uint64_t seq, struct fields_in *in)
{
	struct adopted_item item = {.seq = seq, .is_policy = in_u8(in) == 1};

	item.day = in_day(in);
	item.version = in_code(in);
	item.region = in_code(in);
	return item;
}

const struct adopted_item *
adopted_log_list(const struct adopted_log *log, struct store_txn *txn, size_t *count)
{
	const uint64_t room = store_count(txn, log->db);
	struct adopted_item *items = ARENA_ARRAY(store_arena(txn), struct adopted_item, room + 1);
	struct store_walk walk;
	struct bytes key, value;

	*count = 0;
	store_walk_begin(&walk, txn, log->db, bytes_of(NULL, 0));
	while (*count < room && store_walk_next(&walk, &key, &value)) {
		struct fields_in in = {value};

		items[(*count)++] = item_read(get_u64(key.data), &in);
	}
	store_walk_end(&walk);
	return items;
}

const struct record *
adopted_log_read(const struct adopted_log *log, struct store_txn *txn, uint64_t seq)
{
	struct record *record = ARENA_NEW(store_arena(txn), struct record);
	struct bytes value;
	struct why why = {{0}};
	uint8_t key[8];

	put_u64(key, seq);
	if (!store_get(txn, log->db, bytes_of(key, sizeof key), &value))
		return NULL;
	struct fields_in in = {value};

	item_read(seq, &in);
	if (!record_read(store_arena(txn), in.left, record, &why))
		fatal("monitoring: what was adopted cannot be read: %s; let the folder be built anew", why.text);
	return record;
}

/* ---- by version ---- */

struct adopted_search
adopted_search_begin(const struct adopted_log *log, struct store_txn *txn)
{
	struct adopted_search search = {.log = log, .txn = txn};

	search.items = adopted_log_list(log, txn, &search.count);
	search.read = ARENA_ARRAY(store_arena(txn), const pb_PolicyAdopted *, search.count + 1);
	for (size_t i = 0; i < search.count; i++)
		search.read[i] = NULL;
	return search;
}

struct decided_by
adopted_search_by(struct adopted_search *s, const char *version, uint64_t until)
{
	struct decided_by by = {.count = 0};

	for (unsigned national = 0; national < 2 && version[0] != '\0'; national++) {
		for (size_t i = s->count; i > 0; i--) {
			const struct adopted_item *item = &s->items[i - 1];

			if (!item->is_policy || item->seq > until || code_is_empty(item->region) != (national == 1) ||
			    !decided_has_part(version, item->version.s, item->region.s))
				continue;
			if (s->read[i - 1] == NULL) {
				const struct record *r = adopted_log_read(s->log, s->txn, item->seq);

				ASSERT(r != NULL);
				s->read[i - 1] = r->submission->policy_adopted;
			}
			by.policy[by.count++] = s->read[i - 1];
			break;
		}
	}
	return by;
}

/* ---- telling ---- */

static uint32_t
rows_of(const pb_PolicyAdopted *policy)
{
	uint32_t rows = 0;

	for (size_t t = 0; policy->tables != NULL && t < policy->tables->n_tables; t++) {
		for (size_t b = 0; b < policy->tables->tables[t]->n_blocks; b++)
			rows += (uint32_t)policy->tables->tables[t]->blocks[b]->n_rows;
	}
	return rows;
}

pb_Adoption **
adopted_log_tell(const struct adopted_log *log, struct store_txn *txn, bool policies, size_t *count)
{
	struct arena *a = store_arena(txn);
	size_t all;
	const struct adopted_item *items = adopted_log_list(log, txn, &all);
	pb_Adoption **list = ARENA_ARRAY(a, pb_Adoption *, ADOPTED_LIST_MAX);

	*count = 0;
	for (size_t i = all; i > 0 && *count < ADOPTED_LIST_MAX; i--) {
		const struct adopted_item *item = &items[i - 1];

		if (item->is_policy != policies)
			continue;
		const pb_Submission *s = adopted_log_read(log, txn, item->seq)->submission;
		pb_Adoption *told = ARENA_NEW(a, pb_Adoption);

		pb_Adoption_init(told);
		told->seq = item->seq;
		told->adopted_on = record_date(a, item->day);
		told->version = policies ? s->policy_adopted->version : s->registry_adopted->version;
		told->valid_from = policies ? s->policy_adopted->valid_from : s->registry_adopted->valid_from;
		told->region = policies ? s->policy_adopted->region : told->region;
		told->rows = policies ? rows_of(s->policy_adopted) : (uint32_t)s->registry_adopted->n_rows;
		list[(*count)++] = told;
	}
	return list;
}
