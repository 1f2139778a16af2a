// SPDX-License-Identifier: EUPL-1.2
/* crash_states.c - every state of the disk that a crash of the store may leave, as far as it can be thought of.
 *
 *   crash_states [--transactions N] [--seed S] [--dir DIR]
 *
 * Transactions run on a store, from its making on and over a few lives, while all that is written to data.mdb is taken down:
 * writes, sizes, flushes, the renaming of the folder, and each commit that returned. Then the tape is played: what was flushed
 * is on the disk; of what was not, anything may be - nothing, all, what came first, single sectors of 512 bytes, a write torn in
 * two. At every flush, every commit and a third of all other moments, several such disks are made, and the store opened on each,
 * by a process of its own. It must hold the rows of the last commit that returned, or of the one under way, exactly; before the
 * folder has its name, it must make a new one. Not thought of: a file that is missing in a folder that was flushed with it in.
 * Ends with `N passed, N failed`, where N counts disks. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/store.h"
#include "tests/load/load.h"

#define KEYS      64u
#define VALUE_MAX 9000u /* so that some take pages of their own */
#define SECTOR    512u
#define VARIANTS  5u
#define LIFE      25u /* transactions of a life */
#define OPS_MAX   200000u

/* ---- the tape ---------------------------------------------------------------------------------------------------- */

enum kind { WRITE, SIZE, FLUSH, RENAME, NAME_FLUSHED, RETURNED };

struct op {
	enum kind kind;
	bool durable; /* a write that is flushed when it returns */
	uint64_t at;  /* place, size, or number of the transaction */
	uint32_t len;
	uint8_t *bytes;
};

static struct {
	bool on;
	char parent[PATH_MAX];
	struct op *ops;
	size_t count;
} tape;

static struct op *
note(enum kind kind, uint64_t at)
{
	if (tape.count == OPS_MAX)
		fatal("the tape is full");
	struct op *op = &tape.ops[tape.count++];
	*op = (struct op){.kind = kind, .at = at};
	return op;
}

static bool
path_of(int fd, char path[PATH_MAX])
{
	char link[32];

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	const ssize_t len = tape.on ? readlink(link, path, PATH_MAX - 1) : -1;
	path[len < 0 ? 0 : len] = '\0';
	return len > 0;
}

static bool
is_data(int fd)
{
	char path[PATH_MAX];
	static const char name[] = "/data.mdb";

	return path_of(fd, path) && strlen(path) > sizeof name &&
	       strcmp(path + strlen(path) - sizeof name + 1, name) == 0;
}

static void
note_write(int fd, const void *bytes, size_t len, off_t at)
{
	if (!is_data(fd) || len == 0)
		return;
	struct op *op = note(WRITE, (uint64_t)at);
	op->durable = (fcntl(fd, F_GETFL) & O_DSYNC) != 0;
	op->len = (uint32_t)len;
	op->bytes = malloc(len);
	if (op->bytes == NULL)
		fatal("out of memory");
	memcpy(op->bytes, bytes, len);
}

ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	note_write(fd, bytes, len, at);
	return syscall(SYS_pwrite64, fd, bytes, len, at);
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
	off_t place = lseek(fd, 0, SEEK_CUR);

	for (int i = 0; i < count; place += (off_t)parts[i++].iov_len)
		note_write(fd, parts[i].iov_base, parts[i].iov_len, place);
	return syscall(SYS_writev, fd, parts, count);
}

int
ftruncate(int fd, off_t size)
{
	if (is_data(fd))
		note(SIZE, (uint64_t)size);
	return (int)syscall(SYS_ftruncate, fd, size);
}

int
fdatasync(int fd)
{
	if (is_data(fd))
		note(FLUSH, 0);
	return 0; /* the disk of the recording does not matter */
}

int
fsync(int fd)
{
	char path[PATH_MAX];

	if (is_data(fd))
		note(FLUSH, 0);
	else if (path_of(fd, path) && strcmp(path, tape.parent) == 0)
		note(NAME_FLUSHED, 0);
	return 0;
}

