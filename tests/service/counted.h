// SPDX-License-Identifier: EUPL-1.2
/* counted.h - monitoring at a table (bench.h), and what it counts. */
#ifndef DOORBRAAK_TESTS_COUNTED_H
#define DOORBRAAK_TESTS_COUNTED_H

#include "tests/service/bench.h"

/* On Monday 1 March 2021, 9:00. Invented: JZ91 and JZ92 with ET-JZ91, JZ93 with a landing place, all of EC-OOST; and JZ94 of
 * EC-WEST with nothing. The policy has the values given, in YAML, such as "{key: P26, value: 0}". */
void counted_open(struct bench *b, const char *values);
/* A case is opened in JZ91, by LOCAL_TEAM, which asks for PROCESS_DIRECTION. */
void counted_case(struct bench *b, const char *case_id);
/* The same elsewhere: region, team and centre as fields of a RouteDecided. */
void counted_case_at(struct bench *b, const char *case_id, const char *place, const char *fields);
/* Something happens to a case. `what`: a message and who sends it ("PlanAgreed CHAIR@ET-JZ91"), which is accepted; an answer
 * of routing ("DeadlineMissed"); or "at" with a time in `with`. */
void counted_step(struct bench *b, const char *case_id, const char *what, const char *with);

/* A report; NULL with the reason in *why. */
const pb_Answer *counted_ask(struct bench *b, const char *kind, const char *subject, const char *from, const char *to,
			     struct why *why);
/* Figures of one indicator: "3/12", of days with "median p90 sum" behind it, groups by name: "PRESENT 1/2, INVITED 2/2".
 * What is withheld is "*". */
const char *counted_line(struct bench *b, const pb_Answer *report, const char *k);

#endif
