// SPDX-License-Identifier: EUPL-1.2
/* system.c - see system.h. */
#include "services/cli/system.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "client/pulling.h"
#include "common/access_keys.h"
#include "common/json_wire.h"
#include "common/row.h"

#define ENDPOINT_MAX 256
#define READ_MS      10000

struct system {
	char run_dir[ENDPOINT_MAX];
	struct doorbraak *open[SERVICE_COUNT];
	char doors[SERVICE_COUNT][ENDPOINT_MAX];
	char streams[SERVICE_COUNT][ENDPOINT_MAX];
	struct row *row; /* in this process */
	FILE *record;    /* NULL: none */
	struct system_keys keys;
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
		doorbraak_close(&s->open[i]);
	row_close(&s->row);
	free(s);
	*out = NULL;
}

void
system_use_keys(struct system *s, const struct system_keys *keys)
{
	s->keys = *keys;
}

/* The keys that a service may have today, with a space between. */
static bool
door_keys(const struct system_keys *keys, unsigned service, char *text, size_t size, struct why *why)
{
	struct curve_key doors[CURVE_SERVERS_MAX];
	struct access_keys list;
	struct timespec now;
	size_t len = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	if (!access_keys_open(&list, keys->dir, why))
		return false;
	const unsigned count = access_keys_of_service(
	    &list, service_of_row(service)->id, cal_local_day((int64_t)now.tv_sec * 1000), doors, CURVE_SERVERS_MAX);

	for (unsigned i = 0; i < count && len + CURVE_TEXT_LEN + 2 <= size; i++) {
		text[len] = ' ';
		curve_key_text(&doors[i], text + len + 1);
		len += 1 + CURVE_TEXT_LEN;
	}
	access_keys_close(&list);
	if (count == 0)
		why_set(
		    why,
		    "%s/%s: no key of %s holds today; `doorbraak keys init` makes them, --keys names another folder",
		    keys->dir, ACCESS_KEYS_FILE, service_of_row(service)->name);
	return count > 0;
}

struct doorbraak *
system_knock(const struct system_keys *keys, unsigned service, const char *address, struct doorbraak *beside,
	     struct why *why)
{
	char doors[CURVE_SERVERS_MAX * (CURVE_TEXT_LEN + 1) + 1] = "";
	const struct doorbraak_keys with = {.secret = keys->secret, .door = doors};
	struct doorbraak *door = NULL;
	struct doorbraak_why reason;
	enum doorbraak_result result;

	if (keys->secret == NULL || (!keys->must && access(keys->secret, F_OK) != 0)) {
		result = doorbraak_open(&door, address, beside, &reason);
	} else {
		if (!door_keys(keys, service, doors, sizeof doors, why))
			return NULL;
		result = doorbraak_open_with_keys(&door, address, &with, beside, &reason);
	}
	if (result != DOORBRAAK_OK)
		why_set(why, "%s", reason.text);
	return door;
}

struct doorbraak *
system_door(struct system *s, unsigned service, struct why *why)
{
	struct doorbraak *beside = NULL;

	if (s->open[service] != NULL)
		return s->open[service];
	if (s->doors[service][0] == '\0' && !read_address(s, service)) {
		why_set(why,
			"%s/%s.address is not there: %s does not run; start it with `doorbraak up`, or name the run "
			"folder with "
			"--run DIR",
			s->run_dir, service_of_row(service)->name, service_of_row(service)->name);
		return NULL;
	}
	for (unsigned i = 0; i < SERVICE_COUNT && beside == NULL; i++)
		beside = s->open[i];
	s->open[service] = system_knock(&s->keys, service, s->doors[service], beside, why);
	return s->open[service];
}

static const pb_Reply *
read_reply(unsigned service, enum doorbraak_result result, struct doorbraak_bytes reply,
	   const struct doorbraak_why *reason, struct arena *a, struct why *why)
{
	if (reply.data != NULL)
		return record_unpack(a, &pb_Reply_descriptor, bytes_of(reply.data, reply.len), RECORD_REPLY_MAX, why);
	why_set(why, "%s: %.400s%s", service_of_row(service)->name, reason->text,
		result == DOORBRAAK_AGAIN ? " Look at `doorbraak health` and at its log" : "");
	return NULL;
}