int
rename(const char *from, const char *to)
{
	if (tape.on)
		note(RENAME, 0);
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* ---- what is done: transaction n changes some of the rows, always in the same way ---------------------------------- */

struct rows {
	uint64_t by[KEYS]; /* the transaction that wrote it; 0: not there */
};

struct change {
	unsigned key;
	bool gone;
};

static unsigned
changes_of(uint64_t n, struct change changes[8])
{
	struct load_random r = {n * 7919};
	const unsigned count = 1 + (unsigned)load_below(&r, 8);

	for (unsigned i = 0; i < count; i++)
		changes[i] = (struct change){(unsigned)load_below(&r, KEYS), load_chance(&r, 25)};
	return count;
}

static struct bytes
value_of(struct arena *a, uint64_t n, unsigned key)
{
	struct load_random r = {n * 104729 + key};
	const size_t len = 1 + (size_t)load_below(&r, load_chance(&r, 80) ? 300 : VALUE_MAX);
	uint8_t *bytes = ARENA_ARRAY(a, uint8_t, len);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)load_draw(&r);
	return bytes_of(bytes, len);
}

static struct rows
rows_after(uint64_t n)
{
	struct rows rows = {{0}};
	struct change changes[8];

	for (uint64_t t = 1; t <= n; t++)
		for (unsigned i = 0, count = changes_of(t, changes); i < count; i++)
			rows.by[changes[i].key] = changes[i].gone ? 0 : t;
	return rows;
}

static struct bytes
key_of(struct arena *a, unsigned key)
{
	return bytes_str(arena_printf(a, "row %u", key));
}

static void
transact(struct store *s, uint64_t n)
{
	struct change changes[8];
	uint8_t number[8];
	struct store_txn *txn = store_begin_write(s);
	struct arena *a = store_arena(txn);
	const struct store_db db = store_db_open(txn, "rows");

	for (unsigned i = 0, count = changes_of(n, changes); i < count; i++) {
		if (changes[i].gone)
			store_delete(txn, db, key_of(a, changes[i].key));
		else
			store_put(txn, db, key_of(a, changes[i].key), value_of(a, n, changes[i].key));
	}
	put_u64(number, n);
	store_put(txn, db, bytes_str("number"), bytes_of(number, sizeof number));
	if (store_commit(txn) != ERR_NONE)
		fatal("transaction %llu fails", (unsigned long long)n);
	note(RETURNED, n);
}

static void
record(const char *dir, uint64_t transactions)
{
	const struct store_options options = {.dir = dir, .map_bytes = 256u << 20};
	struct store *s = NULL;
	struct why why;

	tape.on = true;
	for (uint64_t n = 1; n <= transactions; n++) {
		if (s == NULL && store_open(&s, &options, &why) != ERR_NONE)
			fatal("%s", why.text);
		transact(s, n);
		if (n % LIFE == 0)
			store_close(&s);
	}
	store_close(&s);
	tape.on = false;
}

/* ---- the disks ----------------------------------------------------------------------------------------------------- */

struct disk {
	uint8_t *bytes;
	size_t room, top, size; /* size: of the file; top: behind the last byte that was written */
};

static void
put(struct disk *d, uint64_t at, const uint8_t *bytes, size_t len)
{
	if (at + len > d->room) {
		const size_t room = 2 * (size_t)(at + len);
		d->bytes = realloc(d->bytes, room);
		if (d->bytes == NULL)
			fatal("out of memory");
		memset(d->bytes + d->room, 0, room - d->room);
		d->room = room;
	}
	memcpy(d->bytes + at, bytes, len);
	if (at + len > d->top)
		d->top = at + len;
	if (d->top > d->size)
		d->size = d->top;
}

static void
apply(struct disk *d, const struct op *op)
{
	if (op->kind == WRITE)
		put(d, op->at, op->bytes, op->len);
	else if (op->kind == SIZE && op->at > d->size)
		d->size = op->at;
}

