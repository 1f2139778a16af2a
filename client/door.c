// SPDX-License-Identifier: EUPL-1.2
#include "client/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/record_wire.h"

#define PLACE_BITS   9 /* of a question's number, for its place: 512 places */
#define VARINT_MAX   10
#define REQUEST_ID   1u /* field of Request and of Reply */
#define NEVER_MS     INT64_MAX
#define AGAIN_MIN_MS 50
#define UNSENT_MS    20 /* without a connection or room, look again after so long; the socket may tell sooner */

_Static_assert(DOOR_QUESTIONS <= 1u << PLACE_BITS, "places fit in the number");

const char *
doorbraak_version(void)
{
	return DOORBRAAK_VERSION;
}

int64_t
door_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct doorbraak *
door_new(const char *address)
{
	struct doorbraak *door = calloc(1, sizeof *door);

	if (door == NULL)
		fatal("out of memory");
	snprintf(door->address, sizeof door->address, "%s", address);
	arena_init(&door->arena);
	TAILQ_INIT(&door->open);
	TAILQ_INIT(&door->settled);
	TAILQ_INIT(&door->idle);
	for (unsigned i = 0; i < DOOR_QUESTIONS; i++)
		TAILQ_INSERT_TAIL(&door->idle, &door->questions[i], place);
	door->next_due_ms = NEVER_MS;
	return door;
}

/* `line` may be NULL: no keys. */
static enum doorbraak_result
open_line(struct doorbraak **out, const char *address, const struct curve_line *line, struct doorbraak *beside,
	  struct why *why)
{
	struct doorbraak *door = door_new(address);

	*out = NULL;
	if (strlen(address) >= sizeof door->address)
		why_set(why, "%.40s..: an address has at most %zu characters", address, sizeof door->address - 1);
	else if (client_open(&door->client, address, line, beside == NULL ? NULL : beside->client, why) == ERR_NONE)
		*out = door;
	if (*out == NULL)
		doorbraak_close(&door);
	return *out == NULL ? DOORBRAAK_WRONG : DOORBRAAK_OK;
}

enum doorbraak_result
doorbraak_open(struct doorbraak **out, const char *address, struct doorbraak *beside, struct doorbraak_why *why)
{
	return open_line(out, address, NULL, beside, door_why(why));
}

/* Keys with spaces between. */
static bool
read_doors(struct curve_line *line, const char *text, struct why *why)
{
	char one[CURVE_TEXT_LEN + 1];

	for (text += strspn(text, " "); *text != '\0' && line->count < CURVE_SERVERS_MAX; text += strspn(text, " ")) {
		const size_t len = strcspn(text, " ");

		snprintf(one, sizeof one, "%.*s", (int)(len < sizeof one ? len : sizeof one - 1), text);
		if (len != CURVE_TEXT_LEN || !curve_key_read(&line->servers[line->count++], one)) {
			why_set(why, "'%.40s' is no public key: 40 characters, as `doorbraak keys list` shows them",
				one);
			return false;
		}
		text += len;
	}
	if (line->count > 0 && *text == '\0')
		return true;
	why_set(why, "a door has one key, or up to %u with a space between", CURVE_SERVERS_MAX);
	return false;
}

enum doorbraak_result
doorbraak_open_with_keys(struct doorbraak **out, const char *address, const struct doorbraak_keys *keys,
			 struct doorbraak *beside, struct doorbraak_why *why)
{
	enum doorbraak_result result = DOORBRAAK_WRONG;
	struct curve_pair *own = curve_pair_read(keys->secret, door_why(why));
	struct curve_line line = {.own = own};

	*out = NULL;
	if (own != NULL && read_doors(&line, keys->door, door_why(why)))
		result = open_line(out, address, &line, beside, door_why(why));
	curve_pair_free(&own);
	return result;
}

enum doorbraak_result
door_open_again(struct doorbraak **out, struct doorbraak *of, struct doorbraak_why *why)
{
	struct doorbraak *door = door_new(of->address);

	*out = door;
	if (client_open_again(&door->client, of->client, door_why(why)) == ERR_NONE)
		return DOORBRAAK_OK;
	doorbraak_close(out);
	return DOORBRAAK_WRONG;
}

