// SPDX-License-Identifier: EUPL-1.2
/* service.h - what a service is, and what it may do in a turn.
 *
 * A service is a value: `const struct service routing_service`. It takes records from its upstream journal one by one,
 * changes its own databases, and says something by appending answers to its own journal. All of it happens in the write
 * transaction of a batch: it is committed as a whole or not at all, and nobody is told before.
 *
 * Rules for apply():
 *   - total: odd content becomes a MessageRejected answer, never a crash, never silence;
 *   - pure: reads nothing but the record, its databases and the turn; no clock, file, environment, random number;
 *   - no memory outside the store, save caches that open() builds anew: after an aborted batch open() is called again;
 *     and what settle() stores at the end of the batch. */
#ifndef DOORBRAAK_SERVICE_H
#define DOORBRAAK_SERVICE_H

#include "common/journal.h"
#include "common/record.h"
#include "common/store.h"

/* What a store says of the programs that wrote it: those that know less refuse it. See "Versions" in docs/storage.md. */
#define LOGIC_VERSION 1 /* grows when the rules of computation change, or records say what they could not say before */
#define STORE_LAYOUT  1 /* grows when keys or values of a store change */

struct metrics;
struct turn;

struct service {
	const char *name; /* "triage" */
	int id;           /* SERVICE_TRIAGE */
	/* True: what it reads stands in its journal too, byte for byte, before its own answers. */
	bool forwards;
	size_t self_bytes; /* zeroed storage for its handles and caches */

	/* Opens the databases (in a write transaction, at start and after an aborted batch) and forgets caches. */
	void (*open)(void *self, struct store_txn *txn);
	void (*close)(void *self); /* frees caches; may be NULL */

	/* Downstream services: one upstream record. With `forwards` it already stands in the own journal. */
	void (*apply)(void *self, struct turn *turn, const struct record *in);

	/* All records of the cause at hand are there, the upstream's answers to it too, and none was applied behind them:
	 * what is to come last of that cause is said now. turn->cause and index are set; its moment and submission are not.
	 * Once for each cause, at the same place of the journal whatever the batches. May be NULL. */
	void (*complete)(void *self, struct turn *turn);

	/* The batch is whole: what was put off in it is stored now, before the commit. Says nothing. May be NULL. */
	void (*settle)(void *self, struct turn *turn);

	/* Intake: one submission from outside; fills the reply. It appends with turn_intake() when it accepts. */
	void (*admit)(void *self, struct turn *turn, struct bytes submission, pb_Reply *reply);

	/* Monitoring: questions about cases, and the pages of a snapshot, in a read transaction. False with *why when the
	 * question cannot be answered as it stands. May be NULL. */
	bool (*cases)(void *self, struct store_txn *txn, const pb_CasesRequest *request, pb_CasesReply *reply,
		      struct why *why);

	/* Monitoring: a report, as it stands at a moment, in a read transaction. False: *why says what is wrong with the
	 * question. May be NULL. */
	bool (*report)(void *self, struct store_txn *txn, const pb_ReportRequest *request, int64_t closing_ms,
		       pb_ReportReply *reply, struct why *why);

	/* Signalling: questions about open signals, in the same way. May be NULL. */
	bool (*signals)(void *self, struct store_txn *txn, const pb_SignalsRequest *request, pb_SignalsReply *reply,
			struct why *why);

	/* Its other questions, in a read transaction, as things stand at a moment of intake's clock; sets the body of the
	 * reply. False: *why says what is wrong with the question. A question that is none of its own leaves the reply
	 * without a body. May be NULL. */
	bool (*ask)(void *self, struct store_txn *txn, const pb_Request *request, int64_t now_ms, pb_Reply *reply,
		    struct why *why);

	/* Figures of its own for /metrics, in a read transaction. May be NULL. */
	void (*figures)(void *self, struct store_txn *txn, struct metrics *metrics);
};

/* One batch. The fields are for reading. */
struct turn {
	struct store_txn *txn;
	struct arena *arena; /* of the batch: store_arena(txn) */
	struct journal journal;
	const struct service *service;
	uint64_t cause; /* intake seq of the record at hand */
	int64_t at_ms;  /* intake's stamp of it; at intake: its clock */
	cal_day today;  /* local day of at_ms */
	uint32_t index; /* of the next own answer with this cause, from 1 */
	/* The submission of the current cause, also when the record at hand is an answer to it; NULL when the cause is no
	 * submission. */
	const struct record *origin;
	/* Of the submission that led to the record at hand, also in complete(); NULL or "": none. Goes with every answer. */
	const char *traceparent;
	/* Drawn from the operating system at intake, from the seed in the simulator. NULL downstream. */
	void (*random)(void *ctx, uint8_t *out, size_t len);
	void *random_ctx;
	/* Refusals of this batch by reason, for the metrics; written by turn_count_refusal(). */
	uint64_t *refusals;
	/* Counted up by the service: what it deleted must also leave the file (node.h, erasure). */
	uint32_t erased;
	/* Takes an answer that was said; it lives for the call only. A node journals it, a relay hands it on. */
	void (*said)(struct turn *turn, pb_Answer *answer);
	/* Bits of the bodies (DOORBRAAK__V1__ANSWER__BODY_...) that nobody listens to: they need not be said. A node has none. */
	uint64_t unheard;
};

/* Says something: fills cause, index, decided_at and service; a node appends it to the journal and announces it after the
 * commit. The answer's other fields, effect_date and basis among them, are the caller's. */
void turn_answer(struct turn *turn, pb_Answer *answer);

/* In front of making an answer: true when nobody listens to those with this body. It then counts as said. */
bool turn_leaves_out(struct turn *turn, int body_case);

/* Intake only: appends an intake record (seq and logged_at are filled in); turn->cause becomes its seq, which is returned. */
uint64_t turn_intake(struct turn *turn, pb_IntakeRecord *intake);

/* Counts a refusal by reason (REASON_...) for the metrics and the operator's log. */
void turn_count_refusal(struct turn *turn, int reason);

extern const struct service intake_service;
extern const struct service triage_service;
extern const struct service routing_service;
extern const struct service signalling_service;
extern const struct service monitoring_service;

#define SERVICE_COUNT 5
/* In the order of the row. */
const struct service *service_of_row(unsigned i);

#endif
