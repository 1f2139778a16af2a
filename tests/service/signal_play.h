// SPDX-License-Identifier: EUPL-1.2
/* signal_play.h - does what the lines of signal_cases.h say, at a bench of signalling. */
#ifndef DOORBRAAK_TESTS_SIGNAL_PLAY_H
#define DOORBRAAK_TESTS_SIGNAL_PLAY_H

#include "tests/service/bench.h"

struct signal_play {
	struct bench *bench;
	unsigned fresh; /* cases made up so far */
};

void signal_play(struct signal_play *p, const char *lines);

#endif
