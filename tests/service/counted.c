// SPDX-License-Identifier: EUPL-1.2
#include "tests/service/counted.h"

#define HERE "region: JZ91, team: ET-JZ91, expertise_centre: EC-OOST"

void
counted_open(struct bench *b, const char *values)
{
	bench_open(b, &monitoring_service, "2021-03-01T09:00");
	bench_take(b,
		   bench_say(b, "", "RegistryAdopted", "ADMINISTRATOR@NAT-VWS",
			     "{version: 1.0.0, valid_from: 2016-01-01, rows: ["
			     "{row: REGION, region: JZ91, expertise_centre: EC-OOST, expert_team: ET-JZ91},"
			     "{row: REGION, region: JZ92, expertise_centre: EC-OOST, expert_team: ET-JZ91},"
			     "{row: REGION, region: JZ93, expertise_centre: EC-OOST},"
			     "{row: REGION, region: JZ94, expertise_centre: EC-WEST},"
			     "{row: EXPERT_TEAM, region: JZ91, organisation: ET-JZ91, functions: [CONSULTATION,"
			     " PROCESS_DIRECTION], functions_missing: [SIGNALLING, LEARNING]},"
			     "{row: LANDING_PLACE, region: JZ93, organisation: LP-JZ93, known_to_all: true, functions:"
			     " [CONSULTATION, PROCESS_DIRECTION, SIGNALLING, LEARNING]}]}"),
		   false, 0);
	bench_take(
	    b,
	    bench_say(b, "", "PolicyAdopted", "ADMINISTRATOR@NAT-VWS",
		      arena_printf(
			  &b->arena,
			  "{version: 1.0.0, valid_from: 2016-01-01, values: [%s], baselines: ["
			  "{code: K21, count: 1000, period_from: 2018-01-01, period_to: 2018-12-31},"
			  "{code: K22, count: 100, period_from: 2019-05-01, period_to: 2019-05-31},"
			  "{code: K22, subject_id: JZ91, count: 8, period_from: 2019-05-01, period_to: 2019-05-31}]}",
			  values)),
	    false, 0);
	bench_listen(b);
}

void
counted_case_at(struct bench *b, const char *case_id, const char *place, const char *fields)
{
	bench_take(b, bench_say(b, case_id, "CaseSubmitted", "LOCAL_TEAM@LT-GM9901", fields), true, 0);
	bench_answer(b, SERVICE_ROUTING, case_id, "CaseOpened", "{kind: OPENED}");
	bench_answer(
	    b, SERVICE_ROUTING, case_id, "RouteDecided",
	    arena_printf(&b->arena,
			 "{kind: OPENED, track: VOLUNTARY, to_state: SCREENING, level: LOCAL, governance: NONE, "
			 "funder: GM9901, %s}",
			 place));
}

void
counted_case(struct bench *b, const char *case_id)
{
	counted_case_at(b, case_id, HERE, "{submitter: LOCAL_TEAM, asks: PROCESS_DIRECTION}");
}

void
counted_step(struct bench *b, const char *case_id, const char *what, const char *with)
{
	const char *space = strchr(what, ' ');

	if (strcmp(what, "at") == 0) {
		bench_at(b, with);
		return;
	}
	if (space == NULL) {
		bench_answer(b, strncmp(what, "Signal", 6) == 0 ? SERVICE_SIGNALLING : SERVICE_ROUTING, case_id, what,
			     with);
		return;
	}
	const char *message = arena_printf(&b->arena, "%.*s", (int)(space - what), what);
	const char *state = strcmp(message, "CaseClosed") == 0 ? "CLOSED" : "EXECUTING";

	bench_take(b, bench_say(b, case_id, message, space + 1, with), false, 0);
	bench_answer(b, SERVICE_ROUTING, case_id, "RouteDecided",
		     arena_printf(&b->arena,
				  "{kind: RECORDED, track: VOLUNTARY, to_state: %s, level: REGIONAL, governance: NONE, "
				  "funder: GM9901, " HERE "}",
				  state));
}

const pb_Answer *
counted_ask(struct bench *b, const char *kind, const char *subject, const char *from, const char *to, struct why *why)
{
	struct store_txn *txn = store_begin_read(node_store(b->node));
	pb_ReportRequest request;
	pb_ReportReply reply;
	const pb_Answer *answer = NULL;

	pb_ReportRequest_init(&request);
	pb_ReportReply_init(&reply);
	request.kind = (Doorbraak__V1__ReportKind)record_enum_value(record_enum("ReportKind"), kind);
	request.subject_id = record_text(&b->arena, subject);
	request.period_from = record_text(&b->arena, from);
	request.period_to = record_text(&b->arena, to);
	if (monitoring_service.report(node_self(b->node), txn, &request, b->now_ms, &reply, why)) {
		const struct bytes packed = RECORD_PACK(&b->arena, reply.report);

		answer = record_unpack(&b->arena, &pb_Answer_descriptor, packed, RECORD_REPLY_MAX, why);
		assert_non_null(answer);
	}
	store_abort(txn);
	return answer;
}

static const char *
value_line(struct bench *b, const pb_IndicatorValue *v)
{
	const char *group = v->group[0] == '\0' ? "" : arena_printf(&b->arena, "%s ", v->group);

	if (v->suppressed) {
		assert_true(v->numerator == 0 && v->denominator == 0 && v->median == 0 && v->p90 == 0 && v->total == 0);
		return arena_printf(&b->arena, "%s*", group);
	}
	if (v->p90 == 0 && v->total == 0)
		return arena_printf(&b->arena, "%s%d/%d", group, v->numerator, v->denominator);
	return arena_printf(&b->arena, "%s%d/%d %d %d %lld", group, v->numerator, v->denominator, v->median, v->p90,
			    (long long)v->total);
}

const char *
counted_line(struct bench *b, const pb_Answer *report, const char *k)
{
	const pb_ReportPublished *r = report->report_published;
	const char *line = "";

	for (size_t i = 0; i < r->n_indicators; i++) {
		if (strcmp(r->indicators[i]->code, k) == 0)
			line = arena_printf(&b->arena, "%s%s%s", line, line[0] == '\0' ? "" : ", ",
					    value_line(b, r->indicators[i]));
	}
	return line;
}
