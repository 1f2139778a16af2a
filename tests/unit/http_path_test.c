// SPDX-License-Identifier: EUPL-1.2
/* Paths with parameters, and queries: every byte a stranger may write. */
#include "tests/unit/unit.h"

#include "common/http_path.h"

static void
test_a_path_fits_its_pattern_or_not(void **state UNUSED)
{
	static const struct {
		const char *pattern, *path;
		const char *value; /* of the first parameter; "" none; NULL: does not fit */
	} table[] = {
	    {"/", "/", ""},
	    {"/", "/v1", NULL},
	    {"/v1/cases", "/v1/cases", ""},
	    {"/v1/cases", "/v1/cases/", NULL}, /* no slash behind */
	    {"/v1/cases", "//v1/cases", NULL},
	    {"/v1/cases", "v1/cases", NULL},
	    {"/v1/cases", "/v1/case", NULL},
	    {"/v1/cases", "/V1/cases", NULL},
	    {"/v1/cases", "", NULL},
	    {"/v1/cases/{caseId}", "/v1/cases/c-1", "c-1"},
	    {"/v1/cases/{caseId}", "/v1/cases/", NULL},
	    {"/v1/cases/{caseId}", "/v1/cases/c-1/", NULL},
	    {"/v1/cases/{caseId}", "/v1/cases/c%2D1", "c-1"},
	    {"/v1/cases/{caseId}", "/v1/cases/a%2fb", "a/b"}, /* one part still */
	    {"/v1/cases/{caseId}", "/v1/cases/a+b", "a+b"},
	    {"/v1/cases/{caseId}", "/v1/cases/%", NULL},
	    {"/v1/cases/{caseId}", "/v1/cases/%4", NULL},
	    {"/v1/cases/{caseId}", "/v1/cases/%4g", NULL},
	    {"/v1/cases/{caseId}", "/v1/cases/%00", NULL},
	    {"/v1/cases/{caseId}", "/v1/cases/%c3%a9", NULL},
	    {"/v1/cases/{caseId}", "/v1/cases/\xc3\xa9", NULL},
	    {"/v1/owners/{organisation}/work-list", "/v1/owners/ET-1/work-list", "ET-1"},
	    {"/v1/owners/{organisation}/work-list", "/v1/owners//work-list", NULL},
	    {"/v1/owners/{organisation}/work-list", "/v1/owners/ET-1", NULL},
	    {"/{a}/{b}", "/x/y", "x"},
	};
	struct http_pairs parameters;
	struct arena a;

	arena_init(&a);
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		const bool fits = http_path_match(&a, table[i].pattern, table[i].path, &parameters);

		if (fits != (table[i].value != NULL))
			fail_msg("%s: %s", table[i].pattern, table[i].path);
		if (fits && table[i].value[0] != '\0')
			assert_string_equal(parameters.pairs[0].value, table[i].value);
	}
	assert_true(http_path_match(&a, "/{a}/{b}", "/x/y", &parameters));
	assert_string_equal(http_pairs_get(&parameters, "b"), "y");
	arena_fini(&a);
}

/* "a=1 b=" of what was read, "| KEY:fault .." of what is wrong. */
static const char *
read_as(struct arena *a, const char *known, const char *query)
{
	static const char *const faults[] = {"unknown", "repeated", "encoding", "many"};
	struct http_query_finding findings[HTTP_PAIRS_MAX + 1];
	struct http_pairs pairs;
	const unsigned count = http_query_read(a, known, query, &pairs, findings);
	const char *text = "";

	for (unsigned i = 0; i < pairs.count; i++)
		text = arena_printf(a, "%s%s%s=%s", text, i == 0 ? "" : " ", pairs.pairs[i].key, pairs.pairs[i].value);
	for (unsigned i = 0; i < count; i++)
		text =
		    arena_printf(a, "%s%s%s:%s", text, i == 0 ? "|" : " ", findings[i].key, faults[findings[i].fault]);
	return text;
}

static void
test_a_query_is_read_and_all_that_is_wrong_with_it_told(void **state UNUSED)
{
	static const struct {
		const char *query, *told;
	} table[] = {
	    {NULL, ""},
	    {"", ""},
	    {"&&", ""},
	    {"owner=ET-1", "owner=ET-1"},
	    {"owner", "owner="},
	    {"owner=", "owner="},
	    {"owner=a=b", "owner=a=b"},
	    {"%6fwner=%41+b%2B", "owner=A b+"},
	    {"topic=a&topic=b&owner=c", "topic=a topic=b owner=c"},
	    {"owner=a&owner=b&owner=c", "owner=a|owner:repeated"},
	    {"own=1&ownerx=2&OWNER=3&=4", "|own:unknown ownerx:unknown OWNER:unknown :unknown"},
	    {"topic*=1", "|topic*:unknown"},
	    {"x=1&x=2", "|x:unknown"},
	    {"owner=%00", "|owner:encoding"},
	    {"owner=%c3%a9", "|owner:encoding"},
	    {"owner=%zz&x=1", "|owner:encoding x:unknown"},
	    {"%ff=1", "|%ff:encoding"},
	    {"\x01=1", "|?:encoding"},
	};
	struct arena a;

	arena_init(&a);
	for (size_t i = 0; i < COUNT_OF(table); i++)
		assert_string_equal(read_as(&a, "owner topic* limit", table[i].query), table[i].told);
	assert_string_equal(read_as(&a, "", "a=1"), "|a:unknown");
	arena_fini(&a);
}

static void
test_thirty_two_pairs_are_read_one_more_is_not(void **state UNUSED)
{
	struct http_query_finding findings[HTTP_PAIRS_MAX + 1];
	struct http_pairs pairs;
	char query[400] = "";
	struct arena a;

	arena_init(&a);
	for (unsigned i = 0; i < HTTP_PAIRS_MAX; i++)
		strcat(query, "t=1&");
	assert_int_equal(http_query_read(&a, "t*", query, &pairs, findings), 0);
	assert_int_equal(pairs.count, HTTP_PAIRS_MAX);
	strcat(query, "t=1&t=2");
	assert_int_equal(http_query_read(&a, "t*", query, &pairs, findings), 1);
	assert_int_equal(findings[0].fault, HTTP_QUERY_MANY);
	/* More findings than there is room for. */
	query[0] = '\0';
	for (unsigned i = 0; i < 2 * HTTP_PAIRS_MAX; i++)
		sprintf(query + strlen(query), "x%u&", i);
	assert_int_equal(http_query_read(&a, "", query, &pairs, findings), HTTP_PAIRS_MAX + 1);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_path_fits_its_pattern_or_not),
	    cmocka_unit_test(test_a_query_is_read_and_all_that_is_wrong_with_it_told),
	    cmocka_unit_test(test_thirty_two_pairs_are_read_one_more_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
