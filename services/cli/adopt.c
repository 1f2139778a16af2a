// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/adopt.h"

#include <inttypes.h>

#include "services/cli/asking.h"

#define SUBMIT_MS 20000

struct adopting {
	struct cli *cli;
	struct system *system;
	struct arena arena; /* of one reply */
	int64_t now_ms;     /* --now; 0: none */
	unsigned rejected;
};

int
adopt_problems(struct cli *cli, const struct adoption *adoption)
{
	for (unsigned i = 0; i < adoption->problems.count && i < PROBLEMS_MAX; i++)
		fprintf(cli->err, "%s\n", adoption->problems.text[i]);
	return cli_fail(cli, CLI_USAGE, "%u problem%s; nothing was handed in", adoption->problems.count,
			adoption->problems.count == 1 ? "" : "s");
}

static const char *
what(struct arena *a, const pb_Submission *s)
{
	const pb_PolicyAdopted *policy = s->policy_adopted;

	if (s->body_case == DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED)
		return arena_printf(a, "registry %s, valid from %s, %zu rows", s->registry_adopted->version,
				    s->registry_adopted->valid_from, s->registry_adopted->n_rows);
	return arena_printf(a, "policy %s%s%s, valid from %s", policy->version, policy->region[0] == '\0' ? "" : " of ",
			    policy->region, policy->valid_from);
}

/* An id follows from what is adopted: the same again is no accident, it is there already. */
static bool
is_there(const pb_RejectedReply *r)
{
	return (int)r->reason == REASON_ID_REUSED;
}

static void
tell(struct adopting *ad, const pb_Submission *s, const char *outcome, uint64_t seq)
{
	struct cli *cli = ad->cli;

	if (cli->json)
		fprintf(cli->out, "{\"adopted\":\"%s\",\"outcome\":\"%s\",\"seq\":%" PRIu64 "}\n", what(&ad->arena, s),
			outcome, seq);
	else if (seq > 0)
		fprintf(cli->out, "%s  %s  record %" PRIu64 "\n", outcome, what(&ad->arena, s), seq);
	else
		fprintf(cli->out, "%s  %s\n", outcome, what(&ad->arena, s));
}

static int
tell_rejected(struct adopting *ad, const pb_Submission *s, const pb_RejectedReply *r)
{
	if (is_there(r)) {
		tell(ad, s, "there already", 0);
		return CLI_OK;
	}
	tell(ad, s, "rejected", 0);
	for (size_t i = 0; i < r->n_violations; i++)
		cli_fail(ad->cli, CLI_FAILED, "%s %s: %s", record_code_of("Reason", (int)r->violations[i]->reason),
			 r->violations[i]->field, r->violations[i]->text);
	return CLI_FAILED;
}

static int
hand_in_one(struct adopting *ad, const pb_Submission *s)
{
	struct why why;

	arena_reset(&ad->arena);
	const pb_Reply *reply = system_submit(ad->system, s, ad->now_ms, SUBMIT_MS, &ad->arena, &why);
	if (reply == NULL)
		return cli_fail(ad->cli, CLI_UNREACHABLE, "%s", why.text);
	switch (reply->body_case) {
	case DOORBRAAK__V1__REPLY__BODY_ACCEPTED:
		tell(ad, s, reply->accepted->duplicate ? "there already" : "adopted", reply->accepted->seq);
		return CLI_OK;
	case DOORBRAAK__V1__REPLY__BODY_REJECTED: return tell_rejected(ad, s, reply->rejected);
	case DOORBRAAK__V1__REPLY__BODY_REFUSED:
		return cli_fail(ad->cli, CLI_REFUSED, "intake refuses (%s): %s%s",
				record_code_of("RefusedReason", (int)reply->refused->reason), reply->refused->text,
				(int)reply->refused->reason == REFUSED_REASON_TIME_UNKNOWN ? "; give it one with --now"
											   : "");
	default:
		return cli_fail(ad->cli, CLI_UNREACHABLE,
				"intake gave an answer of another kind: do its version and this tool's fit?");
	}
}

int
adopt_hand_in(struct cli *cli, struct adoption *adoption)
{
	struct adopting ad = {.cli = cli};
	int64_t at_ms = 0;
	int worst = CLI_OK;

	if (!asking_time(cli, "now", &ad.now_ms))
		return CLI_USAGE;
	ad.system = asking_open(cli);
	if (ad.system == NULL)
		return CLI_UNREACHABLE;
	at_ms = ad.now_ms;
	if (at_ms == 0)
		worst = asking_clock(cli, ad.system, &at_ms);
	arena_init(&ad.arena);
	for (unsigned i = 0; i < adoption->count && worst <= CLI_FAILED; i++) {
		record_timestamp(adoption->submissions[i]->occurred_at, at_ms);
		const int code = hand_in_one(&ad, adoption->submissions[i]);
		if (code > worst)
			worst = code;
	}
	arena_fini(&ad.arena);
	system_close(&ad.system);
	return worst;
}
