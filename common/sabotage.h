// SPDX-License-Identifier: EUPL-1.2
/* sabotage.h - seeded bugs that the proofs must find (`make sabotage`).
 *
 * A build with -DDOORBRAAK_SABOTAGE=SABOTAGE_<NAME> does the one thing wrong that the name says; every other build compiles
 * the question away. A proof that stays green under its sabotage proves nothing. */
#ifndef DOORBRAAK_SABOTAGE_H
#define DOORBRAAK_SABOTAGE_H

enum {
	SABOTAGE_NONE,
	SABOTAGE_ANSWER_BEFORE_COMMIT, /* replies leave before the batch is durable */
	SABOTAGE_CURSOR_APART,         /* the cursor moves in a transaction of its own */
	SABOTAGE_NO_DEDUP,             /* a record that was applied already is applied again */
	SABOTAGE_NO_REPEAT,            /* an unanswered question is never asked again */
	SABOTAGE_CLOCK_IN_SERVICE,     /* a service stamps with its own clock */
	SABOTAGE_DOUBLE_ACCEPT,        /* intake forgets which submissions it has */
	SABOTAGE_NOSYNC,               /* a commit is not flushed to the disk */
	SABOTAGE_NOMETASYNC,           /* of a commit, the page that makes it valid is not flushed */
	SABOTAGE_CARRY_ON,             /* after a commit that failed the process goes on */
	SABOTAGE_ANY_CLOCK,            /* intake follows whatever its system clock says */
	SABOTAGE_UNCHECKED_MEMORY,     /* memory that was not given is used */
	SABOTAGE_NO_LOCK,              /* a folder that another process has is opened */
	SABOTAGE_WEBHOOK_FORGETS,      /* an event is off the queue when it is sent, not when it is taken */
	SABOTAGE_NO_ZAP,               /* every key comes in */
	SABOTAGE_TRUST_ROUTING_ID,     /* who asks is who its routing id says */
	SABOTAGE_REVOKED_KEY_HOLDS,    /* a revoked key is let in, and heard */
};

#ifndef DOORBRAAK_SABOTAGE
#define DOORBRAAK_SABOTAGE SABOTAGE_NONE
#endif

#define SABOTAGE(name) (DOORBRAAK_SABOTAGE == SABOTAGE_##name)

#endif
