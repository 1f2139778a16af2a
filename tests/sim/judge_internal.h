// SPDX-License-Identifier: EUPL-1.2
/* judge_internal.h - what the files of the judge share. */
#ifndef DOORBRAAK_JUDGE_INTERNAL_H
#define DOORBRAAK_JUDGE_INTERNAL_H

#include "tests/sim/judge.h"

#define JUDGE_ENDS_MAX 64

/* An open signal; of a case, region, team, source. */
struct judge_signal {
	int code, subject, stage, kind;
	struct id subject_id, reference;
	cal_day due; /* S01, S02 */
	int evidence, follow_up;
};

struct judge_alias {
	struct id alias;
	unsigned to;
};

/* A version of registry or policy. */
struct judge_version {
	bool policy;
	struct code region, version;
	cal_day from, adopted_on;
};

struct judge_support_end {
	struct code organisation;
	cal_day first_day_gone;
};

/* A miss whose S02 is still to come. */
struct judge_owed {
	bool is;
	unsigned of;
	int kind;
	struct id reference;
	cal_day due;
};

enum judge_phase { PHASE_SUPPORTERS, PHASE_MISSES, PHASE_WARNINGS };

struct judge {
	bool shipped, broken;
	struct why why;
	struct arena arena; /* of the cause at hand */
	struct judge_counts counts;
	struct judge_case **cases;
	unsigned case_count, case_room;
	struct judge_alias *aliases;
	unsigned alias_count, alias_room;
	struct judge_signal *signals;
	unsigned signal_count, signal_room;
	struct judge_version *versions;
	unsigned version_count, version_room;
	struct judge_support_end ends[JUDGE_ENDS_MAX];
	unsigned end_count;
	uint64_t *messages; /* hashes of (source, id); 0 is free */
	size_t message_count, message_room;
	/* the cause at hand */
	uint64_t cause;
	int64_t at_ms;
	cal_day today;
	uint64_t rang; /* cause of the last threshold of a day (S03, silence) */
	bool tick, opens, routed, accepted, rejected;
	int reason;
	const pb_Submission *submission; /* NULL: not one */
	struct record origin;
	uint32_t index[SERVICE_SIGNALLING + 1];
	enum judge_phase phase;
	struct judge_owed owed, last_miss;
	/* reading two journals */
	uint64_t heard, seen;
};

#define ANSWER_IS(a, NAME)     ((a)->body_case == DOORBRAAK__V1__ANSWER__BODY_##NAME)
#define SUBMISSION_IS(s, NAME) ((s) != NULL && (s)->body_case == DOORBRAAK__V1__SUBMISSION__BODY_##NAME)

/* Says what does not hold; always false. */
bool judge_fails(struct judge *j, const char *invariant, const char *case_id, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* judge_case.c: pictures */
struct judge_case *judge_find(struct judge *j, const char *case_id);
bool judge_routing(struct judge *j, const pb_Answer *a);
void judge_rejected(struct judge *j, const pb_MessageRejected *r);
bool judge_told(struct judge *j, const pb_Answer *a);
bool judge_left(struct judge *j, const pb_Answer *a);
bool judge_same_picture(struct judge *j, const struct judge_case *c);
cal_day judge_missed_on(const struct judge_deadline *d);
void *judge_room(void *list, unsigned count, unsigned *room, size_t size);

/* judge_signals.c: signalling's answers */
bool judge_signalling(struct judge *j, const pb_Answer *a);
/* What an open signal is worth in judge_picture.signal_sum. */
unsigned judge_signal_weight(int code, int stage, int evidence, int follow_up);
bool judge_signals_after_closing(struct judge *j, const struct judge_case *c);
bool judge_signal_is_open(const struct judge *j, int code, int subject, const char *subject_id);
bool judge_owed_nothing(struct judge *j);

/* judge_rules.c: what holds at the end of a cause, of a day */
bool judge_case_holds(struct judge *j, struct judge_case *c);
bool judge_message_holds(struct judge *j);
bool judge_day_holds(struct judge *j);
bool judge_basis_holds(struct judge *j, const pb_Answer *a);
void judge_adopted(struct judge *j);

/* judge_guard.c: I10 */
bool judge_text_is_clean(const char *text);
/* NULL, or the name of the field whose text is not. */
const char *judge_unclean_field(const ProtobufCMessage *m);

#endif
