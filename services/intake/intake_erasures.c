// SPDX-License-Identifier: EUPL-1.2
/* Happy path: at start every line is looked up in the store, what is not erased there is handed in as a submission of the built-in
 * operator; then, after each turn in which something was erased, lines are appended and flushed, and the store remembers how
 * far the list is. Failure: a list that cannot be read or written ends the process, with a sentence. */
#include "services/intake/intake_erasures.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/config.h"
#include "common/metrics.h"
#include "services/intake/intake_state.h"

#define MOMENT_LEN   20u /* 2026-03-02T09:14:55Z */
#define ORGANISATION "NAT-VWS"

struct erasures {
	struct executor_world world;
	char path[CONFIG_TEXT_MAX + 16];
	uint64_t listed; /* the last erasure of the store that stands in the list */
	uint64_t seen;   /* of node_status: erasures so far */
	uint64_t again;  /* erased anew at start */
	struct node_status told;
};

/* ---- reading ---- */

struct line {
	int64_t at_ms;
	int ground;
	struct id case_id;
};

static bool
parse_line(const char *text, struct line *line)
{
	char moment[MOMENT_LEN + 1], case_id[INTAKE_ERASURES_LINE_MAX], ground[INTAKE_ERASURES_LINE_MAX];
	struct tm tm = {0};
	int end = 0;

	if (sscanf(text, "%20s %127s %127s %n", moment, case_id, ground, &end) != 3 || text[end] != '\0')
		return false;
	const char *rest = strptime(moment, "%Y-%m-%dT%H:%M:%SZ", &tm);

	*line = (struct line){.at_ms = (int64_t)timegm(&tm) * 1000,
			      .ground = record_enum_value(record_enum("ErasureGround"), ground)};
	if (rest == NULL || *rest != '\0' || !record_is_id(case_id) || line->ground <= 0)
		return false;
	line->case_id = id_of(case_id);
	return true;
}

/* Calls `each` for every line; false stops. */
static bool
read_lines(const char *path, bool (*each)(void *ctx, const struct line *line), void *ctx, struct why *why)
{
	char text[INTAKE_ERASURES_LINE_MAX];
	struct line line;
	unsigned number = 0;
	bool ok = true;
	FILE *file = fopen(path, "re");

	if (file == NULL && errno == ENOENT)
		return true;
	if (file == NULL) {
		why_set(why, "the list of erasures %s cannot be read: %s", path, strerror(errno));
		return false;
	}
	while (ok && fgets(text, sizeof text, file) != NULL) {
		char *end = strchr(text, '\n');

		number++;
		if (end == NULL && feof(file))
			break; /* cut off by a crash */
		ok = end != NULL;
		if (ok)
			*end = '\0';
		ok = ok && parse_line(text, &line);
		if (!ok)
			why_set(
			    why,
			    "%s:%u: is no line of the list of erasures (moment, case, ground): repair it before the "
			    "service starts, or it shows again what was erased",
			    path, number);
		ok = ok && each(ctx, &line);
	}
	if (ok && ferror(file)) {
		why_set(why, "the list of erasures %s cannot be read: %s", path, strerror(errno));
		ok = false;
	}
	fclose(file);
	return ok;
}

/* ---- applying ---- */

/* In this life of the node, and before it what is still pending. */
static uint64_t
erasures(const struct node *node)
{
	struct node_status status;

	node_status(node, &status);
	return status.erasures_pending + status.erasures_done;
}

struct applying {
	struct node *node;
	struct node_now now;
	struct arena arena;
	struct why *why;
	bool any;
	bool only_look; /* the second time: nothing may be left */
};

static bool
is_to_be_erased(struct applying *ap, const struct line *line)
{
	const struct intake_state *st = node_self(ap->node);
	struct store_txn *txn = store_begin_read(node_store(ap->node));
	const bool is = intake_case_known(st, txn, line->case_id.s) && !intake_case_erased(st, txn, line->case_id.s);

	store_abort(txn);
	return is;
}

static struct bytes
submission_of(struct arena *a, const struct line *line, int64_t clock_ms)
{
	const int64_t at_ms = line->at_ms < clock_ms ? line->at_ms : clock_ms;
	Google__Protobuf__Timestamp at;
	pb_Submission s;
	pb_Actor actor;
	pb_CaseErased body;

	pb_Submission_init(&s);
	pb_Actor_init(&actor);
	pb_CaseErased_init(&body);
	record_timestamp(&at, at_ms);
	actor.role = (Doorbraak__V1__Role)ROLE_OPERATOR;
	actor.organisation = record_text(a, ORGANISATION);
	body.ground = (Doorbraak__V1__ErasureGround)line->ground;
	s.source = record_text(a, INTAKE_OPERATOR);
	s.id = arena_printf(a, "erased-again-%s", line->case_id.s);
	s.actor = &actor;
	s.occurred_at = &at;
	s.case_id = record_text(a, line->case_id.s);
	s.body_case = DOORBRAAK__V1__SUBMISSION__BODY_CASE_ERASED;
	s.case_erased = &body;
	return RECORD_PACK(a, &s);
}

static bool
turn(struct applying *ap)
{
	const enum err err = node_turn(ap->node, ap->now);

	arena_reset(&ap->arena);
	if (err != ERR_NONE)
		why_set(ap->why, "what was erased before cannot be erased again: %s", node_why(ap->node));
	return err == ERR_NONE;
}

static bool
apply_line(void *ctx, const struct line *line)
{
	struct applying *ap = ctx;
	struct node_status status;

	if (!is_to_be_erased(ap, line))
		return true;
	if (ap->only_look) {
		why_set(ap->why,
			"the case %s of the list of erasures could not be erased again: is the disk nearly full?",
			line->case_id.s);
		return false;
	}
	node_status(ap->node, &status);
	node_take_own(ap->node, submission_of(&ap->arena, line, status.clock_ms));
	ap->any = true;
	return node_has_room(ap->node) || turn(ap);
}

