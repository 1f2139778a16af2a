// SPDX-License-Identifier: EUPL-1.2
#include "tests/service/signal_desk.h"

#include "common/scope_signals.h"
#include "services/cli/policy_file.h"

pb_PolicyAdopted *
signal_desk_policy(struct arena *a)
{
	static const char *const paths[] = {"services/routing/policy/policy.yaml", "services/signalling/policy"};
	static const struct rules_scope *const scopes[] = {&scope_signals};
	struct policy_file file;

	if (!policy_file_read(a, paths, COUNT_OF(paths), scopes, COUNT_OF(scopes), &file))
		fail_msg("%zu problems in the policy files, the first: %s", (size_t)file.problems.count,
			 file.problems.count == 0 ? "" : file.problems.text[0]);
	return file.policy;
}

void
signal_desk_adopt(struct bench *b)
{
	pb_Submission *s = bench_say(b, "", "PolicyAdopted", "ADMINISTRATOR@NAT-VWS", "{version: 1.0.0}");

	s->policy_adopted = signal_desk_policy(&b->arena);
	bench_take(b, s, false, 0);
	bench_take(b,
		   bench_say(b, "", "RegistryAdopted", "ADMINISTRATOR@NAT-VWS",
			     "{version: 1.0.0, valid_from: 2016-01-01, rows: ["
			     "{row: REGION, region: JZ91, expertise_centre: EC-TEST, expert_team: ET-JZ91, "
			     "coordination: PC-TEST},"
			     "{row: REGION, region: JZ99, expertise_centre: EC-TEST},"
			     "{row: MUNICIPALITY, municipality: GM9901, region: JZ91}]}"),
		   false, 0);
}

void
signal_desk_adopt_region(struct bench *b, const char *fields)
{
	bench_take(
	    b,
	    bench_say(b, "", "PolicyAdopted", "ADMINISTRATOR@NAT-VWS",
		      arena_printf(&b->arena, "{version: 1.0.0, valid_from: 2016-01-01, region: JZ91, %s}", fields)),
	    false, 0);
}

/* ---- lines ---- */

static const char *
head(struct arena *a, char mark, int code, int stage, int kind, const char *reference)
{
	const char *line = arena_printf(a, "%cS%02d", mark, code);

	if (stage > 1)
		line = arena_printf(a, "%s.%d", line, stage);
	if (kind != 0)
		line = arena_printf(a, "%s/%s", line, record_code_of("DeadlineKind", kind));
	if (reference[0] != '\0')
		line = arena_printf(a, "%s/%s", line, reference);
	return line;
}

static const char *
tail(struct arena *a, const char *line, int subject, const char *subject_id)
{
	return subject == SIGNAL_SUBJECT_CASE ? line : arena_printf(a, "%s @%s", line, subject_id);
}

static const char *
raised_line(struct arena *a, const pb_SignalRaised *up)
{
	const char *line = head(a, '+', (int)up->code, up->stage, (int)up->deadline_kind, up->reference);

	for (size_t i = 0; i < up->n_to; i++)
		line = arena_printf(a, "%s%c%s", line, i == 0 ? ' ' : ',', record_code_of("Addressee", (int)up->to[i]));
	for (size_t i = 0; i < up->n_organisations; i++)
		line = arena_printf(a, "%s%s%s", line, i == 0 ? " = " : ",", up->organisations[i]);
	return tail(a, line, (int)up->subject, up->subject_id);
}

static const char *
updated_line(struct arena *a, const pb_SignalUpdated *up)
{
	const char *line = head(a, '=', (int)up->code, up->stage, (int)up->deadline_kind, up->reference);

	switch ((int)up->change) {
	case SIGNAL_CHANGE_ACKNOWLEDGED:
		line = arena_printf(a, "%s %s by %s", line, record_code_of("FollowUpCode", (int)up->follow_up), up->by);
		break;
	case SIGNAL_CHANGE_NOT_ACKNOWLEDGED:
		for (size_t i = 0; i < up->n_added; i++)
			line = arena_printf(a, "%s%c%s", line, i == 0 ? ' ' : ',',
					    record_code_of("Addressee", (int)up->added[i]));
		line = arena_printf(a, "%s told, to", line);
		for (size_t i = 0; i < up->n_organisations; i++)
			line = arena_printf(a, "%s%c%s", line, i == 0 ? ' ' : ',', up->organisations[i]);
		break;
	default: line = arena_printf(a, "%s %d of %d %s", line, up->evidence, up->threshold, up->unit); break;
	}
	return tail(a, line, (int)up->subject, up->subject_id);
}

const char *
signal_line(struct arena *a, const pb_Answer *answer)
{
	const pb_SignalCleared *down = answer->signal_cleared;

	switch (answer->body_case) {
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED: return raised_line(a, answer->signal_raised);
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED: return updated_line(a, answer->signal_updated);
	case DOORBRAAK__V1__ANSWER__BODY_SIGNAL_CLEARED:
		return tail(a, head(a, '-', (int)down->code, down->stage, (int)down->deadline_kind, down->reference),
			    (int)down->subject, down->subject_id);
	case DOORBRAAK__V1__ANSWER__BODY_MESSAGE_REJECTED:
		return arena_printf(a, "!%s", record_code_of("Reason", (int)answer->message_rejected->reason));
	default: return record_body_name(&answer->base);
	}
}

const char *
signal_story(struct bench *b)
{
	const char *said = "";

	for (size_t i = 0; i < b->said_count; i++)
		said = arena_printf(&b->arena, "%s%s%s", said, i == 0 ? "" : "\n", signal_line(&b->arena, b->said[i]));
	return said;
}
