// SPDX-License-Identifier: EUPL-1.2
/* indicators_doc_test.c - docs/indicators.md says what the services use.
 *
 * It is made of the same tables: `make docs` writes it anew, this test compares. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "services/monitoring/monitoring_report.h"
#include "tests/unit/unit.h"

#define DOC "docs/indicators.md"

static const char *const head =
    "# Indicators and reports\n"
    "\n"
    "Made of the tables that the services use (`services/monitoring/monitoring_indicators.c`, `monitoring_report.c`);\n"
    "`make docs` writes it anew. Names, formulas and examples are Dutch: they are what a report says.\n"
    "\n"
    "An indicator is counted when something happens, for the region, team and centre where the case stood then, in "
    "the\n"
    "month of that day; what was promised by a day (K8, K13, K18-K20, K23, K27) in the month of that day. Months add "
    "up\n"
    "to quarters, four months, half years and years. Medians and p90 are exact (nearest rank). K25 and K28 are told "
    "as\n"
    "they stand. The denominator always goes with a share, n with a median.\n"
    "\n"
    "A figure over fewer cases than the policy says (P26) is not shown, nor one that would give it away. One table "
    "decides\n"
    "for all reports of a period: the country by region and group. A region stands in every report as it stands there; "
    "a\n"
    "team or a centre is shown when the sum of what that table shows is it, or when its part is a cell that may be "
    "shown\n"
    "beside the others. So no number of a region, and no total of a team or centre, below the smallest cell follows "
    "from\n"
    "all reports of a period together; groups that are withheld are not listed, but for the country. Totals count "
    "all.\n"
    "The group of cases is the denominator of a share, the n of days, the number itself of a count; of K21 and K22 "
    "the\n"
    "base period.\n\n"
    "Not promised: what follows from reports of different periods. Four months less a quarter is a month, and one "
    "month of\n"
    "a team is about four cases: under such a promise no steering group could have its four months beside the quarters "
    "of\n"
    "its team, which the sources ask for (R48, R50). Those two reports go to who handles these very cases. With\n"
    "`P22_steering: 2` periods nest, and all that stays is a quarter as the half year less the other. Give reports of "
    "other\n"
    "periods (`doorbraak report indicators`) to nobody who has the published ones and may not see cases. Nor promised: "
    "the\n"
    "sum of one group over several regions of which it is withheld.\n\n"
    "`make indicators` computes all of them anew, in another language, over 20 thousand invented cases.\n";

static const struct {
	int kind;
	const char *command, *whom, *when;
} reports[] = {
    {REPORT_KIND_TEAM_QUARTER, "report team TEAM", "a team", "each quarter"},
    {REPORT_KIND_STEERING_GROUP, "report steering-group GROUP", "its steering group",
     "each four months (`P22_steering: 2`: half a year)"},
    {REPORT_KIND_PURCHASING, "report purchasing REGION", "purchasing of a region", "each quarter"},
    {REPORT_KIND_EXPERTISE_CENTRE, "report centre CENTRE", "an expertise centre", "each quarter"},
    {REPORT_KIND_NATIONAL_THEMES, "report national", "the country, themes only", "each quarter"},
    {REPORT_KIND_INSPECTORATES, "report inspectorates", "the inspectorates, aggregated", "each quarter"},
    {REPORT_KIND_INDICATORS, "report indicators [CODE]", "whoever asks", "-"},
};

/* "K1-K3, K9" */
static void
write_list(FILE *out, uint32_t bits)
{
	const char *comma = "";

	for (unsigned k = 1; k <= INDICATORS; k++) {
		unsigned last = k;

		if ((bits >> k & 1u) == 0)
			continue;
		while (last < INDICATORS && (bits >> (last + 1) & 1u) != 0)
			last++;
		fprintf(out, last == k ? "%sK%u" : last == k + 1 ? "%sK%u, K%u" : "%sK%u-K%u", comma, k, last);
		comma = ", ";
		k = last;
	}
	if (comma[0] == '\0')
		fputs("-", out);
}

static void
write_reports(FILE *out)
{
	fputs("\n## Reports\n\n| report | for | published | indicators | by region | themes | rule |\n"
	      "| --- | --- | --- | --- | --- | --- | --- |\n",
	      out);
	for (unsigned i = 0; i < sizeof reports / sizeof reports[0]; i++) {
		const struct report_form *form = report_form(reports[i].kind);

		fprintf(out, "| `doorbraak %s` | %s | %s | ", reports[i].command, reports[i].whom, reports[i].when);
		write_list(out, form->indicators);
		fputs(" | ", out);
		write_list(out, form->by_region);
		fprintf(out, " | %s | %s |\n", form->themes ? "yes" : "no", form->rule);
	}
	fputs(
	    "\nPublished reports stand in monitoring's journal (`ReportPublished`), behind everything that the first "
	    "tick "
	    "after\nthe period brings about; also when nothing happened. `doorbraak report case ID` tells of one case, "
	    "`doorbraak\nreport cost` computes K29.\n",
	    out);
}

static void
write_indicators(FILE *out)
{
	for (unsigned k = 1; k <= INDICATORS; k++) {
		const struct indicator *i = &indicators[k];

		fprintf(out, "\n## %s %s\n\n%s%s\n\n", i->code, i->name, i->formula,
			strcmp(i->unit, "wd") == 0  ? " (werkdagen)"
			: strcmp(i->unit, "d") == 0 ? " (dagen)"
						    : "");
		if (i->groups[0] != '\0')
			fprintf(out, "- naar: %s\n", i->groups);
		fprintf(out, "- voorbeeld: %s\n- bron: %s\n", i->example, i->source);
	}
}

static char *
made(size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	assert_non_null(out);
	fputs(head, out);
	write_reports(out);
	write_indicators(out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void
the_page_is_made_of_the_tables(void **state UNUSED)
{
	size_t len, stands_len;
	char *text = made(&len);
	char *stands = calloc(1, 2 * len + 1);
	FILE *file = fopen(DOC, "r");

	assert_non_null(stands);
	if (file == NULL)
		fail_msg("%s: %s; the test runs in the folder of the repository", DOC, strerror(errno));
	stands_len = fread(stands, 1, 2 * len, file);
	fclose(file);
	if (stands_len != len || memcmp(stands, text, len) != 0)
		fail_msg("%s is not what the tables say: `make docs`", DOC);
	free(text);
	free(stands);
}

static void
every_indicator_says_all_of_itself(void **state UNUSED)
{
	for (unsigned k = 1; k <= INDICATORS; k++) {
		const struct indicator *i = &indicators[k];

		assert_int_equal(atoi(i->code + 1), k);
		assert_true(i->name[0] != '\0' && i->formula[0] != '\0' && i->source[0] != '\0' &&
			    i->example[0] != '\0');
		assert_non_null(i->groups);
	}
}

static int
write_page(void)
{
	size_t len;
	char *text = made(&len);
	FILE *file = fopen(DOC, "w");
	const bool good = file != NULL && fwrite(text, 1, len, file) == len;

	free(text);
	if (file == NULL || fclose(file) != 0 || !good) {
		fprintf(stderr, "%s: %s\n", DOC, strerror(errno));
		return 1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_page_is_made_of_the_tables),
	    cmocka_unit_test(every_indicator_says_all_of_itself),
	};

	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		return write_page();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
