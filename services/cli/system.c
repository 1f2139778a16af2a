// SPDX-License-Identifier: EUPL-1.2
/* system.c - see system.h. */
#include "services/cli/system.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/client.h"
#include "common/row.h"

#define ENDPOINT_MAX 256
#define ASK_AGAIN_MS 1000 /* a question that got no answer is sent again */

struct system {
	char run_dir[ENDPOINT_MAX];
	struct client *clients[SERVICE_COUNT];
	char doors[SERVICE_COUNT][ENDPOINT_MAX];
	char streams[SERVICE_COUNT][ENDPOINT_MAX];
	struct row *row; /* in this process */
	uint64_t request_id;
};

static int64_t
steady_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* `door: <endpoint>` and `publish: <endpoint>` of the address file that a service writes at start. */
static bool
read_address(struct system *s, unsigned service)
{
	char path[ENDPOINT_MAX + 64], line[ENDPOINT_MAX + 32];
	size_t n;

	snprintf(path, sizeof path, "%s/%s.address", s->run_dir, service_of_row(service)->name);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return false;
	s->doors[service][0] = s->streams[service][0] = '\0';
	while (fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		for (n = 0; line[n] != '\0' && line[n] != ' '; n++)
			;
		const char *value = line[n] == '\0' ? "" : line + n + 1;
		if (strncmp(line, "door:", 5) == 0)
			snprintf(s->doors[service], ENDPOINT_MAX, "%.*s", ENDPOINT_MAX - 1, value);
		else if (strncmp(line, "publish:", 8) == 0)
			snprintf(s->streams[service], ENDPOINT_MAX, "%.*s", ENDPOINT_MAX - 1, value);
	}
	fclose(f);
	return s->doors[service][0] != '\0';
}

enum err
system_open(struct system **out, const char *run_dir, struct why *why)
{
	struct system *s = calloc(1, sizeof *s);
	unsigned found = 0;

	if (s == NULL)
		fatal("out of memory");
	snprintf(s->run_dir, sizeof s->run_dir, "%s", run_dir);
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		found += read_address(s, i);
	if (found == 0) {
		why_set(why,
			"%s: no service has left its address there: start them with `doorbraak up`, or name their run "
			"folder with "
			"--run DIR",
			run_dir);
		free(s);
		return ERR_REFUSED;
	}
	*out = s;
	return ERR_NONE;
}

enum err
system_open_in_process(struct system **out, const char *dir, struct why *why)
{
	struct system *s = calloc(1, sizeof *s);

	if (s == NULL)
		fatal("out of memory");
	const enum err err = row_open(&s->row, &(struct row_options){.dir = dir, .fast = true}, why);
	if (err != ERR_NONE) {
		free(s);
		return err;
	}
	*out = s;
	return ERR_NONE;
}

void
system_close(struct system **out)
{
	struct system *s = *out;

	if (s == NULL)
		return;
	/* The first was opened alone; the others stand beside it. */
	for (unsigned i = SERVICE_COUNT; i-- > 0;)
		client_close(&s->clients[i]);
	row_close(&s->row);
	free(s);
	*out = NULL;
}

static enum err
connect_to(struct system *s, unsigned service, struct why *why)
{
	struct client *beside = NULL;

	if (s->clients[service] != NULL)
		return ERR_NONE;
	if (s->doors[service][0] == '\0' && !read_address(s, service)) {
		why_set(why,
			"%s/%s.address is not there: %s does not run; start it with `doorbraak up`, or name the run "
			"folder with "
			"--run DIR",
			s->run_dir, service_of_row(service)->name, service_of_row(service)->name);
		return ERR_REFUSED;
	}
	for (unsigned i = 0; i < SERVICE_COUNT && beside == NULL; i++)
		beside = s->clients[i];
	return client_open(&s->clients[service], s->doors[service], beside, why);
}

/* Sends, and waits for the reply with the right number; sends again when nothing comes. */
static const pb_Reply *
ask_socket(struct system *s, unsigned service, const pb_Request *request, int timeout_ms, struct arena *a,
	   struct why *why)
{
	const int64_t until = steady_ms() + timeout_ms;
	const struct bytes question = RECORD_PACK(a, request);

	if (connect_to(s, service, why) != ERR_NONE)
		return NULL;
	for (int64_t now = steady_ms(); now < until; now = steady_ms()) {
		const int64_t step_end = now + ASK_AGAIN_MS < until ? now + ASK_AGAIN_MS : until;
		struct bytes message;
		if (client_send(s->clients[service], question, (int)(step_end - now)) != ERR_NONE)
			continue;
		while ((now = steady_ms()) < step_end &&
		       client_receive(s->clients[service], (int)(step_end - now), a, &message) == ERR_NONE) {
			const pb_Reply *reply = record_unpack(a, &pb_Reply_descriptor, message, RECORD_REPLY_MAX, why);
			if (reply == NULL)
				return NULL;
			if (reply->request_id == request->request_id)
				return reply;
		}
	}
	why_set(why, "%s at %s gives no answer within %d ms: does it run? Look at `doorbraak health` and at its log",
		service_of_row(service)->name, s->doors[service], timeout_ms);
	return NULL;
}

const pb_Reply *
system_ask(struct system *s, unsigned service, pb_Request *request, int timeout_ms, struct arena *a, struct why *why)
{
	request->request_id = ++s->request_id;
	if (s->row == NULL)
		return ask_socket(s, service, request, timeout_ms, a, why);
	if (request->body_case == DOORBRAAK__V1__REQUEST__BODY_PULL)
		request->pull->no_wait = true;
	const pb_Reply *reply = row_ask(s->row, service, request, a);
	if (reply == NULL)
		why_set(why, "%s", row_why(s->row));
	return reply;
}

