// SPDX-License-Identifier: EUPL-1.2
#include "tests/end_to_end/watcher.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/client.h"
#include "common/digest.h"
#include "services/cli/system.h"

#define WAIT_MS     200 /* for something live, before looking by itself */
#define REQUEST_MAX 65536u
#define HEX_MAX     (2 * DIGEST_SIZE + 1) /* a history is no longer */

/* ---- the parent's side ---- */

void
watcher_file(const struct watcher *w, const char *dir, char out[FLEET_PATH_MAX])
{
	snprintf(out, FLEET_PATH_MAX, "%s/%s.told", dir, w->name);
}

unsigned
watcher_port(const struct watcher *w, const char *dir)
{
	char path[FLEET_PATH_MAX];
	unsigned port = 0;

	snprintf(path, sizeof path, "%s/%s.port", dir, w->name);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%5u.", &port) != 1)
		port = 0;
	fclose(f);
	return port;
}

void
watcher_start(struct watcher *w, const char *dir)
{
	char kind[8], service[8];

	snprintf(kind, sizeof kind, "%d", (int)w->kind);
	snprintf(service, sizeof service, "%u", w->service);
	w->pid = fork();
	if (w->pid < 0)
		fatal("no process could be made: %s", strerror(errno));
	if (w->pid > 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execl("/proc/self/exe", "watcher", "--watcher", w->name, kind, service, w->topic, dir, (char *)NULL);
	_exit(127);
}

void
watcher_kill(struct watcher *w)
{
	if (w->pid == 0)
		return;
	kill(w->pid, SIGKILL);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
}

bool
watcher_lives(struct watcher *w, struct why *why)
{
	int status;

	if (w->pid == 0 || waitpid(w->pid, &status, WNOHANG) != w->pid)
		return true;
	w->pid = 0;
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT)
		why_set(why, "%s ended by itself, with status %d", w->name, status);
	return false;
}

/* ---- its file ---- */

struct post {
	const struct watcher *w;
	const char *dir;
	int fd;
	struct arena arena;
	struct doorbraak_cursor cursor;
};

static void
to_hex(char out[HEX_MAX], const uint8_t *b, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		snprintf(out + 2 * i, 3, "%02x", b[i]);
}

static bool
from_hex(const char *text, uint8_t *b, unsigned size)
{
	for (unsigned i = 0; i < size; i++) {
		unsigned v;
		if (sscanf(text + 2 * i, "%2x", &v) != 1)
			return false;
		b[i] = (uint8_t)v;
	}
	return true;
}

static void
take_cursor(struct doorbraak_cursor *c, const char *line)
{
	unsigned long long seq;
	char history[HEX_MAX], digest[HEX_MAX];

	if (sscanf(line, "u %llu %64s %64s", &seq, history, digest) != 3)
		return;
	if (from_hex(history, c->history, HISTORY_SIZE) && from_hex(digest, c->digest, DIGEST_SIZE))
		c->seq = seq;
}

/* Goes on where its file says: a reader behind its last place, others behind their last whole line. */
static void
open_file(struct post *p)
{
	char path[FLEET_PATH_MAX], line[512];
	long whole = 0;

	watcher_file(p->w, p->dir, path);
	p->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	FILE *f = fopen(path, "re");
	if (p->fd < 0 || f == NULL)
		fatal("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof line, f) != NULL) {
		if (line[strlen(line) - 1] != '\n')
			break;
		if (p->w->kind != WATCHER_RECEIVER && line[0] == 'r')
			continue;
		take_cursor(&p->cursor, line);
		whole = ftell(f);
	}
	fclose(f);
	if (ftruncate(p->fd, whole) != 0 || lseek(p->fd, 0, SEEK_END) != whole)
		fatal("%s: %s", path, strerror(errno));
}

static void
put(struct post *p, const char *text)
{
	const size_t len = strlen(text);

	if (write(p->fd, text, len) != (ssize_t)len)
		fatal("%s: cannot write: %s", p->w->name, strerror(errno));
}

/* ---- readers and listeners ---- */

