// SPDX-License-Identifier: EUPL-1.2
/* doorbraak.h - libdoorbraak: hand in submissions, read journals, follow them.
 *
 * A door is the address of a service, such as tcp://127.0.0.1:7101 (intake) or tcp://127.0.0.1:7105 (monitoring). What goes
 * in and comes out are messages of the contract (the .proto files of doorbraak/v1) as serialised bytes: make and read them with any
 * protobuf library, such as protobuf-c.
 *
 * Nothing is lost and nothing counts twice. A connection that breaks is made again; what got no answer within a second is
 * asked again. A submission counts once by its source and id, so the answer to the second time is the first answer, with
 * `duplicate` true. A reader keeps its place as a cursor, and goes on behind it.
 *
 * Ownership: what a call gives by pointer is the library's, and valid until the next call on the same door or follower. What
 * is handed in is copied before the call returns. Doors and followers are closed by who opened them.
 *
 * Threads: a door, those opened beside it and its followers belong to one thread at a time. Doors that were not opened beside
 * each other know nothing of each other. Each door opened alone has a thread of its own for the network, hidden and without
 * signals; after fork() only the parent may go on with it.
 *
 * Time: timeouts are milliseconds, by the monotonic clock; 0 does not wait. A signal does not end a wait.
 *
 * Trouble: a result, and a sentence that says what to do (`why`, which may be NULL). Running out of memory ends the process,
 * as does a broken ZeroMQ library; nothing else does. */
#ifndef DOORBRAAK_H
#define DOORBRAAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DOORBRAAK_API      __attribute__((visibility("default")))
#define DOORBRAAK_MUST_USE __attribute__((visibility("default"), warn_unused_result))

#define DOORBRAAK_ID_MAX       64  /* bytes of a case id */
#define DOORBRAAK_HISTORY_SIZE 16  /* bytes */
#define DOORBRAAK_DIGEST_SIZE  32  /* bytes */
#define DOORBRAAK_WINDOW_MAX   256 /* submissions on their way by one door */
#define DOORBRAAK_TOPICS_MAX   16  /* topics of one question */

/* ---- results ---- */

enum doorbraak_result {
	DOORBRAAK_OK = 0,
	DOORBRAAK_AGAIN = 1,    /* not in time: call again, or see to it that the service runs */
	DOORBRAAK_REJECTED = 2, /* the submission is wrong, and nothing was kept: correct it */
	DOORBRAAK_REFUSED = 3,  /* the service does not take it: `why` says what to change */
	DOORBRAAK_WRONG = 4,    /* an argument cannot be, or an answer cannot be read */
};

/* A sentence: what, where, what to do. */
struct doorbraak_why {
	char text[512];
};

struct doorbraak_bytes {
	const void *data;
	size_t len;
};

struct doorbraak;        /* a door */
struct doorbraak_follow; /* a reader of a journal */

/* The version of the library, such as "0.1.0". */
DOORBRAAK_API const char *doorbraak_version(void);

/* ---- doors ---- */

/* Opens a door; the connection is made in the background, also when the service does not run yet. `beside` may be NULL, or
 * an open door whose network thread serves this one too. DOORBRAAK_WRONG: what is given cannot be an address, *door is NULL. */
DOORBRAAK_MUST_USE enum doorbraak_result doorbraak_open(struct doorbraak **door, const char *address,
							struct doorbraak *beside, struct doorbraak_why *why);

/* Where services run with keys (CURVE): everything goes encrypted, and who has no key that holds does not come in. */
struct doorbraak_keys {
	const char *secret; /* file with one's own pair: what `doorbraak keys new --curve` writes; mode 0400, ours */
	const char
	    *door; /* public key of the service, 40 characters (Z85); several, with a space between, while it changes */
};

/* The same with keys. The file is read here, and not kept. A door that does not know the key gives no answer (DOORBRAAK_AGAIN);
 * what the key does not allow is DOORBRAAK_REFUSED. DOORBRAAK_WRONG: the file or a key cannot be used. */
DOORBRAAK_MUST_USE enum doorbraak_result doorbraak_open_with_keys(struct doorbraak **door, const char *address,
								  const struct doorbraak_keys *keys,
								  struct doorbraak *beside, struct doorbraak_why *why);

/* Closes a door, after its followers. A submission that is on its way without an answer may or may not arrive: hand in the
 * same again to learn which. Nulls the pointer; NULL is fine. */
DOORBRAAK_API void doorbraak_close(struct doorbraak **door);

/* Asks any question of the contract: `request` is a serialised Request, whose request_id is filled in; `reply` is the
 * serialised Reply, whatever it says. DOORBRAAK_AGAIN: no answer in time. For what the functions below do not do: status, cases,
 * signals, reports, time. */
DOORBRAAK_MUST_USE enum doorbraak_result doorbraak_ask(struct doorbraak *door, const void *request, size_t len,
						       int timeout_ms, struct doorbraak_bytes *reply,
						       struct doorbraak_why *why);

/* ---- handing in (intake) ---- */

struct doorbraak_submission {
	const void *data; /* a serialised Submission */
	size_t len;
	int64_t now_ms; /* only on a driven clock: intake's clock moves there first; milliseconds since 1970, 0: none */
	void *tag;      /* comes back with the receipt */
};

struct doorbraak_receipt {
	enum doorbraak_result result;       /* DOORBRAAK_OK: accepted, durable; else REJECTED, REFUSED or WRONG */
	char case_id[DOORBRAAK_ID_MAX + 1]; /* fresh when the submission opens a case; empty when it belongs to none */
	uint64_t seq;                       /* in intake's journal */
	bool duplicate;                     /* accepted before: case_id and seq are those of the first time */
	void *tag;
	struct doorbraak_bytes reply; /* the serialised Reply: all violations, with DOORBRAAK_REJECTED */
};

