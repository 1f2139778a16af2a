// SPDX-License-Identifier: EUPL-1.2
/* signal_desk.h - what tests of signalling share: its policy as shipped, an invented registry, signals as short lines. */
#ifndef DOORBRAAK_TESTS_SIGNAL_DESK_H
#define DOORBRAAK_TESTS_SIGNAL_DESK_H

#include "tests/service/bench.h"

/* Where the cases of these tests are: a region with a team. Region JZ99 of the same centre has none. */
#define SIGNAL_PLACE "funder: GM9901, region: JZ91, team: ET-JZ91, expertise_centre: EC-TEST"

/* The policy that is shipped, as the record that is adopted; fails the test when it does not compile. */
pb_PolicyAdopted *signal_desk_policy(struct arena *a);
void signal_desk_adopt(struct bench *b);
/* A policy of region JZ91 on top of it, from 2016 on: "values: [..]", "baselines: [..]". */
void signal_desk_adopt_region(struct bench *b, const char *fields);

/* "+S02/ACTION/A1 OWNER,PROCESS_DIRECTOR = ET-JZ91", "+S08.2 ..", "-S02/ACTION/A1", "+S09 .. @JZ99". An open one:
 * "=S10 5 of 5 CASES @ET-JZ91" when its evidence grew, "=S02/ACTION/A1 TAKEN_UP by P-REE" when it was acknowledged,
 * "=S18 STEERING_GROUP told, to GM9901,SG-JZ91" when it was not. "!NOT_ADDRESSEE" for a rejection. */
const char *signal_line(struct arena *a, const pb_Answer *answer);
/* All that was said since bench_listen(), a line each. */
const char *signal_story(struct bench *b);

#endif
