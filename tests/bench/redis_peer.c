// SPDX-License-Identifier: EUPL-1.2
/* redis_peer.c - the peer of the bench: the same work on Redis Streams, as its users would build it.
 *
 *   redis_peer --records N --bytes B [--own A,B,C,D] [--dir DIR]
 *
 * Starts redis-server on a socket of its own with `appendonly yes`, `appendfsync always`, no snapshots. Then:
 *   accept    8 clients with a window of 256 XADD a record each; a record is accepted when its reply is back
 *   pipeline  the same XADDs, and four consumers in a row (processes), each: XREADGROUP COUNT 256, and for every record MULTI,
 *             HSET (state of the case), XADD (next stream), XACK, EXEC, all of a batch in one round trip
 *   same      the pipeline once more, in which each consumer also XADDs records of its own (--own, for the four consumers), as many
 *             as the services of Doorbraak write for the same messages
 * With the XADD of the client that is five durable stages. Prints `accept`, `pipeline` and `same`, each with messages a second. */
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS 8u
#define WINDOW  256u
#define STAGES  4u
#define COUNT   256u

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static _Noreturn void
quit(const char *what)
{
	fprintf(stderr, "redis_peer: %s\n", what);
	exit(1);
}

static redisContext *
connect_to(const char *path)
{
	for (unsigned tries = 0; tries < 500; tries++) {
		redisContext *c = redisConnectUnix(path);
		if (c != NULL && c->err == 0)
			return c;
		if (c != NULL)
			redisFree(c);
		poll(NULL, 0, 10);
	}
	quit("redis-server does not answer");
}

static redisReply *
reply_of(redisContext *c)
{
	void *reply = NULL;

	if (redisGetReply(c, &reply) != REDIS_OK || reply == NULL)
		quit("a reply is missing");
	if (((redisReply *)reply)->type == REDIS_REPLY_ERROR)
		quit(((redisReply *)reply)->str);
	return reply;
}

static pid_t
start_server(const char *dir, const char *path)
{
	const pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (freopen("/dev/null", "w", stdout) == NULL)
		_exit(127);
	execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", path, "--dir", dir, "--appendonly", "yes",
	       "--appendfsync", "always", "--save", "", "--auto-aof-rewrite-percentage", "0", (char *)NULL);
	_exit(127);
}

/* All clients in one process, as in the bench of Doorbraak: fill each window, take what came back. */
static void
feed(const char *path, const char *stream, unsigned records, const char *payload, size_t bytes)
{
	redisContext *clients[CLIENTS];
	unsigned open[CLIENTS] = {0}, sent = 0, done = 0;

	for (unsigned i = 0; i < CLIENTS; i++)
		clients[i] = connect_to(path);
	while (done < records) {
		for (unsigned i = 0; i < CLIENTS; i++) {
			int flushed = 0;
			for (; open[i] < WINDOW && sent < records; open[i]++, sent++)
				redisAppendCommand(clients[i], "XADD %s * c %u r %b", stream, sent % 10000, payload,
						   bytes);
			while (!flushed)
				if (redisBufferWrite(clients[i], &flushed) != REDIS_OK)
					quit("cannot write");
		}
		for (unsigned i = 0; i < CLIENTS; i++) {
			for (unsigned n = 0; open[i] > 0 && n < WINDOW / 2; n++) {
				freeReplyObject(reply_of(clients[i]));
				open[i]--;
				done++;
			}
		}
	}
	for (unsigned i = 0; i < CLIENTS; i++)
		redisFree(clients[i]);
}

/* One record in one transaction. */
static void
append_work(redisContext *c, const char *run, unsigned stage, unsigned own, const redisReply *entry)
{
	const redisReply *fields = entry->element[1];
	const redisReply *number = fields->element[1], *payload = fields->element[3];

	redisAppendCommand(c, "MULTI");
	redisAppendCommand(c, "HSET %s-state%u:%b s %b", run, stage, number->str, number->len, payload->str,
			   payload->len < 64 ? payload->len : 64);
	redisAppendCommand(c, "XADD %s%u * c %b r %b", run, stage + 1, number->str, number->len, payload->str,
			   payload->len);
	for (unsigned i = 0; i < own; i++)
		redisAppendCommand(c, "XADD %s-own%u * c %b r %b", run, stage, number->str, number->len, payload->str,
				   payload->len);
	redisAppendCommand(c, "XACK %s%u g %b", run, stage, entry->element[0]->str, entry->element[0]->len);
	redisAppendCommand(c, "EXEC");
}