void
doorbraak_close(struct doorbraak **out)
{
	struct doorbraak *door = *out;

	*out = NULL;
	if (door == NULL)
		return;
	client_close(&door->client);
	for (unsigned i = 0; i < DOOR_QUESTIONS; i++) {
		free(door->questions[i].bytes.data);
		free(door->questions[i].reply.data);
	}
	arena_fini(&door->arena);
	free(door);
}

/* ---- questions ---- */

static void
fill(struct buffer *b, struct bytes from, size_t more)
{
	const size_t room = from.len + more;

	if (b->room < room) {
		free(b->data);
		b->room = room < 1024 ? 1024 : room;
		b->data = malloc(b->room);
		if (b->data == NULL)
			fatal("out of memory: %zu bytes", b->room);
	}
	if (from.len > 0)
		memcpy(b->data, from.data, from.len);
	b->len = from.len;
}

/* Of a field that stands there twice the last one counts: the number behind the message takes the place of one inside. */
static void
put_number(struct buffer *b, uint64_t number)
{
	b->data[b->len++] = REQUEST_ID << 3;
	for (; number >= 0x80; number >>= 7)
		b->data[b->len++] = (uint8_t)(number | 0x80);
	b->data[b->len++] = (uint8_t)number;
}

static bool
send_one(struct doorbraak *door, struct question *q, int64_t now_ms)
{
	if (client_send(door->client, bytes_of(q->bytes.data, q->bytes.len), 0) != ERR_NONE)
		return false;
	q->due_ms = now_ms + DOOR_ASK_AGAIN_MS;
	if (q->due_ms < door->next_due_ms)
		door->next_due_ms = q->due_ms;
	return true;
}

struct question *
door_begin(struct doorbraak *door, struct bytes request)
{
	struct question *q = TAILQ_FIRST(&door->idle);

	if (q == NULL)
		return NULL;
	TAILQ_REMOVE(&door->idle, q, place);
	TAILQ_INSERT_TAIL(&door->open, q, place);
	q->id = ++door->used << PLACE_BITS | (uint64_t)(q - door->questions);
	q->due_ms = 0;
	q->settled = q->submits = false;
	q->answer = (struct bytes){0};
	q->reply.len = 0;
	fill(&q->bytes, request, 1 + VARINT_MAX);
	put_number(&q->bytes, q->id);
	/* What began earlier and could not leave yet goes first. */
	if (door->next_due_ms > 0 && send_one(door, q, door_now_ms()))
		return q;
	door->next_due_ms = 0;
	return q;
}

void
door_end(struct doorbraak *door, struct question *q)
{
	door->count -= q->submits;
	if (q->settled && q->submits)
		TAILQ_REMOVE(&door->settled, q, place);
	else
		TAILQ_REMOVE(&door->open, q, place);
	TAILQ_INSERT_TAIL(&door->idle, q, place);
	q->id = 0;
}

/* In the order in which they began. False: some could not leave. */
static bool
send_due(struct doorbraak *door, int64_t now_ms)
{
	if (now_ms < door->next_due_ms)
		return true;
	door->next_due_ms = NEVER_MS;
	for (struct question *q = TAILQ_FIRST(&door->open); q != NULL; q = TAILQ_NEXT(q, place)) {
		if (q->settled)
			continue;
		if (q->due_ms <= now_ms && !send_one(door, q, now_ms)) {
			door->next_due_ms = 0;
			return false;
		}
		if (q->due_ms < door->next_due_ms)
			door->next_due_ms = q->due_ms;
	}
	return true;
}

void
door_again(struct doorbraak *door, struct question *q, int64_t after_ms)
{
	q->settled = false;
	q->due_ms = door_now_ms() + (after_ms > AGAIN_MIN_MS ? after_ms : AGAIN_MIN_MS);
	if (q->due_ms < door->next_due_ms)
		door->next_due_ms = q->due_ms;
}