/* Hands in one submission and waits for its receipt. What is refused for a moment is tried again until the timeout.
 * DOORBRAAK_AGAIN: no answer in time; whether it was accepted is not known: hand in the same again. Returns receipt->result
 * otherwise. */
DOORBRAAK_MUST_USE enum doorbraak_result doorbraak_submit(struct doorbraak *door,
							  const struct doorbraak_submission *submission, int timeout_ms,
							  struct doorbraak_receipt *receipt, struct doorbraak_why *why);

/* Hands in one submission without waiting; it is sent again until its receipt comes, for as long as doorbraak_take() is
 * called. First sent in the order of the calls; after a lost connection the order may differ, so wait for the receipt before
 * what must come behind it. DOORBRAAK_AGAIN: DOORBRAAK_WINDOW_MAX are on their way, take receipts first. */
DOORBRAAK_MUST_USE enum doorbraak_result doorbraak_send(struct doorbraak *door,
							const struct doorbraak_submission *submission);

/* The next receipt of what doorbraak_send() handed in, in the order of arrival. DOORBRAAK_OK: there is one, look at its result.
 * DOORBRAAK_AGAIN: none in time. */
DOORBRAAK_MUST_USE enum doorbraak_result doorbraak_take(struct doorbraak *door, int timeout_ms,
							struct doorbraak_receipt *receipt);

/* How many submissions are on their way, or have a receipt that was not taken. */
DOORBRAAK_API unsigned doorbraak_open_count(const struct doorbraak *door);

/* ---- reading ---- */

/* A place in a journal: the last record that was read. A plain value, to be kept as its bytes. All zero: the very start. */
struct doorbraak_cursor {
	uint8_t history[DOORBRAAK_HISTORY_SIZE];
	uint8_t digest[DOORBRAAK_DIGEST_SIZE];
	uint64_t seq;
};

struct doorbraak_record {
	uint64_t seq;     /* in its journal, from 1; 0: not of the journal but of the snapshot in front of it */
	const void *data; /* a serialised JournalRecord */
	size_t len;
};

struct doorbraak_page {
	const struct doorbraak_record *records;
	size_t count;
	uint64_t head;    /* number of the last record of the journal */
	uint64_t applied; /* the record of intake whose effects are complete at the head; 0 before the head */
};

/* Where a reader begins. */
enum doorbraak_from {
	DOORBRAAK_FROM_CURSOR = 0,  /* behind the cursor */
	DOORBRAAK_FROM_HEAD = 1,    /* only what is new */
	DOORBRAAK_FROM_SNAPSHOT = 2 /* monitoring: all cases as they are now, then what is new */
};

/* Reads a page behind the cursor, and moves the cursor to its end: at most 2048 records, none at the head. With topics (prefixes
 * such as "case/", at most DOORBRAAK_TOPICS_MAX) only what fits one of them, and a page may be empty before the head: cursor->seq
 * tells. FROM_HEAD only moves the cursor to the head; FROM_SNAPSHOT is for followers. Asked again until the timeout.
 * DOORBRAAK_REFUSED: the cursor is of another history (restored from a backup, or another system). */
DOORBRAAK_MUST_USE enum doorbraak_result doorbraak_pull(struct doorbraak *door, enum doorbraak_from from,
							struct doorbraak_cursor *cursor, const char *const *topics,
							unsigned topic_count, int timeout_ms,
							struct doorbraak_page *page, struct doorbraak_why *why);

struct doorbraak_follow_options {
	enum doorbraak_from from;
	struct doorbraak_cursor after; /* with DOORBRAAK_FROM_CURSOR */
	const char *const *topics;     /* prefixes; what fits one of them. NULL: everything */
	unsigned topic_count;
};

/* A reader that goes on for ever: over lost connections and restarts of the service, without a gap and without the same twice.
 * With a snapshot each case comes first as it is (seq 0; all of them, whatever the topics say), then every change since: a case
 * may come again, never in an older state. It has a connection of its own, beside `door`, which stays open at least as long.
 * DOORBRAAK_WRONG: too many topics. */
DOORBRAAK_MUST_USE enum doorbraak_result doorbraak_follow_open(struct doorbraak_follow **follow, struct doorbraak *door,
							       const struct doorbraak_follow_options *options,
							       struct doorbraak_why *why);
DOORBRAAK_API void doorbraak_follow_close(struct doorbraak_follow **follow);

/* The next record. DOORBRAAK_AGAIN: none in time, call again. DOORBRAAK_REFUSED: the cursor is of another history, or the service
 * cannot be followed so; calling again asks again. */
DOORBRAAK_MUST_USE enum doorbraak_result doorbraak_follow_next(struct doorbraak_follow *follow, int timeout_ms,
							       struct doorbraak_record *record,
							       struct doorbraak_why *why);

/* The place behind the last record given: keep it together with what was done with the record. Until a snapshot is through it is
 * the very start. */
DOORBRAAK_API void doorbraak_follow_cursor(const struct doorbraak_follow *follow, struct doorbraak_cursor *cursor);

/* Intake's clock as the service last heard of it, in milliseconds since 1970; 0: it has not yet answered, or knows none. */
DOORBRAAK_API int64_t doorbraak_follow_clock_ms(const struct doorbraak_follow *follow);

/* Milliseconds since the service last answered, also with nothing: while doorbraak_follow_next() is called, one that lives does so
 * every 6 seconds. */
DOORBRAAK_API int64_t doorbraak_follow_silent_ms(const struct doorbraak_follow *follow);

#ifdef __cplusplus
}
#endif

#endif