static void
run_stage(const char *path, const char *run, unsigned stage, unsigned own, unsigned records)
{
	redisContext *c = connect_to(path);

	for (unsigned done = 0; done < records;) {
		redisReply *r =
		    redisCommand(c, "XREADGROUP GROUP g me COUNT %u BLOCK 1000 STREAMS %s%u >", COUNT, run, stage);
		if (r == NULL || r->type == REDIS_REPLY_ERROR)
			quit(r == NULL ? "no reply" : r->str);
		if (r->type == REDIS_REPLY_NIL) {
			freeReplyObject(r);
			continue;
		}
		const redisReply *entries = r->element[0]->element[1];
		for (size_t i = 0; i < entries->elements; i++)
			append_work(c, run, stage, own, entries->element[i]);
		for (size_t i = 0; i < entries->elements * (5 + own); i++)
			freeReplyObject(reply_of(c));
		done += (unsigned)entries->elements;
		freeReplyObject(r);
	}
	redisFree(c);
}

static double
pipeline(const char *path, const char *run, const unsigned own[STAGES], unsigned records, const char *payload,
	 size_t bytes)
{
	redisContext *c = connect_to(path);
	pid_t pids[STAGES];
	char stream[32];
	int status;

	for (unsigned i = 0; i < STAGES; i++)
		freeReplyObject(redisCommand(c, "XGROUP CREATE %s%u g 0 MKSTREAM", run, i));
	const double began = seconds();
	for (unsigned i = 0; i < STAGES; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			run_stage(path, run, i, own[i], records);
			_exit(0);
		}
	}
	snprintf(stream, sizeof stream, "%s0", run);
	feed(path, stream, records, payload, bytes);
	for (unsigned i = 0; i < STAGES; i++)
		if (waitpid(pids[i], &status, 0) != pids[i] || status != 0)
			quit("a stage failed");
	redisFree(c);
	return seconds() - began;
}

static const char *
option(int argc, char **argv, const char *name, const char *otherwise)
{
	for (int i = 1; i + 1 < argc; i += 2)
		if (strcmp(argv[i], name) == 0)
			return argv[i + 1];
	return otherwise;
}

int
main(int argc, char **argv)
{
	const unsigned records = (unsigned)strtoul(option(argc, argv, "--records", "20000"), NULL, 10);
	const size_t bytes = strtoul(option(argc, argv, "--bytes", "200"), NULL, 10);
	char dir[256], path[300], command[400];
	char *payload = malloc(bytes + 1);
	const unsigned none[STAGES] = {0};
	unsigned own[STAGES] = {0};

	sscanf(option(argc, argv, "--own", "0,3,0,3"), "%u,%u,%u,%u", &own[0], &own[1], &own[2], &own[3]);

	snprintf(dir, sizeof dir, "%s/doorbraak-redis-XXXXXX", option(argc, argv, "--dir", "/tmp"));
	if (payload == NULL || records == 0 || mkdtemp(dir) == NULL)
		quit("usage: redis_peer --records N --bytes B [--dir DIR]");
	memset(payload, 'x', bytes);
	snprintf(path, sizeof path, "%s/redis.sock", dir);
	const pid_t server = start_server(dir, path);
	redisContext *c = connect_to(path);
	const double began = seconds();
	feed(path, "warm", records, payload, bytes);
	printf("accept %.0f\n", (double)records / (seconds() - began));
	printf("pipeline %.0f\n", (double)records / pipeline(path, "s", none, records, payload, bytes));
	printf("same %.0f\n", (double)records / pipeline(path, "t", own, records, payload, bytes));
	redisFree(c);
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	snprintf(command, sizeof command, "rm -rf '%s'", dir);
	free(payload);
	return system(command) == 0 ? 0 : 1;
}
