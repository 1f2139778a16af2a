// SPDX-License-Identifier: EUPL-1.2
/* what_if_change.c - the change as adoptions: the services are told of it in no other way than of any adoption.
 *
 * Which policy holds on a day follows from the days of adoption (policy.h), so the given one is put where those rules lead
 * to the wanted day: adopted on the day before it, and once more in place of every later adoption of the same scope. */
#include <stdlib.h>

#include "services/cli/adoption.h"
#include "services/cli/what_if.h"

struct book {
	struct store *store;
	struct store_txn *txn; /* never committed */
	struct policy_book *policies;
	struct registry registry;
};

struct hearing {
	const struct what_if_change *change;
	struct book books[WHAT_IF_SIDES];
	bool given;                       /* the change was told */
	bool policy_heard;                /* a policy of the country was adopted */
	int64_t registry_at_ms;           /* the first adoption of a registry; 0: none yet */
	bool heard[WHAT_IF_POLICIES_MAX]; /* a given policy took the place of an adopted one */
};

/* ---- what was adopted ---- */

static enum err
book_open(struct book *book, struct why *why)
{
	const enum err err = store_open(&book->store, &(struct store_options){.in_memory = true}, why);

	if (err != ERR_NONE)
		return err;
	book->policies = policy_new(adoption_scopes, ADOPTION_POLICY_SCOPES);
	book->txn = store_begin_write(book->store);
	policy_open(book->policies, book->txn);
	book->registry = registry_open(book->txn);
	return ERR_NONE;
}

static void
book_take(struct book *book, const struct record *in)
{
	const cal_day day = cal_local_day(in->at_ms);

	if (in->submission == NULL)
		return;
	if (in->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED)
		policy_adopt(book->policies, book->txn, in->submission->policy_adopted, day);
	if (in->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED)
		registry_adopt(book->registry, book->txn, in->submission->registry_adopted, day);
}

enum err
hearing_open(struct hearing **out, const struct what_if_change *change, struct why *why)
{
	struct hearing *h = calloc(1, sizeof *h);

	if (h == NULL)
		fatal("out of memory");
	h->change = change;
	for (unsigned i = 0; i < WHAT_IF_SIDES; i++) {
		const enum err err = book_open(&h->books[i], why);
		if (err != ERR_NONE) {
			hearing_close(&h);
			return err;
		}
	}
	*out = h;
	return ERR_NONE;
}

void
hearing_close(struct hearing **hearing)
{
	if (*hearing == NULL)
		return;
	for (unsigned i = 0; i < WHAT_IF_SIDES; i++) {
		policy_free(&(*hearing)->books[i].policies);
		store_close(&(*hearing)->books[i].store);
	}
	free(*hearing);
	*hearing = NULL;
}

const struct policy_view *
hearing_policy(struct hearing *h, unsigned side, cal_day day, const char *region)
{
	return policy_on(h->books[side].policies, h->books[side].txn, day, region);
}

bool
hearing_knows_region(struct hearing *h, const char *region)
{
	for (unsigned i = 0; i < WHAT_IF_SIDES; i++) {
		if (registry_knows(h->books[i].registry, h->books[i].txn, REGISTRY_ROW_KIND_REGION, region,
				   cal_from_date(CAL_YEAR_MAX, 1, 1)))
			return true;
	}
	return false;
}

/* ---- what is told instead, and besides ---- */

/* As if it had been said at that moment, just before `before`. */
static struct record *
record_new(struct arena *a, const struct record *before, int64_t at_ms)
{
	struct record *record = ARENA_NEW(a, struct record);
	pb_IntakeRecord *intake = ARENA_NEW(a, pb_IntakeRecord);
	pb_AcceptedSubmission *accepted = ARENA_NEW(a, pb_AcceptedSubmission);
	pb_Submission *submission = ARENA_NEW(a, pb_Submission);
	pb_Actor *actor = ARENA_NEW(a, pb_Actor);
	Google__Protobuf__Timestamp *at = ARENA_NEW(a, Google__Protobuf__Timestamp);

	pb_IntakeRecord_init(intake);
	pb_AcceptedSubmission_init(accepted);
	pb_Submission_init(submission);
	pb_Actor_init(actor);
	record_timestamp(at, at_ms);
	submission->source = record_text(a, "what-if");
	submission->actor = actor;
	submission->occurred_at = at;
	accepted->submission = submission;
	intake->body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_ACCEPTED;
	intake->accepted = accepted;
	intake->logged_at = at;
	*record = (struct record){.intake = intake, .submission = submission, .cause = before->cause, .at_ms = at_ms};
	return record;
}

static const struct record *
policy_record(struct arena *a, const struct record *before, int64_t at_ms, const pb_PolicyAdopted *policy,
	      const char *valid_from)
{
	struct record *record = record_new(a, before, at_ms);
	pb_PolicyAdopted *copy = ARENA_NEW(a, pb_PolicyAdopted);
	pb_Submission *submission = record->intake->accepted->submission;

	*copy = *policy;
	copy->valid_from = record_text(a, valid_from);
	submission->body_case = DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED;
	submission->policy_adopted = copy;
	return record;
}

static const struct record *
registry_record(struct arena *a, const struct record *before, int64_t at_ms, const pb_RegistryAdopted *rows,
		cal_day not_before)
{
	struct record *record = record_new(a, before, at_ms);
	pb_RegistryAdopted *copy = ARENA_NEW(a, pb_RegistryAdopted);
	pb_Submission *submission = record->intake->accepted->submission;
	const cal_day from = record_day(rows->valid_from);

	*copy = *rows;
	if (not_before != CAL_NONE && (from == CAL_NONE || from < not_before))
		copy->valid_from = record_date(a, not_before);
	submission->body_case = DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED;
	submission->registry_adopted = copy;
	return record;
}

