// SPDX-License-Identifier: EUPL-1.2
/* Monitoring reports: what is shown and what is withheld, what is published when, what is refused. */
#include "tests/service/counted.h"

#include "common/digest.h"

#define JZ91 "region: JZ91, team: ET-JZ91, expertise_centre: EC-OOST"
#define JZ92 "region: JZ92, team: ET-JZ91, expertise_centre: EC-OOST"
#define JZ94 "region: JZ94, expertise_centre: EC-WEST"

#define OWNER "LOCAL_TEAM@LT-GM9901"

static void
cases(struct bench *b, const char *place, const char *submitter, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		counted_case_at(b, arena_printf(&b->arena, "case-%llu", (unsigned long long)b->seq), place,
				arena_printf(&b->arena, "{submitter: %s, asks: PROCESS_DIRECTION}", submitter));
}

static const pb_Answer *
ask(struct bench *b, const char *kind, const char *subject)
{
	struct why why = {{0}};
	const pb_Answer *report = counted_ask(b, kind, subject, "2021-01-01", "2021-03-31", &why);

	if (report == NULL)
		fail_msg("%s", why.text);
	return report;
}

/* The figures of one indicator and group, in all regions: "18, JZ91 8, JZ92 *". */
static const char *
by_region(struct bench *b, const pb_Answer *report, const char *k, const char *group)
{
	const pb_ReportPublished *r = report->report_published;
	const char *line = "";

	for (size_t i = 0; i < r->n_indicators; i++) {
		const pb_IndicatorValue *v = r->indicators[i];
		const bool is_region = strncmp(v->group, "REGION/", 7) == 0;
		const char *rest = is_region ? strchr(v->group + 7, '/') : NULL;
		const char *its = !is_region ? v->group : rest == NULL ? "" : rest + 1;

		if (strcmp(v->code, k) != 0 || strcmp(its, group) != 0)
			continue;
		line = arena_printf(&b->arena, "%s%s%.4s%s%s", line, line[0] == '\0' ? "" : ", ",
				    is_region ? v->group + 7 : "", is_region ? " " : "",
				    v->suppressed ? "*" : arena_printf(&b->arena, "%d", v->numerator));
	}
	return line;
}

/* ---- withholding (R82, I14) ---- */

static void
a_small_region_takes_a_second_one_with_it(void **state UNUSED)
{
	struct bench b;

	counted_open(&b, "{key: P26, value: 5}");
	cases(&b, JZ91, "LOCAL_TEAM", 8);
	cases(&b, JZ92, "LOCAL_TEAM", 4);
	cases(&b, JZ94, "LOCAL_TEAM", 7);
	const pb_Answer *report = ask(&b, "INDICATORS", "");

	assert_string_equal(by_region(&b, report, "K1", ""), "19, JZ91 8, JZ92 *, JZ94 *");
	assert_int_equal(report->report_published->smallest_cell, 5);
	/* One more, and nothing is small. */
	cases(&b, JZ92, "LOCAL_TEAM", 1);
	assert_string_equal(by_region(&b, ask(&b, "INDICATORS", ""), "K1", ""), "20, JZ91 8, JZ92 5, JZ94 7");
	/* What is open is a cell too: K28. */
	assert_string_equal(by_region(&b, ask(&b, "INDICATORS", ""), "K28", ""), "0, JZ91 0, JZ92 0, JZ94 0");
	bench_close(&b);
}

static void
no_group_follows_from_the_others(void **state UNUSED)
{
	struct bench b;

	counted_open(&b, "{key: P26, value: 5}");
	cases(&b, JZ91, "LOCAL_TEAM", 9);
	cases(&b, JZ91, "SCHOOL", 6);
	cases(&b, JZ91, "PARENT", 2);
	/* 17 - 9 - 6 would tell that two parents came. */
	assert_string_equal(counted_line(&b, ask(&b, "PURCHASING", "JZ91"), "K1"),
			    "17/0, ASK/PROCESS_DIRECTION 17/0, SUBMITTER/LOCAL_TEAM 9/0, TRACK/VOLUNTARY 17/0");
	/* Nor from the other regions: the country has as many parents as the small cell and one region more. */
	cases(&b, JZ94, "PARENT", 20);
	cases(&b, JZ94, "LOCAL_TEAM", 10);
	const pb_Answer *report = ask(&b, "INDICATORS", "");

	assert_string_equal(by_region(&b, report, "K1", ""), "47, JZ91 17, JZ94 30");
	assert_string_equal(by_region(&b, report, "K1", "SUBMITTER/PARENT"), "22");
	bench_close(&b);
}