bool
intake_erasures_apply(struct node *node, const char *path, struct node_now now, uint64_t *count, struct why *why)
{
	struct applying ap = {.node = node, .now = now, .why = why};
	const uint64_t before = erasures(node);

	arena_init(&ap.arena);
	bool ok = read_lines(path, apply_line, &ap, why) && (!ap.any || turn(&ap));

	ap.only_look = true;
	ok = ok && (!ap.any || read_lines(path, apply_line, &ap, why));
	arena_fini(&ap.arena);
	*count = erasures(node) - before;
	return ok;
}

/* ---- keeping ---- */

/* Opened at its end, behind the last whole line; -1 after telling why. */
static int
open_end(const char *path, struct why *why)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;
	char last;

	if (fd < 0 || fstat(fd, &st) != 0) {
		why_set(why, "the list of erasures %s cannot be opened: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	off_t end = st.st_size;
	while (end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n')
		end--;
	if ((end < st.st_size && ftruncate(fd, end) != 0) || lseek(fd, end, SEEK_SET) != end) {
		why_set(why, "the list of erasures %s cannot be written: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static bool
write_line(int fd, const struct intake_erasure *e)
{
	const time_t at = (time_t)(e->at_ms / 1000);
	char text[INTAKE_ERASURES_LINE_MAX], moment[MOMENT_LEN + 1];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(moment, sizeof moment, "%Y-%m-%dT%H:%M:%SZ", &tm);
	const int len =
	    snprintf(text, sizeof text, "%s %s %s\n", moment, e->case_id.s, record_code_of("ErasureGround", e->ground));

	ASSERT(len > 0 && (size_t)len < sizeof text);
	return write(fd, text, (size_t)len) == len;
}

/* What the store erased behind `listed`. */
static bool
append_new(struct erasures *self, struct why *why)
{
	const struct intake_state *st = node_self(self->world.node);
	struct store_txn *txn = store_begin_write(node_store(self->world.node));
	struct intake_erasure e;
	const uint64_t before = self->listed;
	int fd = -1;
	bool ok = true;

	while (ok && intake_erased_next(st, txn, self->listed, &e)) {
		if (fd < 0)
			fd = open_end(self->path, why);
		ok = fd >= 0;
		if (ok && !write_line(fd, &e)) {
			why_set(why, "the list of erasures %s cannot be written: %s", self->path, strerror(errno));
			ok = false;
		}
		self->listed = e.seq;
	}
	if (ok && fd >= 0 && fsync(fd) != 0) {
		why_set(why, "the list of erasures %s cannot be made durable: %s", self->path, strerror(errno));
		ok = false;
	}
	if (fd >= 0)
		close(fd);
	if (!ok || self->listed == before) {
		store_abort(txn);
		return ok;
	}
	intake_listed_put(st, txn, self->listed);
	if (store_commit(txn) == ERR_NONE)
		return true;
	why_set(why, "the store cannot be written: look at the disk");
	return false;
}

/* Made, and cut behind its last whole line, while the sandbox does not hold yet. */
static bool
prepare_list(void *at, const struct config *config, struct why *why)
{
	const int fd = open_end(config->erasures, why);

	(void)at;
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool
open_list(void *at, const struct executor_world *world, struct why *why)
{
	struct erasures *self = at;
	const struct intake_state *st = node_self(world->node);
	struct stat file;

	self->world = *world;
	memcpy(self->path, world->config->erasures, sizeof self->path);
	if (!intake_erasures_apply(world->node, self->path, world->now, &self->again, why))
		return false;
	if (self->again > 0)
		log_say(world->log, LOG_LEVEL_WARN, "erased_again", log_number("cases", self->again),
			log_text("list", self->path));
	/* An empty one is one that was lost, or never was: all of it is written. */
	if (stat(self->path, &file) == 0 && file.st_size > 0) {
		struct store_txn *txn = store_begin_read(node_store(world->node));

		self->listed = intake_listed(st, txn);
		store_abort(txn);
	}
	return append_new(self, why);
}

static void
tell_copies(struct erasures *self)
{
	const struct node_status told = self->told;

	node_status(self->world.node, &self->told);
	if (self->told.copies > told.copies)
		log_say(self->world.log, LOG_LEVEL_INFO, "store_copied",
			log_number("erasures", self->told.erasures_done - told.erasures_done),
			log_number("ms", (self->told.copy_us_sum - told.copy_us_sum) / 1000));
	if (self->told.copies_failed > told.copies_failed)
		log_say(self->world.log, LOG_LEVEL_WARN, "store_not_copied",
			log_number("erasures", self->told.erasures_pending),
			log_text("why", node_erase_why(self->world.node)));
}

static void
keep_list(void *at, struct node_now now)
{
	struct erasures *self = at;
	const uint64_t so_far = erasures(self->world.node);
	struct why why;

	(void)now;
	tell_copies(self);
	if (so_far == self->seen)
		return;
	self->seen = so_far;
	if (append_new(self, &why))
		return;
	log_say(self->world.log, LOG_LEVEL_ERROR, "failed", log_text("why", why.text));
	_exit(RUNTIME_FAILED);
}

static void
figures(void *at, struct metrics *metrics)
{
	(void)at, (void)metrics;
}

static void
close_list(void *at)
{
	(void)at;
}

const struct executor intake_erasures = {
    .self_bytes = sizeof(struct erasures),
    .prepare = prepare_list,
    .open = open_list,
    .turn = keep_list,
    .figures = figures,
    .close = close_list,
};