/* The given policy of that scope; -1 when there is none. */
static int
policy_given(const struct what_if_change *change, const char *region)
{
	for (unsigned i = 0; i < change->policy_count; i++) {
		if (strcmp(change->policies[i]->region, region) == 0)
			return (int)i;
	}
	return -1;
}

/* What an adopted policy becomes: the given one, where that has taken its place by the day from which it would hold. */
static const struct record *
instead(struct hearing *h, struct arena *a, const struct record *in)
{
	const pb_PolicyAdopted *adopted = in->submission->policy_adopted;
	const int i = policy_given(h->change, adopted->region);
	const cal_day from = h->change->from;

	if (i < 0 || (from != CAL_NONE && cal_local_day(in->at_ms) < from && record_day(adopted->valid_from) < from))
		return in;
	h->heard[i] = true;
	return policy_record(a, in, in->at_ms, h->change->policies[i], adopted->valid_from);
}

/* ---- the records ---- */

struct list {
	const struct record **of;
	size_t *count;
};

static void
tell(struct hearing *h, unsigned side, struct list list, const struct record *record)
{
	list.of[(*list.count)++] = record;
	book_take(&h->books[side], record);
}

/* Together with the registry that they come to: rows of one day may lean on those of another. */
static bool
rows_fit(struct hearing *h, struct arena *a, struct why *why)
{
	const struct book *book = &h->books[WHAT_IF_CHANGED];
	struct violations vs = {.count = 0};
	pb_RegistryAdopted all;
	size_t count = 0;

	for (unsigned i = 0; i < h->change->row_count; i++)
		count += h->change->rows[i]->n_rows;
	if (count == 0)
		return true;
	all = *h->change->rows[0];
	all.rows = ARENA_ARRAY(a, pb_RegistryRow *, count);
	all.n_rows = 0;
	for (unsigned i = 0; i < h->change->row_count; i++) {
		for (size_t j = 0; j < h->change->rows[i]->n_rows; j++)
			all.rows[all.n_rows++] = h->change->rows[i]->rows[j];
	}
	if (registry_check(book->registry, book->txn, &all, &vs, a))
		return true;
	why_set(why, "the rows do not fit the registry that was adopted: %s: %s", vs.v[0].field, vs.v[0].text);
	return false;
}

static void
tell_rows(struct hearing *h, struct arena *a, struct list changed, const struct record *before, int64_t at_ms,
	  cal_day not_before)
{
	for (unsigned i = 0; i < h->change->row_count; i++)
		tell(h, WHAT_IF_CHANGED, changed, registry_record(a, before, at_ms, h->change->rows[i], not_before));
}

static bool
is_adoption(const struct record *in)
{
	return in->submission != NULL &&
	       (in->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED ||
		in->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED);
}

/* The change, before the first record of its day; or without a day, behind the first adoptions. */
static bool
tell_change(struct hearing *h, struct arena *a, const struct record *in, struct list changed, struct why *why)
{
	const cal_day from = h->change->from;
	const int64_t at_ms = from == CAL_NONE ? in->at_ms : cal_day_begins_ms(from) - 1;
	char day[11];

	h->given = true;
	if (!rows_fit(h, a, why))
		return false;
	for (unsigned i = 0; i < h->change->policy_count; i++) {
		const pb_PolicyAdopted *policy = h->change->policies[i];
		cal_format(from == CAL_NONE ? cal_from_date(CAL_YEAR_MIN, 1, 2) : from, day);
		if (from != CAL_NONE || !h->heard[i])
			tell(h, WHAT_IF_CHANGED, changed, policy_record(a, in, at_ms, policy, day));
	}
	/* On the day of the first adoption rows may reach back (registry.h). */
	tell_rows(h, a, changed, in, from != CAL_NONE || h->registry_at_ms == 0 ? at_ms : h->registry_at_ms, from);
	return true;
}

static bool
change_is_due(const struct hearing *h, const struct record *in)
{
	if (h->given)
		return false;
	if (h->change->from != CAL_NONE)
		return cal_local_day(in->at_ms) >= h->change->from;
	return in->submission != NULL && !is_adoption(in) && h->registry_at_ms != 0 && h->policy_heard;
}

bool
hearing_take(struct hearing *h, struct arena *a, const struct record *in, const struct record **recorded,
	     size_t *recorded_count, const struct record **changed, size_t *changed_count, struct why *why)
{
	const struct list lists[WHAT_IF_SIDES] = {{recorded, recorded_count}, {changed, changed_count}};

	if (change_is_due(h, in) && !tell_change(h, a, in, lists[WHAT_IF_CHANGED], why))
		return false;
	tell(h, WHAT_IF_RECORDED, lists[WHAT_IF_RECORDED], in);
	if (!is_adoption(in)) {
		lists[WHAT_IF_CHANGED].of[(*changed_count)++] = in;
	} else if (in->submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED) {
		h->policy_heard = h->policy_heard || in->submission->policy_adopted->region[0] == '\0';
		tell(h, WHAT_IF_CHANGED, lists[WHAT_IF_CHANGED], instead(h, a, in));
	} else {
		if (h->registry_at_ms == 0)
			h->registry_at_ms = in->at_ms;
		tell(h, WHAT_IF_CHANGED, lists[WHAT_IF_CHANGED], in);
		if (h->given)
			tell_rows(h, a, lists[WHAT_IF_CHANGED], in, in->at_ms,
				  record_day(in->submission->registry_adopted->valid_from));
	}
	return true;
}
