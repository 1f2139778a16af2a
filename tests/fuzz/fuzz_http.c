// SPDX-License-Identifier: EUPL-1.2
/* Intake's door over HTTP against any bytes: a text that begins with { is the body of a POST, anything else goes over the
 * wire as it is. Sockets, server, door and store are the real ones, in this process.
 *
 * Whatever comes, what goes back is answers of HTTP, each with the headers that every answer of ours has. What we say is
 * JSON. What is accepted stands in the journal, and the same body again gives the same answer as a duplicate.
 *
 * The store lives under FUZZ_DIR (a memory file system is faster), else /tmp, and is left there. */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/web.h"
#include "tests/sim/adopt.h"

#define TURNS_MAX  400u /* without an answer: it waits for more */
#define QUIET_MAX  30u
#define ANSWER_MAX (256u << 10)
#define INPUT_MAX  16384u
#define STORE_MAX  20000u /* inputs in one store */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
	char dir[256];
	struct event_base *base;
	struct node *node;
	struct http *http;
	struct web *web;
	struct arena arena;
	struct node_now now;
	uint16_t port;
	unsigned inputs, stores;
	bool adopted;
	char answer[ANSWER_MAX + 1];
	size_t len;
};

static struct fuzz fuzz;

/* ---- intake ---- */

static void
on_reply(void *ctx, const struct peer *to, struct bytes message)
{
	struct why why;

	(void)ctx;
	if (web_is_peer(to)) {
		web_hear(fuzz.web, to, message);
		return;
	}
	const pb_Reply *reply = record_unpack(&fuzz.arena, &pb_Reply_descriptor, message, RECORD_REPLY_MAX, &why);
	fuzz.adopted = reply != NULL && reply->body_case == DOORBRAAK__V1__REPLY__BODY_ACCEPTED;
}

static void
on_random(void *ctx, uint8_t *out, size_t len)
{
	static uint64_t seed = 1;

	(void)ctx;
	for (size_t i = 0; i < len; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1;
		out[i] = (uint8_t)(seed >> 56);
	}
}