static void
apply_sectors(struct disk *d, const struct op *op, struct load_random *r, unsigned percent)
{
	for (uint32_t from = 0; from < op->len;) {
		const uint32_t left = SECTOR - (uint32_t)((op->at + from) % SECTOR);
		const uint32_t len = left < op->len - from ? left : op->len - from;
		if (load_chance(r, percent))
			put(d, op->at + from, op->bytes + from, len);
		from += len;
	}
}

/* What a disk may hold of what was not flushed. */
static void
apply_some(struct disk *d, const struct op *const *pending, size_t count, unsigned variant, struct load_random *r)
{
	const size_t torn = count == 0 ? 0 : (size_t)load_below(r, count);

	for (size_t i = 0; i < count; i++) {
		const struct op *op = pending[i];
		if (variant == 1 || (variant == 2 && i < torn) || (op->kind == SIZE && load_chance(r, 50)))
			apply(d, op);
		else if (op->kind == SIZE || variant == 0 || variant == 2)
			continue;
		else if (variant == 3)
			apply_sectors(d, op, r, 50);
		else if (i == torn)
			apply_sectors(d, op, r, 70);
		else if (load_chance(r, 50))
			apply(d, op);
	}
}

struct player {
	struct load_random random;
	struct disk flushed, tried;
	const struct op **pending;
	size_t pending_count;
	bool renamed, name_flushed;
	uint64_t returned; /* the last transaction that did */
	char dir[200];
	struct why *found; /* shared with the process that looks */
	unsigned passed, failed;
};

/* ---- looking at one, in a process of its own ----------------------------------------------------------------------- */

static bool
is_state(struct store *s, uint64_t returned, struct why *why)
{
	struct store_txn *txn = store_begin_write(s);
	struct arena *a = store_arena(txn);
	const struct store_db db = store_db_open(txn, "rows");
	struct bytes value;
	uint64_t n = 0, count = 0;

	if (store_get(txn, db, bytes_str("number"), &value))
		n = get_u64(value.data);
	const struct rows rows = rows_after(n);
	bool ok = !store_failed(txn) && (n == returned || n == returned + 1);
	if (!ok)
		why_set(why, "holds transaction %llu where %llu had returned", (unsigned long long)n,
			(unsigned long long)returned);
	for (unsigned key = 0; key < KEYS && ok; key++) {
		const bool there = store_get(txn, db, key_of(a, key), &value);
		count += there;
		ok = there == (rows.by[key] != 0) && (!there || bytes_equal(value, value_of(a, rows.by[key], key)));
		if (!ok)
			why_set(why, "row %u is not as transaction %llu left it", key, (unsigned long long)n);
	}
	if (ok && store_count(txn, db) != count + (n > 0)) {
		why_set(why, "there are rows that nobody wrote");
		ok = false;
	}
	store_abort(txn);
	return ok;
}

static _Noreturn void
look(const struct player *p, const char *dir)
{
	const struct store_options options = {.dir = dir, .map_bytes = 256u << 20, .fast = true};
	struct store *s;

	why_set(p->found, "ends with a signal");
	if (store_open(&s, &options, p->found) != ERR_NONE)
		_exit(1);
	_exit(is_state(s, p->returned, p->found) ? 0 : 1);
}

static void
write_disk(const struct player *p, bool named)
{
	static const char *const left[] = {"env/data.mdb",     "env/lock.mdb",     "env",
					   "env.new/data.mdb", "env.new/lock.mdb", "env.new"};
	char path[300];

	for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", p->dir, left[i]);
		if (remove(path) != 0 && errno != ENOENT)
			fatal("%s: %s", path, strerror(errno));
	}
	snprintf(path, sizeof path, "%s/env%s", p->dir, named ? "" : ".new");
	if (mkdir(path, 0700) != 0)
		fatal("%s: %s", path, strerror(errno));
	strcat(path, "/data.mdb");
	const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || syscall(SYS_ftruncate, fd, p->tried.size) != 0 ||
	    syscall(SYS_pwrite64, fd, p->tried.bytes, p->tried.top, 0) != (long)p->tried.top)
		fatal("%s: %s", path, strerror(errno));
	close(fd);
}