static void
put_record(FILE *out, uint64_t seq, const void *data, size_t len)
{
	const struct digest d = digest_of(bytes_of(data, len));
	char hex[HEX_MAX];

	to_hex(hex, d.b, DIGEST_SIZE);
	fprintf(out, "r %llu %s\n", (unsigned long long)seq, hex);
}

static void
put_place(FILE *out, const struct doorbraak_cursor *c)
{
	char history[HEX_MAX], digest[HEX_MAX];

	to_hex(history, c->history, HISTORY_SIZE);
	to_hex(digest, c->digest, DIGEST_SIZE);
	fprintf(out, "u %llu %s %s\n", (unsigned long long)c->seq, history, digest);
}

/* What is collected in memory, written at once. */
static FILE *
collect(char **text, size_t *size)
{
	FILE *out = open_memstream(text, size);

	if (out == NULL)
		fatal("out of memory");
	return out;
}

/* Takes in what there is behind its place. */
static void
pull(struct post *p, struct system *system)
{
	const char *const topics[] = {p->w->topic};
	const pb_PullReply *reply;
	struct doorbraak_cursor cursor = p->cursor;
	char *text;
	size_t size;
	struct why why;

	arena_reset(&p->arena);
	const int count = system_read(system, p->w->service, DOORBRAAK_FROM_CURSOR, &cursor, topics,
				      p->w->topic[0] != '\0', &reply, &p->arena, &why);
	if (count < 0 || (count == 0 && cursor.seq == p->cursor.seq))
		return; /* the service is gone for a moment, or has nothing */
	FILE *out = collect(&text, &size);
	for (int i = 0; i < count; i++)
		put_record(out, reply->entries[i]->seq, reply->entries[i]->record.data, reply->entries[i]->record.len);
	put_place(out, &cursor);
	fclose(out);
	put(p, text);
	free(text);
	p->cursor = cursor;
}

/* A reader as anybody would write it, on libdoorbraak. */
static _Noreturn void
follow(struct post *p, struct system *system)
{
	const char *const topics[] = {p->w->topic};
	const struct doorbraak_follow_options options = {
	    .after = p->cursor, .topics = topics, .topic_count = p->w->topic[0] != '\0'};
	struct doorbraak_follow *reader;
	struct doorbraak_record record;
	struct doorbraak_why reason;
	struct why why;

	if (system_follow(system, p->w->service, &options, &reader, &why) != ERR_NONE)
		fatal("%s: %s", p->w->name, why.text);
	for (;;) {
		char *text;
		size_t size;
		const enum doorbraak_result result = doorbraak_follow_next(reader, 1000, &record, &reason);
		if (result == DOORBRAAK_REFUSED || result == DOORBRAAK_WRONG)
			fatal("%s: %s", p->w->name, reason.text);
		if (result != DOORBRAAK_OK)
			continue;
		FILE *out = collect(&text, &size);
		put_record(out, record.seq, record.data, record.len);
		doorbraak_follow_cursor(reader, &p->cursor);
		put_place(out, &p->cursor);
		fclose(out);
		put(p, text);
		free(text);
	}
}

/* What is live is a hint that there is more: by the number, whether something was missed. */
static uint64_t
hear(struct post *p, struct client *client)
{
	struct bytes message;
	const char *topic;
	char hex[HEX_MAX];
	struct why why;

	arena_reset(&p->arena);
	if (client_receive_stream(client, WAIT_MS, &p->arena, &topic, &message) != ERR_NONE)
		return 0;
	const pb_LiveRecord *live =
	    record_unpack(&p->arena, &pb_LiveRecord_descriptor, message, RECORD_REPLY_MAX, &why);
	if (live == NULL || live->entry == NULL)
		fatal("%s: what is live cannot be read", p->w->name);
	const struct digest d = digest_of(bytes_of(live->entry->record.data, live->entry->record.len));

	to_hex(hex, d.b, DIGEST_SIZE);
	put(p, arena_printf(&p->arena, "l %llu %s %s\n", (unsigned long long)live->entry->seq, hex, topic));
	return live->entry->seq;
}