static const pb_Reply *
ask_socket(struct system *s, unsigned service, const pb_Request *request, int timeout_ms, struct arena *a,
	   struct why *why)
{
	struct doorbraak *door = system_door(s, service, why);
	struct doorbraak_bytes reply = {0};
	struct doorbraak_why reason;

	if (door == NULL)
		return NULL;
	const struct bytes question = RECORD_PACK(a, request);
	const enum doorbraak_result result =
	    doorbraak_ask(door, question.data, question.len, timeout_ms, &reply, &reason);
	return read_reply(service, result, reply, &reason, a, why);
}

const pb_Reply *
system_ask(struct system *s, unsigned service, pb_Request *request, int timeout_ms, struct arena *a, struct why *why)
{
	if (s->row == NULL)
		return ask_socket(s, service, request, timeout_ms, a, why);
	const pb_Reply *reply = row_ask(s->row, service, request, a);
	if (reply == NULL)
		why_set(why, "%s", row_why(s->row));
	else if (s->record != NULL && service == 0)
		fprintf(s->record, "{\"request\":%s,\"reply\":%s}\n", json_from_message(a, &request->base),
			json_from_message(a, &reply->base));
	return reply;
}

void
system_record(struct system *s, FILE *out)
{
	s->record = out;
}

bool
system_record_journals(struct system *s, FILE *out, struct why *why)
{
	struct journal_entry entries[64];
	struct record record;
	struct arena a;
	size_t count;
	bool ok = true;

	arena_init(&a);
	for (unsigned service = 0; service < SERVICE_COUNT; service++) {
		for (uint64_t after = 0; ok && (count = row_read(s->row, service, &a, after, entries, 64)) > 0;
		     after += count) {
			for (size_t i = 0; ok && i < count; i++) {
				ok = record_read(&a, entries[i].record, &record, why);
				if (ok)
					fprintf(out, "{\"service\":\"%s\",\"record\":%s}\n",
						service_of_row(service)->name,
						json_from_message(&a, &record.journal->base));
			}
			arena_reset(&a);
		}
	}
	arena_fini(&a);
	return ok;
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

static const pb_Reply *
submit_in_process(struct system *s, struct bytes packed, int64_t now_ms, struct arena *a, struct why *why)
{
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
	return system_ask(s, 0, &request, 0, a, why);
}

const pb_Reply *
system_submit(struct system *s, const pb_Submission *submission, int64_t now_ms, int timeout_ms, struct arena *a,
	      struct why *why)
{
	const struct bytes packed = RECORD_PACK(a, submission);
	struct doorbraak_receipt receipt;
	struct doorbraak_why reason;

	if (s->row != NULL)
		return submit_in_process(s, packed, now_ms, a, why);
	struct doorbraak *door = system_door(s, 0, why);
	if (door == NULL)
		return NULL;
	const enum doorbraak_result result = doorbraak_submit(
	    door, &(struct doorbraak_submission){.data = packed.data, .len = packed.len, .now_ms = now_ms}, timeout_ms,
	    &receipt, &reason);
	return read_reply(0, result, receipt.reply, &reason, a, why);
}

int
system_read(struct system *s, unsigned service, enum doorbraak_from from, struct doorbraak_cursor *after,
	    const char *const *topics, unsigned topic_count, const pb_PullReply **out, struct arena *a, struct why *why)
{
	struct pulling p;

	pulling_ask(&p, from, after, topics, topic_count, false);
	const pb_Reply *reply = system_ask(s, service, &p.request, READ_MS, a, why);
	*out = reply == NULL ? NULL : pulling_read(reply, service_of_row(service)->name, why);
	if (*out == NULL)
		return -1;
	pulling_move(after, (*out)->upto);
	return (int)(*out)->n_entries;
}

enum err
system_follow(struct system *s, unsigned service, const struct doorbraak_follow_options *options,
	      struct doorbraak_follow **follow, struct why *why)
{
	struct doorbraak *door = system_door(s, service, why);
	struct doorbraak_why reason;

	*follow = NULL;
	if (door == NULL)
		return ERR_AGAIN;
	if (doorbraak_follow_open(follow, door, options, &reason) == DOORBRAAK_OK)
		return ERR_NONE;
	why_set(why, "%s", reason.text);
	return ERR_REFUSED;
}