static void
the_cell_of_a_share_is_its_denominator(void **state UNUSED)
{
	struct bench b;

	counted_open(&b, "{key: P26, value: 5}");
	counted_case(&b, "case-1");
	for (unsigned i = 0; i < 4; i++)
		counted_step(&b, "case-1", "ScreeningDecided CHAIR@ET-JZ91", "{decision: RETURN}");
	assert_string_equal(counted_line(&b, ask(&b, "TEAM_QUARTER", "ET-JZ91"), "K3"), "*");
	/* All five of five: a share of everything is shown. */
	counted_step(&b, "case-1", "ScreeningDecided CHAIR@ET-JZ91", "{decision: RETURN}");
	assert_string_equal(counted_line(&b, ask(&b, "TEAM_QUARTER", "ET-JZ91"), "K3"), "5/5");
	bench_close(&b);
}

static void
transfers_and_seclusions_stand_against_their_base_period(void **state UNUSED)
{
	struct bench b;

	counted_open(&b, "{key: P26, value: 5}");
	counted_case(&b, "case-1");
	counted_step(&b, "case-1", "TransferRegistered PROVIDER@P-LYNX", "{to: P-OTTER}");
	counted_step(&b, "case-1", "SeclusionRegistered PROVIDER@P-LYNX", "{seclusion_kind: SECLUSION}");
	const pb_Answer *report = ask(&b, "INSPECTORATES", "");

	/* Without one of its own a region's number is a cell. */
	assert_string_equal(counted_line(&b, report, "K21"), "1/1000, REGION/JZ91 *");
	assert_string_equal(counted_line(&b, report, "K22"), "1/100, KIND/SECLUSION *, REGION/JZ91 1/8");
	bench_close(&b);
}

static void
a_theme_has_a_trend(void **state UNUSED)
{
	struct bench b;

	counted_open(&b, "{key: P26, value: 2}");
	counted_case(&b, "case-1");
	for (unsigned i = 0; i < 3; i++)
		counted_step(&b, "case-1", "StuckDeclared " OWNER, "{stuck_on: SUPPLY, missing_supply: TRAUMA}");
	counted_step(&b, "case-1", "StuckDeclared " OWNER, "{stuck_on: MONEY}");
	bench_at(&b, "2021-05-03T09:00");
	for (unsigned i = 0; i < 5; i++)
		counted_step(&b, "case-1", "StuckDeclared " OWNER, "{stuck_on: CONTENT}");
	for (unsigned i = 0; i < 2; i++)
		counted_step(&b, "case-1", "StuckDeclared " OWNER, "{stuck_on: SUPPLY, missing_supply: TRAUMA}");
	struct why why;
	const pb_ReportPublished *r =
	    counted_ask(&b, "NATIONAL_THEMES", "", "2021-04-01", "2021-06-30", &why)->report_published;

	assert_int_equal(r->n_themes, 3);
	assert_int_equal(r->themes[0]->stuck_on, STUCK_ON_CONTENT);
	assert_int_equal(r->themes[0]->count, 5);
	assert_int_equal(r->themes[0]->trend, 5);
	/* Money was withheld as too small, and trauma with it: a trend would give them away. */
	assert_int_equal(r->themes[1]->stuck_on, STUCK_ON_MONEY);
	assert_true(r->themes[1]->suppressed && r->themes[1]->trend_suppressed);
	assert_int_equal(r->themes[2]->missing_supply, MISSING_SUPPLY_TRAUMA);
	assert_int_equal(r->themes[2]->count, 2);
	assert_true(!r->themes[2]->suppressed && r->themes[2]->trend_suppressed);
	bench_close(&b);
}

/* ---- publishing ---- */

static const char *
published(struct bench *b)
{
	const char *line = "";

	for (size_t i = 0; i < b->said_count; i++) {
		const pb_ReportPublished *r = b->said[i]->report_published;

		if (b->said[i]->body_case == DOORBRAAK__V1__ANSWER__BODY_REPORT_PUBLISHED)
			line =
			    arena_printf(&b->arena, "%s%s %s %s %s\n", line, record_code_of("ReportKind", (int)r->kind),
					 r->subject_id, r->period_from, r->period_to);
	}
	return line;
}

