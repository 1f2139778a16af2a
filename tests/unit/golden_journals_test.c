// SPDX-License-Identifier: EUPL-1.2
/* Golden journals (tests/golden/journals): what an earlier release wrote is read by these programs, and computed anew to the same
 * bytes as long as the rules of computation are the same.
 *
 * A file has a line of JSON for each record of intake; for the first few of each kind that another service added of its own; and for
 * each service one with the end of its journal, whose digest stands for all of it:
 *
 *   {"service":"intake","seq":1,"record":"<base64>"}
 *   {"service":"triage","records":40,"digest":"<hex>","logic_version":1}
 *
 * `golden_journals_test --dump RUN_FOLDER` writes such a file from stopped services; `make golden` calls it. */
#include "tests/unit/unit.h"

#include <glob.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/archive.h"
#include "common/json_wire.h"

#define GOLDEN      "tests/golden/journals/*.jsonl"
#define RECORDS_MAX 4096u
#define LINE_ROOM   (2u << 20)
#define PIECE       64u
#define OF_A_KIND   4u
#define KINDS_MAX   256u

struct golden {
	struct arena arena;
	struct journal_entry records[SERVICE_COUNT][RECORDS_MAX]; /* digests only at intake */
	size_t counts[SERVICE_COUNT];
	struct journal_head ends[SERVICE_COUNT];
	unsigned logic_version;
};

/* ---- reading a file ------------------------------------------------------------------------------------------------ */

static unsigned
service_by_name(const char *name)
{
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		if (strcmp(service_of_row(i)->name, name) == 0)
			return i;
	fail_msg("a service that is not there: %s", name);
	return 0;
}

static struct bytes
decode64(struct arena *a, const char *text)
{
	uint8_t *out = arena_take(a, strlen(text));
	size_t len;

	assert_int_equal(
	    sodium_base642bin(out, strlen(text), text, strlen(text), NULL, &len, NULL, sodium_base64_VARIANT_ORIGINAL),
	    0);
	return bytes_of(out, len);
}

static void
read_line(struct golden *g, const char *line)
{
	struct json_problems problems = {0};
	const struct tree *t = json_parse(&g->arena, bytes_str(line), &problems);

	assert_non_null(t);
	const unsigned s = service_by_name(tree_get(t, "service")->text);
	if (tree_get(t, "record") == NULL) {
		size_t len;
		g->ends[s].seq = strtoull(tree_get(t, "records")->text, NULL, 10);
		assert_int_equal(sodium_hex2bin(g->ends[s].digest.b, DIGEST_SIZE, tree_get(t, "digest")->text,
						2 * (size_t)DIGEST_SIZE, NULL, &len, NULL),
				 0);
		g->logic_version = (unsigned)strtoul(tree_get(t, "logic_version")->text, NULL, 10);
		return;
	}
	const size_t n = g->counts[s]++;
	assert_true(n < RECORDS_MAX);
	struct journal_entry *e = &g->records[s][n];
	e->seq = strtoull(tree_get(t, "seq")->text, NULL, 10);
	e->record = decode64(&g->arena, tree_get(t, "record")->text);
	if (s == 0)
		e->digest = digest_chain(n == 0 ? (struct digest){{0}} : e[-1].digest, e->seq, e->record);
}

static struct golden *
golden_open(const char *path)
{
	struct golden *g = calloc(1, sizeof *g);
	char *line = malloc(LINE_ROOM);
	FILE *f = fopen(path, "re");

	assert_non_null(g);
	assert_non_null(line);
	assert_non_null(f);
	arena_init(&g->arena);
	while (fgets(line, LINE_ROOM, f) != NULL) {
		assert_non_null(strchr(line, '\n'));
		read_line(g, line);
	}
	fclose(f);
	free(line);
	assert_true(g->counts[0] > 0);
	return g;
}

static void
golden_close(struct golden *g)
{
	arena_fini(&g->arena);
	free(g);
}

/* ---- computing anew -------------------------------------------------------------------------------------------------- */

static size_t
read_golden(void *ctx, struct arena *a UNUSED, uint64_t after, struct journal_entry *entries, size_t max)
{
	const struct golden *g = ctx;
	size_t count = 0;

	for (; count < max && after + count < g->counts[0]; count++)
		entries[count] = g->records[0][after + count];
	return count;
}

/* Where a journal came out otherwise, the first record of the service's own that did. */
static void
compare(struct golden *g, struct row *row, unsigned s)
{
	struct journal_entry e;
	struct node_status status;

	node_status(row_node(row, s), &status);
	for (size_t i = 0; i < g->counts[s]; i++) {
		const struct journal_entry *want = &g->records[s][i];
		const size_t got = row_read(row, s, &g->arena, want->seq - 1, &e, 1);
		if (got == 0 || !bytes_equal(e.record, want->record))
			fail_msg("%s: record %" PRIu64 " is not computed as it was", service_of_row(s)->name,
				 want->seq);
	}
	assert_int_equal(status.head.seq, g->ends[s].seq);
	assert_true(digest_equal(status.head.digest, g->ends[s].digest));
}