const char *
system_stream(struct system *s, unsigned service)
{
	if (s->row != NULL || (s->streams[service][0] == '\0' && !read_address(s, service)))
		return NULL;
	return s->streams[service][0] == '\0' ? NULL : s->streams[service];
}

enum err
system_settle(struct system *s, uint64_t seq, int timeout_ms, struct why *why)
{
	const int64_t until = steady_ms() + timeout_ms;
	struct arena a;

	if (s->row != NULL) {
		const enum err err = row_settle(s->row);
		if (err != ERR_NONE)
			why_set(why, "%s", row_why(s->row));
		return err;
	}
	arena_init(&a);
	for (;;) {
		pb_Request request;
		pb_StatusRequest status;
		arena_reset(&a);
		pb_Request_init(&request);
		pb_StatusRequest_init(&status);
		request.body_case = DOORBRAAK__V1__REQUEST__BODY_STATUS;
		request.status = &status;
		const pb_Reply *reply = system_ask(s, SERVICE_COUNT - 1, &request, timeout_ms, &a, why);
		const bool settled = reply != NULL && reply->body_case == DOORBRAAK__V1__REPLY__BODY_STATUS &&
				     reply->status->applied >= seq;
		if (reply == NULL || settled || steady_ms() > until) {
			if (reply != NULL && !settled)
				why_set(why,
					"monitoring has not applied intake's record %llu within %d ms: look at "
					"`doorbraak health`",
					(unsigned long long)seq, timeout_ms);
			arena_fini(&a);
			return settled ? ERR_NONE : ERR_AGAIN;
		}
		poll(NULL, 0, 1);
	}
}

static bool
is_passing(const pb_Reply *reply)
{
	if (reply->body_case != DOORBRAAK__V1__REPLY__BODY_REFUSED)
		return false;
	const int reason = (int)reply->refused->reason;
	return reason == REFUSED_REASON_BUSY || reason == REFUSED_REASON_DISK_LOW || reason == REFUSED_REASON_DRAINING;
}

const pb_Reply *
system_submit(struct system *s, const pb_Submission *submission, int64_t now_ms, int timeout_ms, struct arena *a,
	      struct why *why)
{
	const int64_t until = steady_ms() + timeout_ms;
	const struct bytes packed = RECORD_PACK(a, submission);
	Google__Protobuf__Timestamp now;
	pb_Request request;
	pb_SubmitRequest submit;

	pb_Request_init(&request);
	pb_SubmitRequest_init(&submit);
	submit.submission = (ProtobufCBinaryData){packed.len, (uint8_t *)(uintptr_t)packed.data};
	if (now_ms != 0) {
		record_timestamp(&now, now_ms);
		submit.now = &now;
	}
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &submit;
	for (;;) {
		const int64_t left = until - steady_ms();
		const pb_Reply *reply = system_ask(s, 0, &request, left > 0 ? (int)left : 1, a, why);
		if (reply == NULL || !is_passing(reply) || left <= 0)
			return reply;
		poll(NULL, 0, (int)(reply->refused->retry_after_ms < left ? reply->refused->retry_after_ms : left));
	}
}

static void
move_cursor(struct system_cursor *c, const pb_Cursor *upto)
{
	if (upto == NULL || upto->history.len != HISTORY_SIZE)
		return;
	c->begun = true;
	c->seq = upto->seq;
	memcpy(c->history, upto->history.data, HISTORY_SIZE);
	if (upto->digest.len == DIGEST_SIZE)
		memcpy(c->digest, upto->digest.data, DIGEST_SIZE);
}

int
system_read(struct system *s, unsigned service, struct system_cursor *after, const char *const *topics,
	    unsigned topic_count, bool wait, const pb_PullReply **out, struct arena *a, struct why *why)
{
	pb_Request request;
	pb_PullRequest pull;
	pb_Cursor cursor;

	pb_Request_init(&request);
	pb_PullRequest_init(&pull);
	pb_Cursor_init(&cursor);
	cursor.seq = after->seq;
	if (after->begun)
		cursor.history = (ProtobufCBinaryData){HISTORY_SIZE, after->history};
	if (after->seq > 0)
		cursor.digest = (ProtobufCBinaryData){DIGEST_SIZE, after->digest};
	pull.from = DOORBRAAK__V1__PULL_FROM__PULL_FROM_CURSOR;
	pull.after = &cursor;
	pull.no_wait = !wait;
	pull.topics = (char **)(uintptr_t)topics;
	pull.n_topics = topic_count;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_PULL;
	request.pull = &pull;
	const pb_Reply *reply = system_ask(s, service, &request, wait ? NODE_PARK_MS + 5000 : 10000, a, why);
	if (reply == NULL)
		return -1;
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED) {
		why_set(why, "%s refuses: %s", service_of_row(service)->name, reply->refused->text);
		return -1;
	}
	if (reply->body_case != DOORBRAAK__V1__REPLY__BODY_PULL) {
		why_set(why, "%s gave an answer of another kind: do its version and this tool's fit?",
			service_of_row(service)->name);
		return -1;
	}
	*out = reply->pull;
	move_cursor(after, reply->pull->upto);
	return (int)reply->pull->n_entries;
}