static void
a_quarter_that_ended_is_told_to_everybody_in_order(void **state UNUSED)
{
	struct bench b;

	counted_open(&b, "{key: P26, value: 0}");
	bench_at(&b, "2021-04-01T00:00");
	/* What the tick brings about comes behind it, and belongs to the quarter. */
	counted_case(&b, "case-1");
	assert_string_equal(published(&b), "TEAM_QUARTER ET-JZ91 2021-01-01 2021-03-31\n"
					   "TEAM_QUARTER LP-JZ93 2021-01-01 2021-03-31\n"
					   "PURCHASING JZ91 2021-01-01 2021-03-31\n"
					   "PURCHASING JZ92 2021-01-01 2021-03-31\n"
					   "PURCHASING JZ93 2021-01-01 2021-03-31\n"
					   "PURCHASING JZ94 2021-01-01 2021-03-31\n"
					   "EXPERTISE_CENTRE EC-OOST 2021-01-01 2021-03-31\n"
					   "EXPERTISE_CENTRE EC-WEST 2021-01-01 2021-03-31\n"
					   "NATIONAL_THEMES  2021-01-01 2021-03-31\n"
					   "INSPECTORATES  2021-01-01 2021-03-31\n");
	bench_listen(&b);
	bench_at(&b, "2021-05-02T00:00");
	assert_string_equal(published(&b), "STEERING_GROUP SG-JZ91 2021-01-01 2021-04-30\n");
	bench_listen(&b);
	bench_at(&b, "2021-06-30T23:00");
	assert_string_equal(published(&b), "");
	bench_close(&b);
}

static void
twice_a_year_where_the_policy_says_so(void **state UNUSED)
{
	struct bench b;

	counted_open(&b, "{key: P22_steering, value: 2}");
	bench_at(&b, "2021-05-02T00:00");
	assert_null(strstr(published(&b), "STEERING"));
	bench_listen(&b);
	bench_at(&b, "2021-07-02T00:00");
	assert_non_null(strstr(published(&b), "STEERING_GROUP SG-JZ91 2021-01-01 2021-06-30\n"));
	bench_close(&b);
}

/* A deadline of the last day of March is missed at the tick of 1 April; stopped in between, and started again. */
static void
what_was_missed_on_the_last_day_is_in_it(void **state UNUSED)
{
	struct bench b;

	counted_open(&b, "{key: P26, value: 0}");
	counted_case(&b, "case-1");
	counted_step(&b, "case-1", "DeadlineSet", "{kind: ACTION, reference: A1, due: 2021-03-31}");
	bench_at(&b, "2021-04-01T00:00");
	const int64_t tick_ms = b.now_ms;

	bench_restart(&b);
	assert_string_equal(published(&b), "");
	counted_step(&b, "case-1", "DeadlineMissed", "{kind: ACTION, reference: A1, due: 2021-03-31}");
	assert_string_equal(published(&b), "");
	bench_restart(&b);
	bench_at(&b, "2021-04-02T00:00");
	const pb_Answer *report = NULL;

	for (size_t i = 0; i < b.said_count && report == NULL; i++) {
		if (b.said[i]->report_published != NULL &&
		    b.said[i]->report_published->kind == (int)REPORT_KIND_TEAM_QUARTER)
			report = b.said[i];
	}
	assert_non_null(report);
	assert_string_equal(counted_line(&b, report, "K8"), "0/1");
	assert_string_equal(report->case_id, "");
	assert_string_equal(report->effect_date, "2021-04-01");
	assert_true(record_at_ms(report->report_published->closing) == tick_ms);
	assert_string_equal(report->basis->policy_version, "1.0.0");
	assert_string_equal(report->basis->registry_version, "1.0.0");
	bench_close(&b);
}

static void
the_hash_is_that_of_the_report_without_it(void **state UNUSED)
{
	struct bench b;
	char hex[2 * DIGEST_SIZE + 1];

	counted_open(&b, "{key: P26, value: 0}");
	cases(&b, JZ91, "PARENT", 3);
	const pb_Answer *report = ask(&b, "TEAM_QUARTER", "ET-JZ91"), *again = ask(&b, "TEAM_QUARTER", "ET-JZ91");

	assert_true(bytes_equal(RECORD_PACK(&b.arena, report), RECORD_PACK(&b.arena, again)));
	pb_ReportPublished copy = *report->report_published;

	copy.content_hash = record_text(&b.arena, "");
	const struct digest digest = digest_of(RECORD_PACK(&b.arena, &copy));

	for (unsigned i = 0; i < DIGEST_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest.b[i]);
	assert_string_equal(report->report_published->content_hash, hex);
	bench_close(&b);
}

