// SPDX-License-Identifier: EUPL-1.2
/* traceparent as W3C Trace Context has it: what is valid goes on, what is not is left out. */
#include "tests/unit/unit.h"

#include "common/trace.h"

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN  "00f067aa0ba902b7"

static void
test_what_is_valid_is_taken_as_it_is_and_the_rest_is_none(void **state UNUSED)
{
	static const struct {
		const char *in, *out; /* "": none */
	} cases[] = {
	    {"00-" TRACE "-" SPAN "-01", "00-" TRACE "-" SPAN "-01"},
	    {"00-" TRACE "-" SPAN "-00", "00-" TRACE "-" SPAN "-00"},
	    {"00-" TRACE "-" SPAN "-ff", "00-" TRACE "-" SPAN "-ff"},
	    {"cc-" TRACE "-" SPAN "-03", "00-" TRACE "-" SPAN "-01"},
	    {"cc-" TRACE "-" SPAN "-02-what-comes-later", "00-" TRACE "-" SPAN "-00"},
	    {"cc-" TRACE "-" SPAN "-01.what", ""},
	    {"ff-" TRACE "-" SPAN "-01", ""},
	    {"00-" TRACE "-" SPAN "-01-more", ""},
	    {"00-" TRACE "-" SPAN "-0", ""},
	    {"00-" TRACE "-" SPAN "-0g", ""},
	    {"00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN "-01", ""},
	    {"00-00000000000000000000000000000000-" SPAN "-01", ""},
	    {"00-" TRACE "-0000000000000000-01", ""},
	    {"00_" TRACE "-" SPAN "-01", ""},
	    {"00-" TRACE "_" SPAN "-01", ""},
	    {"00-" TRACE "-" SPAN "_01", ""},
	    {"0--" TRACE "-" SPAN "-01", ""},
	    {" 00-" TRACE "-" SPAN "-01", ""},
	    {"", ""},
	    {NULL, ""},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char out[TRACE_LEN + 1] = "x";

		assert_int_equal(trace_read(cases[i].in, out), cases[i].out[0] != '\0');
		assert_string_equal(out, cases[i].out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_valid_is_taken_as_it_is_and_the_rest_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
