// SPDX-License-Identifier: EUPL-1.2
/* loop.h - libevent's loop as a service wants it, and the clocks of its turns. */
#ifndef DOORBRAAK_LOOP_H
#define DOORBRAAK_LOOP_H

#include "common/node.h"

struct event_base;

/* Both clocks, as they are now. */
struct node_now loop_now(void);

/* Looks at no variable of the environment. To be freed with event_base_free(). */
struct event_base *loop_new(void);
/* What libevent has to say stands in the log from here on, on standard error. */
void loop_tell(void);

#endif