/* ---- refusals ---- */

static void
other_periods_and_subjects_are_refused(void **state UNUSED)
{
	static const struct {
		const char *kind, *subject, *from, *to, *why; /* "": it is made */
	} asked[] = {
	    {"INDICATORS", "", "2021-02-01", "2021-02-28", ""},
	    {"INDICATORS", "", "2020-02-01", "2020-02-29", ""},
	    {"INDICATORS", "", "2021-04-01", "2021-06-30", ""},
	    {"INDICATORS", "", "2021-05-01", "2021-08-31", ""},
	    {"INDICATORS", "", "2021-07-01", "2021-12-31", ""},
	    {"INDICATORS", "", "2021-01-01", "2021-12-31", ""},
	    {"INDICATORS", "", "2021-02-01", "2021-02-27", "a period is a whole month"},
	    {"INDICATORS", "", "2021-02-02", "2021-02-28", "a period is a whole month"},
	    {"INDICATORS", "", "2021-02-01", "2021-04-30", "a period is a whole month"},
	    {"INDICATORS", "", "2021-03-01", "2021-06-30", "a period is a whole month"},
	    {"INDICATORS", "", "2021-01-01", "2021-02-28", "a period is a whole month"},
	    {"INDICATORS", "", "2021-04-01", "2022-03-31", "a period is a whole month"},
	    {"INDICATORS", "", "2021-03-31", "2021-03-01", "a period is a whole month"},
	    {"INDICATORS", "", "", "", "a period is a whole month"},
	    {"INDICATORS", "JZ92", "2021-01-01", "2021-01-31", ""},
	    {"INDICATORS", "EC-WEST", "2021-01-01", "2021-01-31", ""},
	    {"INDICATORS", "LP-JZ93", "2021-01-01", "2021-01-31", ""},
	    {"INDICATORS", "ET-NOWHERE", "2021-01-01", "2021-01-31", "does not know ET-NOWHERE"},
	    {"INDICATORS", "not a code", "2021-01-01", "2021-01-31", "is no code"},
	    {"TEAM_QUARTER", "JZ91", "2021-01-01", "2021-01-31", "does not know JZ91"},
	    {"TEAM_QUARTER", "", "2021-01-01", "2021-01-31", "about a team: name its code"},
	    {"STEERING_GROUP", "SG-JZ91", "2021-01-01", "2021-04-30", ""},
	    {"STEERING_GROUP", "ET-JZ91", "2021-01-01", "2021-04-30", "such as SG-JZ32"},
	    {"STEERING_GROUP", "SG-JZ92", "2021-01-01", "2021-04-30", "does not know SG-JZ92"},
	    {"PURCHASING", "EC-OOST", "2021-01-01", "2021-01-31", "does not know EC-OOST"},
	    {"EXPERTISE_CENTRE", "EC-OOST", "2021-01-01", "2021-01-31", ""},
	    {"NATIONAL_THEMES", "JZ91", "2021-01-01", "2021-01-31", "leave out the subject"},
	    {"CASE", "", "2021-01-01", "2021-01-31", "ask for cases"},
	};
	struct bench b;

	counted_open(&b, "{key: P26, value: 0}");
	for (unsigned i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		struct why why = {{0}};
		const pb_Answer *report =
		    counted_ask(&b, asked[i].kind, asked[i].subject, asked[i].from, asked[i].to, &why);

		if ((report != NULL) != (asked[i].why[0] == '\0') || strstr(why.text, asked[i].why) == NULL)
			fail_msg("%s %s %s: %s", asked[i].kind, asked[i].subject, asked[i].from,
				 report == NULL ? why.text : "made");
	}
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_small_region_takes_a_second_one_with_it),
	    cmocka_unit_test(no_group_follows_from_the_others),
	    cmocka_unit_test(the_cell_of_a_share_is_its_denominator),
	    cmocka_unit_test(transfers_and_seclusions_stand_against_their_base_period),
	    cmocka_unit_test(a_theme_has_a_trend),
	    cmocka_unit_test(a_quarter_that_ended_is_told_to_everybody_in_order),
	    cmocka_unit_test(twice_a_year_where_the_policy_says_so),
	    cmocka_unit_test(what_was_missed_on_the_last_day_is_in_it),
	    cmocka_unit_test(the_hash_is_that_of_the_report_without_it),
	    cmocka_unit_test(other_periods_and_subjects_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
