// SPDX-License-Identifier: EUPL-1.2
/* audit.c - `doorbraak audit list|verify`: who looked at which case over HTTP, as the services wrote it down. */
#include <inttypes.h>

#include "services/cli/asking.h"

struct audit {
	struct cli *cli;
	struct system *system;
	unsigned service;
	uint64_t seq; /* the last record read */
	struct digest digest;
	uint64_t left;
	bool quiet; /* only the chain is looked at */
};

static bool
is_wanted(const struct audit *t, const pb_AccessRecord *r)
{
	const char *key = cli_option(t->cli, "key"), *case_id = cli_option(t->cli, "case");
	bool fits = case_id == NULL;

	for (size_t i = 0; i < r->n_case_ids && !fits; i++)
		fits = strcmp(r->case_ids[i], case_id) == 0;
	return fits && (key == NULL || strcmp(r->key, key) == 0);
}

static void
print_record(const struct audit *t, struct arena *a, uint64_t seq, const pb_AccessRecord *r)
{
	FILE *out = t->cli->out;
	const char *cases = "";

	if (t->cli->json) {
		fprintf(out, "{\"service\":\"%s\",\"seq\":%" PRIu64 ",\"record\":%s}\n",
			service_of_row(t->service)->name, seq, record_json(a, &r->base, true));
		return;
	}
	for (size_t i = 0; i < r->n_case_ids && i < 3; i++)
		cases = arena_printf(a, "%s %s", cases, r->case_ids[i]);
	if (r->n_case_ids > 3)
		cases = arena_printf(a, "%s and %zu more", cases, r->n_case_ids - 3);
	if (r->times > 0)
		cases = arena_printf(a, " %u times", r->times);
	fprintf(out, "%-10s %6" PRIu64 "  %s  %-13s  %s %s@%s  %s  %s%s\n", service_of_row(t->service)->name, seq,
		asking_moment(a, record_at_ms(r->at)), record_code_of("AccessOutcome", (int)r->outcome),
		r->key[0] == '\0' ? "-" : r->key, record_code_of("Role", (int)r->role), r->organisation,
		r->path[0] == '\0' ? "-" : r->path, record_code_of("AccessPurpose", (int)r->purpose), cases);
}

/* Each follows from the one before. An exit code. */
static int
take(struct audit *t, struct arena *a, const pb_JournalEntry *e)
{
	const struct bytes raw = bytes_of(e->record.data, e->record.len);
	const struct digest digest = digest_chain(t->digest, e->seq, raw);
	const pb_AccessRecord *r;
	struct why why;

	if (e->seq != t->seq + 1 ||
	    !bytes_equal(bytes_of(digest.b, DIGEST_SIZE), bytes_of(e->digest.data, e->digest.len)))
		return cli_fail(t->cli, CLI_FAILED,
				"%s: record %" PRIu64
				" of the access log does not follow from the one before: somebody "
				"changed it, or the disk did; compare it with a backup",
				service_of_row(t->service)->name, t->seq + 1);
	t->seq = e->seq;
	t->digest = digest;
	r = record_unpack(a, &pb_AccessRecord_descriptor, raw, JOURNAL_RECORD_MAX, &why);
	if (r == NULL)
		return cli_fail(t->cli, CLI_FAILED, "%s: record %" PRIu64 ": %s", service_of_row(t->service)->name,
				e->seq, why.text);
	if (!t->quiet && t->left > 0 && is_wanted(t, r)) {
		print_record(t, a, e->seq, r);
		t->left--;
	}
	return CLI_OK;
}