static _Noreturn void
watch(struct post *p)
{
	struct client *client = NULL;
	struct system *system;
	char run_dir[FLEET_PATH_MAX];
	struct why why;

	snprintf(run_dir, sizeof run_dir, "%s/run", p->dir);
	if (system_open(&system, run_dir, &why) != ERR_NONE)
		fatal("%s", why.text);
	if (p->w->kind == WATCHER_READER)
		follow(p, system);
	const char *const topics[] = {p->w->topic};
	const char *stream = system_stream(system, p->w->service);
	/* A service that is being killed has no address for a moment. */
	for (unsigned i = 0; stream == NULL && i < 1000; i++) {
		poll(NULL, 0, 10);
		stream = system_stream(system, p->w->service);
	}
	if (stream == NULL || client_open_stream(&client, stream, topics, 1, NULL, NULL, &why) != ERR_NONE)
		fatal("%s: no live stream", p->w->name);
	for (;;) {
		const uint64_t heard = hear(p, client);
		if (heard == 0 || heard > p->cursor.seq)
			pull(p, system);
	}
}

/* ---- receivers ---- */

static int
listen_at(const struct post *p)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	socklen_t len = sizeof at;
	char path[FLEET_PATH_MAX];

	at.sin_port = htons((uint16_t)watcher_port(p->w, p->dir));
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 16) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		fatal("%s: cannot listen: %s", p->w->name, strerror(errno));
	snprintf(path, sizeof path, "%s/%s.port", p->dir, p->w->name);
	FILE *f = fopen(path, "we");
	if (f == NULL || fprintf(f, "%u.\n", ntohs(at.sin_port)) < 0 || fclose(f) != 0)
		fatal("%s: %s", path, strerror(errno));
	return fd;
}

/* A whole request with its body; false when the other side goes away under way. */
static bool
read_request(int fd, char *text, size_t *body, size_t *len)
{
	size_t got = 0, want = 0;

	while (got < REQUEST_MAX && (want == 0 || got < want)) {
		const ssize_t n = read(fd, text + got, REQUEST_MAX - got);
		if (n <= 0)
			return false;
		got += (size_t)n;
		text[got] = '\0';
		const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\nContent-Length:");
		if (want == 0 && end != NULL) {
			*body = (size_t)(end - text) + 4;
			want = *body + (length == NULL ? 0 : strtoul(length + 17, NULL, 10));
		}
	}
	*len = got;
	return want > 0 && got >= want;
}

static void
serve(struct post *p, int fd)
{
	static char text[REQUEST_MAX + 1];
	const struct timeval patience = {.tv_sec = 2};
	size_t body = 0, len = 0;
	unsigned long long seq;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (!read_request(fd, text, &body, &len))
		return;
	const char *id = strcasestr(text, "\r\nwebhook-id:");
	const char *dash = id == NULL ? NULL : strchr(id + 13, '-');
	if (strncmp(text, "POST ", 5) == 0 && dash != NULL && sscanf(dash, "-%llu", &seq) == 1) {
		const struct digest d = digest_of(bytes_of((uint8_t *)text + body, len - body));
		char hex[HEX_MAX];
		arena_reset(&p->arena);
		to_hex(hex, d.b, DIGEST_SIZE);
		put(p, arena_printf(&p->arena, "e %llu %s\n", seq, hex));
	}
	if (strncmp(text, "OPTIONS ", 8) == 0)
		put(p, "o\n");
	static const char fine[] =
	    "HTTP/1.1 200 OK\r\nWebHook-Allowed-Origin: *\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	if (send(fd, fine, sizeof fine - 1, MSG_NOSIGNAL) < 0)
		return; /* it will come again */
}

static _Noreturn void
receive(struct post *p)
{
	const int door = listen_at(p);

	for (;;) {
		const int fd = accept4(door, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		serve(p, fd);
		close(fd);
	}
}

int
watcher_main(int argc, char **argv)
{
	struct watcher w;
	struct post p = {.w = &w};

	if (argc != 6)
		return 2;
	w = (struct watcher){.name = argv[1],
			     .kind = (enum watcher_kind)strtoul(argv[2], NULL, 10),
			     .service = (unsigned)strtoul(argv[3], NULL, 10),
			     .topic = argv[4]};
	p.dir = argv[5];
	arena_init(&p.arena);
	open_file(&p);
	if (w.kind == WATCHER_RECEIVER)
		receive(&p);
	watch(&p);
}
