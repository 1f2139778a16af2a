// SPDX-License-Identifier: EUPL-1.2
/* intake.c - the door: one submission in, exactly one of Accepted and Rejected out.
 *
 * Happy path: the submission is decoded and encoded anew (its canonical bytes, by which repetitions are known; the youth
 * key is compared apart, so that no trace of it remains when it is erased), what is known about its source, id and case
 * is looked up, its form is checked, intake_decide() says yes, a case id and a youth number are given out where needed,
 * and the record goes into the journal with its traces in the store.
 * Everything happens in the write transaction of the batch; the reply leaves when that is durable.
 *
 * What is not journaled: rejections (answered and counted), and the youth key, which is taken out before the submission
 * is encoded for the journal. */
#include "common/policy.h"
#include "common/sabotage.h"
#include "common/scope_effects.h"
#include "common/scope_signals.h"
#include "common/scope_triage.h"
#include "services/intake/intake_decide.h"
#include "services/intake/intake_state.h"

static const struct rules_scope *const scopes[] = {&scope_accept, &scope_effects, &scope_triage, &scope_signals};

/* What one submission is worked on with. */
struct admission {
	const struct intake_state *st;
	struct turn *turn;
	pb_Submission *s;      /* NULL when it cannot be read at all */
	const char *youth_key; /* "" when it has none */
	struct digest digest;  /* without it */
	struct intake_seen seen;
	struct violations violations;
};

static void
intake_open(void *self, struct store_txn *txn)
{
	intake_state_open(self, txn);
}

/* ---- what is known about it ---- */

static bool
always_opens(int body_case)
{
	return body_case == DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED;
}

static bool
names_case(const pb_Submission *s)
{
	return s->case_id[0] != '\0';
}

static bool
opens_case(const pb_Submission *s)
{
	return record_kind_opens((int)s->body_case) && !names_case(s);
}

/* Texts are looked up only when their form is right: a key of the store is never longer than an id. */
static struct intake_permit
permit(const struct admission *ad)
{
	const pb_Submission *s = ad->s;

	if (!record_is_id(s->source) || s->actor == NULL)
		return (struct intake_permit){0};
	return intake_permit_of(ad->st, ad->turn->txn, s->source, (int)s->actor->role, s->actor->organisation,
				ad->turn->today);
}

static enum intake_before
before(struct admission *ad)
{
	const pb_Submission *s = ad->s;

	if (SABOTAGE(DOUBLE_ACCEPT) || !record_is_id(s->source) || !record_is_id(s->id))
		return INTAKE_NEW;
	if (!intake_seen_get(ad->st, ad->turn->txn, s->source, s->id, &ad->seen))
		return INTAKE_NEW;
	if (!digest_equal(ad->seen.digest, ad->digest))
		return INTAKE_OTHER;
	return intake_case_erased(ad->st, ad->turn->txn, ad->seen.case_id.s) ||
		       intake_youth_is(ad->st, ad->turn->txn, ad->seen.youth, ad->youth_key)
		   ? INTAKE_SAME
		   : INTAKE_OTHER;
}

static struct intake_facts
facts_of(struct admission *ad)
{
	const pb_Submission *s = ad->s;
	struct intake_facts f = {.now_ms = ad->turn->at_ms, .occurred_ms = INT64_MIN};

	if (s == NULL)
		return f;
	f.readable = true;
	f.permit = permit(ad);
	f.before = before(ad);
	if (s->occurred_at != NULL)
		f.occurred_ms = record_at_ms(s->occurred_at);
	f.case_in_vain = names_case(s) && always_opens((int)s->body_case);
	f.case_unknown = names_case(s) && !f.case_in_vain && record_is_id(s->case_id) &&
			 !intake_case_known(ad->st, ad->turn->txn, s->case_id);
	f.sequence = s->sequence;
	if (s->sequence > 0 && record_is_id(s->source))
		f.highest = intake_sequence_get(ad->st, ad->turn->txn, s->source);
	return f;
}

/* ---- messages of administrators, looked at for what they would do ---- */

static void
check_source(struct admission *ad, const pb_SourceRegistered *r)
{
	struct intake_dates d = {
	    .today = ad->turn->today,
	    .valid_from = record_day(r->valid_from),
	    .valid_to = record_day(r->valid_to),
	};

	if (record_is_id(r->source))
		d.announced = intake_announced(ad->st, ad->turn->txn, r->source, d.today,
					       d.valid_from == CAL_NONE ? d.today : d.valid_from);
	intake_decide_source(&d, r->source, &ad->violations);
}

static void
check_adoption(struct admission *ad, const char *what, const char *valid_from, const char *field)
{
	const struct intake_dates d = {
	    .today = ad->turn->today,
	    .first_adopted = intake_first_adopted(ad->st, ad->turn->txn, what),
	    .valid_from = record_day(valid_from),
	};

	intake_decide_adoption(&d, field, &ad->violations);
}