static void
compute(struct golden *g)
{
	const struct row_source source = {.ctx = g, .history = {{1}}, .head = g->counts[0], .read = read_golden};
	const struct temp dir = temp_make();
	struct row *row;
	struct why why;

	const struct row_options options = {.dir = dir.dir, .fast = true, .source = &source};
	if (row_open(&row, &options, &why) != ERR_NONE)
		fail_msg("%s", why.text);
	if (row_settle(row) != ERR_NONE)
		fail_msg("%s", row_why(row));
	for (unsigned s = 1; s < SERVICE_COUNT; s++)
		compare(g, row, s);
	row_close(&row);
	temp_remove(&dir);
}

static void
test_golden_journals_are_read_and_computed_as_they_were(void **state UNUSED)
{
	glob_t files;

	assert_int_equal(glob(GOLDEN, 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct golden *g = golden_open(files.gl_pathv[i]);
		struct record record;
		struct why why;

		/* The chain vouches for the file, too. */
		assert_int_equal(g->ends[0].seq, g->counts[0]);
		assert_true(digest_equal(g->records[0][g->counts[0] - 1].digest, g->ends[0].digest));
		for (unsigned s = 0; s < SERVICE_COUNT; s++)
			for (size_t n = 0; n < g->counts[s]; n++)
				if (!record_read(&g->arena, g->records[s][n].record, &record, &why) || record.newer)
					fail_msg("%s: %s %" PRIu64 ": %s", files.gl_pathv[i], service_of_row(s)->name,
						 g->records[s][n].seq, why.text);
		if (g->logic_version == LOGIC_VERSION)
			compute(g);
		golden_close(g);
	}
	globfree(&files);
}

/* ---- writing one ------------------------------------------------------------------------------------------------------- */

static void
dump_record(struct arena *a, const char *name, const struct journal_entry *e)
{
	const size_t room = sodium_base64_ENCODED_LEN(e->record.len, sodium_base64_VARIANT_ORIGINAL);
	char *text = arena_take(a, room);

	sodium_bin2base64(text, room, e->record.data, e->record.len, sodium_base64_VARIANT_ORIGINAL);
	printf("{\"service\":\"%s\",\"seq\":%" PRIu64 ",\"record\":\"%s\"}\n", name, e->seq, text);
}

/* All of intake; of the others the first few answers of each kind that are their own. */
static bool
is_wanted(const struct record *record, unsigned s, unsigned seen[KINDS_MAX])
{
	if (s == 0)
		return true;
	if (record->answer == NULL || (int)record->answer->service != service_of_row(s)->id)
		return false;
	return seen[record->answer->body_case % KINDS_MAX]++ < OF_A_KIND;
}

static int
dump_service(const char *run, unsigned s)
{
	const char *name = service_of_row(s)->name;
	char path[4096], hex[2 * DIGEST_SIZE + 1];
	struct journal_entry entries[PIECE];
	struct journal_head end = {0};
	unsigned seen[KINDS_MAX] = {0};
	struct row_source source;
	struct archive *archive;
	struct record record;
	struct arena a;
	struct why why;
	size_t count;

	snprintf(path, sizeof path, "%s/%s", run, name);
	if (archive_open(&archive, path, &source, &why) != ERR_NONE) {
		fprintf(stderr, "%s\n", why.text);
		return 1;
	}
	arena_init(&a);
	while ((count = source.read(source.ctx, &a, end.seq, entries, PIECE)) > 0) {
		for (size_t i = 0; i < count; i++) {
			if (!record_read(&a, entries[i].record, &record, &why))
				fatal("%s", why.text);
			if (is_wanted(&record, s, seen))
				dump_record(&a, name, &entries[i]);
		}
		end = (struct journal_head){entries[count - 1].seq, entries[count - 1].digest};
		arena_reset(&a);
	}
	bytes_hex(bytes_of(end.digest.b, DIGEST_SIZE), hex);
	printf("{\"service\":\"%s\",\"records\":%" PRIu64 ",\"digest\":\"%s\",\"logic_version\":%d}\n", name, end.seq,
	       hex, LOGIC_VERSION);
	arena_fini(&a);
	archive_close(&archive);
	return 0;
}

static int
dump(const char *run)
{
	int status = 0;

	for (unsigned s = 0; s < SERVICE_COUNT && status == 0; s++)
		status = dump_service(run, s);
	return status;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden_journals_are_read_and_computed_as_they_were)};

	if (sodium_init() < 0)
		return 1;
	if (argc == 3 && strcmp(argv[1], "--dump") == 0)
		return dump(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