static void
turn(void)
{
	event_base_loop(fuzz.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	http_tidy(fuzz.http);
	fuzz.now.steady_ms++;
	if (node_turn(fuzz.node, fuzz.now) != ERR_NONE)
		fatal("intake broke: %s", node_why(fuzz.node));
	if (web_turn(fuzz.web, fuzz.now) != ERR_NONE)
		fatal("the door over HTTP broke");
}

static void
adopt(struct bytes submission)
{
	static const struct peer peer = {.len = 1};
	pb_Request request;
	pb_SubmitRequest body;
	Google__Protobuf__Timestamp now;

	record_timestamp(&now, fuzz.now.wall_ms);
	pb_Request_init(&request);
	pb_SubmitRequest_init(&body);
	body.submission = (ProtobufCBinaryData){submission.len, (uint8_t *)(uintptr_t)submission.data};
	body.now = &now;
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBMIT;
	request.submit = &body;
	node_take(fuzz.node, &peer, RECORD_PACK(&fuzz.arena, &request));
	fuzz.adopted = false;
	turn();
	if (!fuzz.adopted)
		fatal("the administrator is not believed");
}

static void
close_all(void)
{
	if (fuzz.web != NULL)
		web_stop(fuzz.web);
	http_close(&fuzz.http);
	web_close(&fuzz.web);
	node_close(&fuzz.node);
}

static void
open_all(void)
{
	char store[300], access[300];
	struct why why;

	snprintf(store, sizeof store, "%s/intake-%u", fuzz.dir, fuzz.stores);
	snprintf(access, sizeof access, "%s/access-%u", fuzz.dir, fuzz.stores++);
	fuzz.now = (struct node_now){cal_local_ms(cal_from_date(2021, 3, 1), 9, 0, 0), 1000};
	const struct node_options node = {.service = &intake_service,
					  .store = {.dir = store, .map_bytes = (size_t)1 << 30, .fast = true},
					  .clock = NODE_CLOCK_DRIVEN,
					  .io = {.reply = on_reply, .random = on_random}};
	if (node_open(&fuzz.node, &node, &why) != ERR_NONE)
		fatal("%s", why.text);
	const struct web_options web = {.base = fuzz.base,
					.node = fuzz.node,
					.service = &intake_service,
					.endpoints = web_endpoints_of(&intake_service),
					.now = fuzz.now,
					.map_bytes = (size_t)64 << 20,
					.access_dir = access,
					.open_door = true,
					.calls_max = 8};
	if (web_open(&fuzz.web, &web, &why) != ERR_NONE)
		fatal("%s", why.text);
	const struct http_options http = {
	    .base = fuzz.base, .host = "127.0.0.1", .tables = {web_table(fuzz.web)}, .body_max = HTTP_BODY_INTAKE_MAX};
	if (http_open(&fuzz.http, &http, &why) != ERR_NONE)
		fatal("%s", why.text);
	fuzz.port = (uint16_t)strtoul(strrchr(http_url(fuzz.http), ':') + 1, NULL, 10);
	for (unsigned i = 0; i < adopt_count(); i++) {
		arena_reset(&fuzz.arena);
		adopt(adopt_submission(&fuzz.arena, i, fuzz.now.wall_ms));
	}
}

static void
say_nothing(int severity, const char *message)
{
	(void)severity;
	(void)message;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *place = getenv("FUZZ_DIR");

	(void)argc, (void)argv;
	snprintf(fuzz.dir, sizeof fuzz.dir, "%.200s/http-XXXXXX", place == NULL ? "/tmp" : place);
	if (mkdtemp(fuzz.dir) == NULL)
		fatal("%s: %s", fuzz.dir, strerror(errno));
	event_set_log_callback(say_nothing);
	fuzz.base = event_base_new();
	arena_init(&fuzz.arena);
	return 0;
}

/* ---- a client that knows no HTTP ---- */

/* The fuzzer's own alarm may come in between; the connection is then made without us. */
static bool
connected(int fd, const struct sockaddr_in *address)
{
	struct pollfd made = {.fd = fd, .events = POLLOUT};

	while (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0) {
		if (errno == EISCONN)
			return true;
		if (errno != EINTR && errno != EALREADY && errno != EINPROGRESS)
			return false;
		poll(&made, 1, 1000);
	}
	return true;
}

/* Sends all, says that there is no more, and reads what comes until the server closes or is quiet. */
static void
talk(struct bytes b)
{
	const struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_port = htons(fuzz.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct linger none = {.l_onoff = 1};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unsigned quiet = 0;
	size_t sent = 0;

	if (fd < 0 || !connected(fd, &address))
		fatal("no connection: %s", strerror(errno));
	/* Ports of closed connections would run out. */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
	fuzz.len = 0;
	for (unsigned i = 0; i < TURNS_MAX && quiet < QUIET_MAX; i++) {
		const ssize_t out =
		    sent < b.len ? send(fd, b.data + sent, b.len - sent, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
		sent += out > 0 ? (size_t)out : 0;
		turn();
		const ssize_t in = recv(fd, fuzz.answer + fuzz.len, ANSWER_MAX - fuzz.len, MSG_DONTWAIT);
		if (in == 0 || (in < 0 && errno != EAGAIN))
			break;
		fuzz.len += in > 0 ? (size_t)in : 0;
		quiet = in > 0 || out > 0 ? 0 : quiet + 1;
	}
	close(fd);
	turn();
	fuzz.answer[fuzz.len] = '\0';
}

/* ---- what must hold ---- */

static bool
is_json(const char *text, size_t len)
{
	struct json_problems ps = {.count = 0};

	return json_parse(&fuzz.arena, bytes_of(text, len), &ps) != NULL;
}

/* One answer at the beginning of the text; its length. What libevent says itself is HTML, and ends the connection. */
static size_t
look_at_answer(const char *text, int *status)
{
	const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\nContent-Length: ");

	/* libevent repeats the version that was asked, whatever it is. */
	ASSERT(sscanf(text, "HTTP/%*[^ ] %3d ", status) == 1 && *status >= 200 && *status <= 599);
	ASSERT(end != NULL);
	const size_t head = (size_t)(end + 4 - text);
	const size_t body = length == NULL || length > end ? 0 : strtoul(length + 18, NULL, 10);

	if (strcasestr(text, "\r\nContent-Type: text/html") != NULL && *status >= 400)
		return fuzz.len;
	const char *version = strstr(text, "\r\nAPI-Version: "), *sniff = strstr(text, "\r\nX-Content-Type-Options: ");
	ASSERT(version != NULL && version < end && sniff != NULL && sniff < end);
	ASSERT(*status != 500);
	/* HEAD has the length of what is left out. */
	if (body > 0 && head + body <= strlen(text) && text[head] != 'H')
		ASSERT(is_json(text + head, body));
	return head + (text[head] == '{' ? body : 0);
}

static void
look_at_answers(void)
{
	int status;

	for (size_t at = 0; at < fuzz.len;)
		at += look_at_answer(fuzz.answer + at, &status);
}

static uint64_t
head_seq(void)
{
	struct node_status s;

	node_status(fuzz.node, &s);
	return s.head.seq;
}

static void
post(struct bytes body, int *status)
{
	const char *head = arena_printf(&fuzz.arena,
					"POST /v1/submissions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
					"Content-Length: %zu\r\n\r\n",
					body.len);
	const size_t len = strlen(head);
	uint8_t *whole = arena_take(&fuzz.arena, len + body.len);

	memcpy(whole, head, len);
	memcpy(whole + len, body.data, body.len);
	talk(bytes_of(whole, len + body.len));
	ASSERT(fuzz.len > 0);
	ASSERT(look_at_answer(fuzz.answer, status) == fuzz.len);
}

/* What was accepted is there, and is not taken twice. */
static void
look_at_post(struct bytes body)
{
	const uint64_t before = head_seq();
	const bool batch = memmem(body.data, body.len, "submissions", 11) != NULL;
	int status, again;

	post(body, &status);
	const uint64_t after = head_seq();
	if (status == 201)
		ASSERT(after > before);
	else if (!batch)
		ASSERT(after == before);
	post(body, &again);
	if (status == 201)
		ASSERT(again == 200 && strstr(fuzz.answer, "\"duplicate\":true") != NULL);
	else
		ASSERT(again == status);
	ASSERT(head_seq() == after);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > INPUT_MAX)
		return -1;
	if (fuzz.inputs++ % STORE_MAX == 0) {
		close_all();
		open_all();
	}
	arena_reset(&fuzz.arena);
	if (size > 0 && data[0] == '{') {
		look_at_post(bytes_of(data, size));
	} else {
		talk(bytes_of(data, size));
		look_at_answers();
	}
	return 0;
}