/* The check of the registry names fields within the message; the sender knows them within the submission. (That of the
 * policy names tables and rows, as the sender knows those.) */
static void
prefix_fields(struct admission *ad, const char *body)
{
	for (unsigned i = 0; i < ad->violations.count; i++) {
		struct violation *v = &ad->violations.v[i];
		const size_t len = strlen(body);
		if (strncmp(v->field, body, len) != 0 || v->field[len] != '.')
			v->field =
			    arena_printf(ad->turn->arena, "%s%s%s", body, v->field[0] == '\0' ? "" : ".", v->field);
	}
}

/* Only for a submission whose form is right, and has no violations yet. */
static void
check_administration(struct admission *ad)
{
	const pb_Submission *s = ad->s;
	struct arena *a = ad->turn->arena;

	switch (s->body_case) {
	case DOORBRAAK__V1__SUBMISSION__BODY_SOURCE_REGISTERED: check_source(ad, s->source_registered); break;
	case DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED:
		check_adoption(ad, INTAKE_REGISTRY, s->registry_adopted->valid_from, "registry_adopted.valid_from");
		(void)registry_check(ad->st->registry, ad->turn->txn, s->registry_adopted, &ad->violations, a);
		prefix_fields(ad, "registry_adopted");
		break;
	case DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED:
		check_adoption(ad, s->policy_adopted->region, s->policy_adopted->valid_from,
			       "policy_adopted.valid_from");
		(void)policy_check(scopes, sizeof scopes / sizeof scopes[0], s->policy_adopted, &ad->violations, a);
		break;
	default: break;
	}
}

/* ---- saying no, or the same again ---- */

static void
reject(struct admission *ad, int reason, pb_Reply *reply)
{
	struct arena *a = ad->turn->arena;
	const struct violations *vs = &ad->violations;
	pb_RejectedReply *r = ARENA_NEW(a, pb_RejectedReply);

	pb_RejectedReply_init(r);
	r->reason = (Doorbraak__V1__Reason)reason;
	r->n_violations = vs->count;
	r->violations = ARENA_ARRAY(a, pb_Violation *, vs->count);
	for (unsigned i = 0; i < vs->count; i++) {
		pb_Violation *v = ARENA_NEW(a, pb_Violation);
		pb_Violation_init(v);
		v->reason = (Doorbraak__V1__Reason)vs->v[i].reason;
		v->field = record_text(a, vs->v[i].field);
		v->text = record_text(a, vs->v[i].text);
		r->violations[i] = v;
	}
	reply->body_case = DOORBRAAK__V1__REPLY__BODY_REJECTED;
	reply->rejected = r;
	turn_count_refusal(ad->turn, reason);
}

static void
tell_accepted(struct admission *ad, const char *case_id, uint64_t seq, bool duplicate, pb_Reply *reply)
{
	pb_AcceptedReply *r = ARENA_NEW(ad->turn->arena, pb_AcceptedReply);

	pb_AcceptedReply_init(r);
	r->case_id = record_text(ad->turn->arena, case_id);
	r->seq = seq;
	r->duplicate = duplicate;
	reply->body_case = DOORBRAAK__V1__REPLY__BODY_ACCEPTED;
	reply->accepted = r;
}

/* ---- saying yes ---- */

static char **
youth_key_of(pb_Submission *s)
{
	switch (s->body_case) {
	case DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED: return &s->case_submitted->youth_key;
	case DOORBRAAK__V1__SUBMISSION__BODY_COURT_MEASURE_REGISTERED: return &s->court_measure_registered->youth_key;
	case DOORBRAAK__V1__SUBMISSION__BODY_CLOSED_PLACEMENT_REQUESTED:
		return &s->closed_placement_requested->youth_key;
	default: return NULL;
	}
}

/* The digest of a submission without its key. */
static void
know(struct admission *ad)
{
	char **at = youth_key_of(ad->s);
	char *key = at == NULL ? NULL : *at;

	ad->youth_key = key == NULL ? "" : key;
	if (at != NULL)
		*at = record_text(ad->turn->arena, "");
	ad->digest = digest_of(RECORD_PACK(ad->turn->arena, ad->s));
	if (at != NULL)
		*at = key;
}

/* The opaque number in place of the key. An erased case is not linked to a child again. */
static uint64_t
take_youth_key(struct admission *ad)
{
	char **key = youth_key_of(ad->s);

	if (key == NULL)
		return 0;
	*key = record_text(ad->turn->arena, "");
	if (intake_case_erased(ad->st, ad->turn->txn, ad->s->case_id))
		return 0;
	const uint64_t number = intake_youth_number(ad->st, ad->turn->txn, ad->youth_key);

	intake_youth_case(ad->st, ad->turn->txn, ad->s->case_id, number);
	return number;
}

