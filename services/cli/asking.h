// SPDX-License-Identifier: EUPL-1.2
/* asking.h - what the commands share: values of options, questions to services, reading a journal, temporary folders.
 *
 * Whatever goes wrong is told here, with the exit code to return. */
#ifndef DOORBRAAK_ASKING_H
#define DOORBRAAK_ASKING_H

#include "services/cli/cli.h"
#include "services/cli/system.h"

#define ASKING_MS 5000 /* a service that gives no answer for so long is unreachable */

/* A whole number; `fallback` when not given. False after telling that it is none. */
bool asking_number(struct cli *cli, const char *option, uint64_t fallback, uint64_t max, uint64_t *value);
/* A date; CAL_NONE when not given. */
bool asking_day(struct cli *cli, const char *option, cal_day *day);
/* A moment, as record_from_tree() reads it; 0 when not given. */
bool asking_time(struct cli *cli, const char *option, int64_t *at_ms);
/* A code of an enum of the contract; 0 when not given. */
bool asking_code(struct cli *cli, const char *option, const char *enum_name, int *value);
/* A code of an organisation or place; "" when not given. In the command's arena. */
bool asking_place(struct cli *cli, const char *option, char **code);
/* The place of a service in the row, by its name. */
bool asking_service(struct cli *cli, const char *name, unsigned *service);

/* NULL after telling why: return CLI_UNREACHABLE. */
struct system *asking_open(struct cli *cli);
/* Asks; the reply is of the kind wanted (DOORBRAAK__V1__REPLY__BODY_...), or NULL with the exit code in *code. */
const pb_Reply *asking(struct cli *cli, struct system *system, unsigned service, pb_Request *request, int wanted,
		       struct arena *a, int *code);
/* How far a service is. */
const pb_StatusReply *asking_status(struct cli *cli, struct system *system, unsigned service, struct arena *a,
				    int *code);
/* What "now" is, by intake's clock as it was last heard (0: not yet) and the one on the wall. */
int64_t asking_now_ms(int64_t clock_ms);
/* What "now" is for what is handed in. An exit code. */
int asking_clock(struct cli *cli, struct system *system, int64_t *now_ms);
/* The picture of one case, as a CaseState answer. */
const pb_Answer *asking_case(struct cli *cli, struct system *system, const char *case_id, struct arena *a, int *code);
/* The same, but that there is none is not told: NULL with CLI_OK. */
const pb_Answer *asking_case_if_any(struct cli *cli, struct system *system, const char *case_id, struct arena *a,
				    int *code);
/* Tells it. */
int asking_case_is_unknown(struct cli *cli, const char *case_id);

/* What is done with a record; false stops the reading. */
typedef bool asking_each(void *ctx, uint64_t seq, const struct record *record);
/* Reads a journal behind *after to its head; the records live until the next call of `each`. An exit code. */
int asking_read(struct cli *cli, struct system *system, unsigned service, struct doorbraak_cursor *after,
		const char *const *topics, unsigned topic_count, asking_each *each, void *ctx);
/* Moves a cursor to the record before `seq`, as far as that can be had without reading; then read on and pass over. */
int asking_skip(struct cli *cli, struct system *system, unsigned service, struct doorbraak_cursor *after, uint64_t seq);
/* Goes on with what is new until `each` says no more, or the service has been silent for too long. An exit code. */
int asking_follow(struct cli *cli, struct system *system, unsigned service,
		  const struct doorbraak_follow_options *options, asking_each *each, void *ctx);
/* A cursor at the head. */
int asking_head(struct cli *cli, struct system *system, unsigned service, struct doorbraak_cursor *head,
		struct arena *a);

/* The folder of a service's store: <data>/<service>, or `data` itself with the service's name for each %s in it. */
const char *asking_store(struct arena *a, const char *data, const char *service);

/* A new folder for a moment, in $TMPDIR or /tmp; NULL after telling why. */
const char *asking_folder(struct cli *cli);
void asking_folder_remove(const char *dir);

/* From now on Ctrl-C and SIGTERM end the process quietly, with status 0: for what goes on until then. */
void asking_until_stopped(void);

/* A moment as people read it, on the clock of the wall: "2021-03-01 10:00". */
const char *asking_moment(struct arena *a, int64_t at_ms);

#endif
