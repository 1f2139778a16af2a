// SPDX-License-Identifier: EUPL-1.2
/* signal_cases.h - each stage of each signal: what happens up to one below its threshold, what reaches it, what ends it.
 *
 * What happens is a line each:
 *   at 2021-03-01T10:00                  time goes by
 *   open case-1                          a case opens, and stands in SCREENING with the local team
 *   say case-1 Message ROLE@ORG {..}     a message that routing accepted; the case stands in EXECUTING
 *   tell Message ROLE@ORG {..}           a message about no case
 *   late case-1                          a message that routing kept, and did not apply
 *   gap 3                                a message of the source, with numbers from 3 on missing
 *   hear                                 a message of the source
 *   routing case-1 Answer {..}           an answer of routing
 *   route case-1 {..}                    the case stands so
 *   stuck JZ81 EC-A 3                    so many new cases of a region are stuck on MONEY
 *   queue 4                              so many new cases wait for the team
 *   discuss 3                            so many cases are discussed today
 *   apply 5 1                            so many applications to the centre, so many of them past the team
 *   evaluate 5 1                         so many evaluations of closed cases were due, so many of them missed
 *   last                                 what the last line did, once more */
#ifndef DOORBRAAK_TESTS_SIGNAL_CASES_H
#define DOORBRAAK_TESTS_SIGNAL_CASES_H

#include <stddef.h>

struct signal_case_of {
	const char *name;   /* "S11.2": the signal and the stage, 1 left out */
	const char *about;  /* in a few words, where a stage has several patterns; else NULL */
	const char *policy; /* of the region, besides what is shipped; NULL: none */
	const char *start;
	const char *below;
	const char *reaches;
	const char *raised;  /* as signal_line() tells it */
	const char *counted; /* evidence, threshold and unit */
	const char *ends;
	const char *cleared;
};

extern const struct signal_case_of signal_cases[];
extern const size_t signal_case_count;

#endif