bool
door_is_passing(const pb_Reply *reply, int64_t *after_ms)
{
	if (reply->body_case != DOORBRAAK__V1__REPLY__BODY_REFUSED)
		return false;
	const int reason = (int)reply->refused->reason;
	*after_ms = reply->refused->retry_after_ms;
	return reason == REFUSED_REASON_BUSY || reason == REFUSED_REASON_DISK_LOW || reason == REFUSED_REASON_DRAINING;
}

static void
settle_submission(struct doorbraak *door, struct question *q, struct bytes message)
{
	struct why why;
	int64_t after_ms;
	const pb_Reply *reply = record_unpack(&door->arena, &pb_Reply_descriptor, message, RECORD_REPLY_MAX, &why);

	fill(&q->reply, message, 0);
	submit_read(&q->receipt, reply);
	q->receipt.tag = q->tag;
	q->receipt.reply = (struct doorbraak_bytes){q->reply.data, q->reply.len};
	if (reply != NULL && door_is_passing(reply, &after_ms)) {
		door_again(door, q, after_ms);
		return;
	}
	q->settled = true;
	TAILQ_REMOVE(&door->open, q, place);
	TAILQ_INSERT_TAIL(&door->settled, q, place);
}

/* Finds the question of a reply. What nobody waits for any more is dropped. */
static void
take_reply(struct doorbraak *door, struct bytes message)
{
	uint64_t id = 0;

	if (!wire_last_varint(message, REQUEST_ID, &id))
		return;
	const size_t place = (size_t)(id & ((1u << PLACE_BITS) - 1));
	struct question *q = place < DOOR_QUESTIONS ? &door->questions[place] : NULL;
	if (q == NULL || id == 0 || q->id != id || q->settled)
		return;
	if (q->submits) {
		settle_submission(door, q, message);
		return;
	}
	q->settled = true;
	q->answer = message;
}

bool
door_work(struct doorbraak *door, const struct question *wanted, int timeout_ms)
{
	const int64_t until_ms = door_now_ms() + timeout_ms;
	struct bytes message;

	for (;;) {
		const int64_t now_ms = door_now_ms();
		const bool sent = send_due(door, now_ms);
		for (;;) {
			if (wanted != NULL ? wanted->settled : !TAILQ_EMPTY(&door->settled))
				return true;
			const enum err err = client_receive(door->client, 0, &door->arena, &message);
			if (err == ERR_AGAIN)
				break;
			if (err == ERR_NONE)
				take_reply(door, message);
		}
		if (now_ms >= until_ms)
			return false;
		int64_t end_ms = sent ? door->next_due_ms : now_ms + UNSENT_MS;
		end_ms = end_ms < until_ms ? end_ms : until_ms;
		client_wait(door->client, !sent, end_ms > now_ms ? (int)(end_ms - now_ms) : 0);
	}
}

enum doorbraak_result
door_silent(const struct doorbraak *door, int timeout_ms, struct why *why)
{
	why_set(why, "%s gives no answer within %d ms: does the service run, and is this its door?", door->address,
		timeout_ms);
	return DOORBRAAK_AGAIN;
}

enum doorbraak_result
doorbraak_ask(struct doorbraak *door, const void *request, size_t len, int timeout_ms, struct doorbraak_bytes *reply,
	      struct doorbraak_why *why)
{
	enum doorbraak_result result = DOORBRAAK_OK;

	arena_reset(&door->arena);
	if (len > RECORD_REQUEST_MAX - 16) {
		why_set(door_why(why), "a question of %zu bytes; the largest has %u", len, RECORD_REQUEST_MAX - 16);
		return DOORBRAAK_WRONG;
	}
	struct question *q = door_begin(door, bytes_of(request, len));
	ASSERT(q != NULL); /* submissions never take the last place */
	if (door_work(door, q, timeout_ms))
		*reply = (struct doorbraak_bytes){q->answer.data, q->answer.len};
	else
		result = door_silent(door, timeout_ms, door_why(why));
	door_end(door, q);
	return result;
}