/* All of one service. An exit code. */
static int
read_log(struct audit *t)
{
	struct arena a;
	int code = CLI_OK;
	uint64_t head;

	t->seq = 0;
	t->digest = (struct digest){{0}};
	arena_init(&a);
	do {
		pb_Request request;
		pb_AccessLogRequest question;

		arena_reset(&a);
		pb_Request_init(&request);
		pb_AccessLogRequest_init(&question);
		question.after = t->seq;
		request.body_case = DOORBRAAK__V1__REQUEST__BODY_ACCESS_LOG;
		request.access_log = &question;
		const pb_Reply *reply =
		    asking(t->cli, t->system, t->service, &request, DOORBRAAK__V1__REPLY__BODY_ACCESS_LOG, &a, &code);
		if (reply == NULL)
			break;
		head = reply->access_log->head;
		for (size_t i = 0; i < reply->access_log->n_entries && code == CLI_OK; i++)
			code = take(t, &a, reply->access_log->entries[i]);
		if (reply->access_log->n_entries == 0 && t->seq < head)
			code = cli_fail(t->cli, CLI_FAILED, "%s: record %" PRIu64 " of the access log is not there",
					service_of_row(t->service)->name, t->seq + 1);
	} while (code == CLI_OK && t->seq < head && (t->quiet || t->left > 0));
	arena_fini(&a);
	return code;
}

/* Of one service, or of those that answer over HTTP. */
static int
read_logs(struct audit *t, void (*each)(const struct audit *t))
{
	static const unsigned answering[] = {0, 3, 4};
	const char *name = cli_option(t->cli, "service");
	unsigned only = 0;
	int code = CLI_OK;

	if (t->cli->argument_count > 0)
		return cli_fail(t->cli, CLI_USAGE, "takes no arguments; choose with options (--help)");
	if (!asking_number(t->cli, "count", UINT64_MAX, UINT64_MAX, &t->left) ||
	    (name != NULL && !asking_service(t->cli, name, &only)))
		return CLI_USAGE;
	t->system = asking_open(t->cli);
	if (t->system == NULL)
		return CLI_UNREACHABLE;
	for (unsigned i = 0; i < sizeof answering / sizeof answering[0] && code == CLI_OK; i++) {
		if (name != NULL && answering[i] != only)
			continue;
		t->service = answering[i];
		code = read_log(t);
		if (code == CLI_OK && each != NULL)
			each(t);
	}
	system_close(&t->system);
	return code;
}

static int
list_run(struct cli *cli)
{
	struct audit t = {.cli = cli};

	return read_logs(&t, NULL);
}

static void
tell_verified(const struct audit *t)
{
	char digest[2 * DIGEST_SIZE + 1];

	bytes_hex(bytes_of(t->digest.b, DIGEST_SIZE), digest);
	fprintf(t->cli->out,
		t->cli->json ? "{\"service\":\"%s\",\"records\":%" PRIu64 ",\"digest\":\"%s\"}\n"
			     : "%-10s  %" PRIu64 " records, each follows from the one before; last digest %s\n",
		service_of_row(t->service)->name, t->seq, digest);
}

static int
verify_run(struct cli *cli)
{
	struct audit t = {.cli = cli, .quiet = true};

	return read_logs(&t, tell_verified);
}

static const struct cli_option list_options[] = {
    {"service", "NAME", "only of intake, signalling or monitoring"},
    {"case", "ID", "only who was shown this case, or asked for it"},
    {"key", "NAME", "only of this key"},
    {"count", "N", "at most so many records (default: all)"},
    {0},
};

static const struct cli_option verify_options[] = {
    {"service", "NAME", "only of intake, signalling or monitoring"},
    {0},
};

const struct command command_audit_list = {
    .name = "audit list",
    .summary = "who looked at which case over HTTP",
    .usage = "[--case ID] [--key NAME] [--service NAME] [--count N]",
    .options = list_options,
    .help = "The access logs of the services, in order: moment, outcome, key, role and organisation, path, purpose,\n"
	    "cases. Each record is checked against the one before. Attempts without a valid token are summed up.\n\n"
	    "Status 1: a record does not follow from the one before.\n\n"
	    "examples:\n  doorbraak audit list --case c-7kq2m-x4d8p-b3wzn-h6t9r\n  doorbraak audit list --key "
	    "desk-limburg --json\n",
    .run = list_run,
};

const struct command command_audit_verify = {
    .name = "audit verify",
    .summary = "check that nothing was changed in the access logs",
    .usage = "[--service NAME]",
    .options = verify_options,
    .help = "Computes the chain of digests of each access log anew and says its end. Keep that somewhere else: a log\n"
	    "that was written anew as a whole, or cut short, has another end.\n\n"
	    "Status 1: a record does not follow from the one before.\n\n"
	    "example:\n  doorbraak audit verify --json\n",
    .run = verify_run,
};