static void
try_disk(struct player *p, size_t moment, unsigned variant)
{
	char env[220];
	int status = 0;

	write_disk(p, p->name_flushed || (p->renamed && load_chance(&p->random, 50)));
	snprintf(env, sizeof env, "%s/env", p->dir);
	const pid_t pid = fork();
	if (pid == 0)
		look(p, env);
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		p->passed++;
		return;
	}
	if (p->failed++ < 5)
		printf("moment %zu, variant %u, behind transaction %llu: %s\n", moment, variant,
		       (unsigned long long)p->returned, p->found->text);
}

static void
crash_here(struct player *p, size_t moment)
{
	for (unsigned variant = 0; variant < VARIANTS; variant++) {
		struct disk *t = &p->tried;
		if (t->bytes != NULL)
			memset(t->bytes, 0, t->top);
		t->top = t->size = 0;
		if (p->flushed.top > 0)
			put(t, 0, p->flushed.bytes, p->flushed.top);
		t->size = p->flushed.size > t->size ? p->flushed.size : t->size;
		apply_some(t, p->pending, p->pending_count, variant, &p->random);
		try_disk(p, moment, variant);
	}
}

/* ---- playing ------------------------------------------------------------------------------------------------------- */

static void
play_op(struct player *p, const struct op *op)
{
	switch (op->kind) {
	case WRITE:
	case SIZE:
		if (op->durable)
			apply(&p->flushed, op);
		else
			p->pending[p->pending_count++] = op;
		break;
	case FLUSH:
		for (size_t i = 0; i < p->pending_count; i++)
			apply(&p->flushed, p->pending[i]);
		p->pending_count = 0;
		break;
	case RENAME: p->renamed = true; break;
	case NAME_FLUSHED: p->name_flushed = p->renamed; break;
	case RETURNED: p->returned = op->at; break;
	}
}

static void
play(struct player *p)
{
	p->pending = calloc(tape.count + 1, sizeof *p->pending);
	if (p->pending == NULL)
		fatal("out of memory");
	for (size_t i = 0; i < tape.count; i++) {
		const struct op *op = &tape.ops[i];
		const bool under_way = op->kind == WRITE && op->durable;
		if (under_way)
			p->pending[p->pending_count++] = op;
		if (under_way || op->kind == FLUSH || op->kind == RETURNED || load_chance(&p->random, 33))
			crash_here(p, i);
		if (under_way)
			p->pending_count--;
		play_op(p, op);
	}
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
	static struct player p;
	char env[220], command[256];

	snprintf(p.dir, sizeof p.dir, "%s/doorbraak-states-XXXXXX",
		 option(argc, argv, "--dir", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"));
	if (mkdtemp(p.dir) == NULL)
		fatal("%s: %s", p.dir, strerror(errno));
	p.random.state = strtoull(option(argc, argv, "--seed", "1"), NULL, 10);
	p.found = mmap(NULL, sizeof *p.found, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	tape.ops = calloc(OPS_MAX, sizeof *tape.ops);
	if (p.found == MAP_FAILED || tape.ops == NULL)
		fatal("out of memory");
	snprintf(tape.parent, sizeof tape.parent, "%s", p.dir);
	snprintf(env, sizeof env, "%s/env", p.dir);
	record(env, strtoull(option(argc, argv, "--transactions", "100"), NULL, 10));
	play(&p);
	snprintf(command, sizeof command, "rm -rf %s", p.dir);
	if (system(command) != 0)
		fprintf(stderr, "%s is left behind\n", p.dir);
	for (size_t i = 0; i < tape.count; i++)
		free(tape.ops[i].bytes);
	free(tape.ops);
	free(p.pending);
	free(p.flushed.bytes);
	free(p.tried.bytes);
	printf("%u passed, %u failed\n", p.passed, p.failed);
	return p.failed == 0 ? 0 : 1;
}
