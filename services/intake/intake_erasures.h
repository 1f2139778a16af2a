// SPDX-License-Identifier: EUPL-1.2
/* intake_erasures.h - the list of erasures: which cases were erased, kept outside the store and its backups.
 *
 * A store that is put back from a backup holds again what was erased since. So every erasure is also a line of a file that
 * only grows, beside the data folder (`erasures` in the configuration):
 *
 *   2026-03-02T09:14:55Z c-7kq2m-x4d8p-b3wzn-h6t9r RETENTION_ENDED
 *
 * moment, case, ground. It holds no youth key. A line stands there, durable, before the node's next turn; what a crash left
 * out is added at the next start, so a case may stand there twice. At every start, before the first question is answered,
 * intake erases each case of the list that its store knows and has not erased: that is all that a restore needs.
 *
 * Whoever keeps backups keeps this file longer than the oldest of them, somewhere else. */
#ifndef DOORBRAAK_INTAKE_ERASURES_H
#define DOORBRAAK_INTAKE_ERASURES_H

#include "common/node.h"
#include "common/runtime.h"

#define INTAKE_ERASURES_LINE_MAX 128 /* bytes of a line */

/* Erases in the store of an open node of intake what the file lists: the same submissions as were made then, by the built-in
 * operator, in turns of the node. A file that is not there lists nothing; a last line without an end was cut off by a crash and
 * is left out. *count: how many cases were erased anew. False with *why (file, line, what to do). */
bool intake_erasures_apply(struct node *node, const char *path, struct node_now now, uint64_t *count,
			   struct why *why) MUST_USE;

/* Intake's executor: applies the list at start, and keeps it. */
extern const struct executor intake_erasures;

#endif