static void
tell_case(struct admission *ad)
{
	pb_Answer answer;
	pb_Basis basis;
	pb_CaseRegistered body;

	pb_Answer_init(&answer);
	pb_Basis_init(&basis);
	pb_CaseRegistered_init(&body);
	basis.rule = record_text(ad->turn->arena, "R1");
	body.case_id = ad->s->case_id;
	answer.case_id = ad->s->case_id;
	answer.effect_date = record_date(ad->turn->arena, cal_local_day(record_at_ms(ad->s->occurred_at)));
	answer.basis = &basis;
	answer.body_case = DOORBRAAK__V1__ANSWER__BODY_CASE_REGISTERED;
	answer.case_registered = &body;
	turn_answer(ad->turn, &answer);
}

static void
erase(struct admission *ad, uint64_t seq)
{
	const struct intake_erasure e = {
	    .seq = seq,
	    .at_ms = ad->turn->at_ms,
	    .ground = (int)ad->s->case_erased->ground,
	    .case_id = id_of(ad->s->case_id),
	};

	intake_erase(ad->st, ad->turn->txn, &e);
	ad->turn->erased++;
}

/* What intake itself does with messages that are about intake. */
static void
take_administration(struct admission *ad, uint64_t seq)
{
	const pb_Submission *s = ad->s;
	struct store_txn *txn = ad->turn->txn;

	switch (s->body_case) {
	case DOORBRAAK__V1__SUBMISSION__BODY_SOURCE_REGISTERED:
		intake_register(ad->st, txn, s->source_registered, ad->turn->today);
		break;
	case DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED:
		registry_adopt(ad->st->registry, txn, s->registry_adopted, ad->turn->today);
		intake_adopted_mark(ad->st, txn, INTAKE_REGISTRY, ad->turn->today);
		break;
	case DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED:
		intake_adopted_mark(ad->st, txn, s->policy_adopted->region, ad->turn->today);
		break;
	case DOORBRAAK__V1__SUBMISSION__BODY_CASE_ERASED: erase(ad, seq); break;
	default: break;
	}
}

static void
accept(struct admission *ad, const struct intake_facts *f, const struct intake_verdict *v, pb_Reply *reply)
{
	struct turn *turn = ad->turn;
	pb_Submission *s = ad->s;
	pb_IntakeRecord record;
	pb_AcceptedSubmission accepted;

	pb_IntakeRecord_init(&record);
	pb_AcceptedSubmission_init(&accepted);
	accepted.opens = opens_case(s);
	if (accepted.opens) {
		const struct id fresh = intake_case_fresh(ad->st, turn);
		s->case_id = record_text(turn->arena, fresh.s);
	}
	accepted.youth = take_youth_key(ad);
	accepted.sequence_due = v->sequence_due;
	accepted.submission = s;
	record.body_case = DOORBRAAK__V1__INTAKE_RECORD__BODY_ACCEPTED;
	record.accepted = &accepted;
	const uint64_t seq = turn_intake(turn, &record);

	const struct intake_seen seen = {
	    .digest = ad->digest, .seq = seq, .youth = accepted.youth, .case_id = id_of(s->case_id)};
	intake_seen_put(ad->st, turn->txn, s->source, s->id, &seen);
	if (v->sequence_highest != f->highest)
		intake_sequence_put(ad->st, turn->txn, s->source, v->sequence_highest);
	take_administration(ad, seq);
	if (accepted.opens) {
		intake_case_put(ad->st, turn->txn, s->case_id, seq);
		tell_case(ad);
	}
	tell_accepted(ad, s->case_id, seq, false, reply);
}

static bool
may_speak(struct intake_permit p)
{
	return p.source && p.role && p.organisation;
}

static void
intake_admit(void *self, struct turn *turn, struct bytes submission, pb_Reply *reply)
{
	struct admission ad = {.st = self, .turn = turn};

	ad.s = record_decode_submission(turn->arena, submission, &ad.violations);
	if (ad.s != NULL)
		know(&ad);
	const struct intake_facts f = facts_of(&ad);
	/* What was accepted once is not judged again, also when the programs have become stricter since. */
	if (ad.s != NULL && f.before != INTAKE_SAME) {
		record_check_decoded(turn->arena, ad.s, &ad.violations);
		if (ad.violations.count == 0 && may_speak(f.permit))
			check_administration(&ad);
	}
	const struct intake_verdict v = intake_decide(&f, &ad.violations);
	switch (v.kind) {
	case INTAKE_REJECT: reject(&ad, v.reason, reply); break;
	case INTAKE_REPEAT: tell_accepted(&ad, ad.seen.case_id.s, ad.seen.seq, true, reply); break;
	case INTAKE_ACCEPT: accept(&ad, &f, &v, reply); break;
	}
}

const struct service intake_service = {
    .name = "intake",
    .id = SERVICE_INTAKE,
    .forwards = false,
    .self_bytes = sizeof(struct intake_state),
    .open = intake_open,
    .admit = intake_admit,
};
