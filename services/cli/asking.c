// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/asking.h"

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/nearest.h"

#define FOLLOW_SILENT_MS 15000 /* who is followed answers more often, also with nothing */

/* ---- values of options ---- */

bool
asking_number(struct cli *cli, const char *option, uint64_t fallback, uint64_t max, uint64_t *value)
{
	const char *text = cli_option(cli, option);
	char *end;

	*value = fallback;
	if (text == NULL)
		return true;
	errno = 0;
	const unsigned long long n = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || n > max) {
		cli_fail(cli, CLI_USAGE, "--%s: '%.40s' is no whole number from 0 to %" PRIu64, option, text, max);
		return false;
	}
	*value = n;
	return true;
}

bool
asking_day(struct cli *cli, const char *option, cal_day *day)
{
	const char *text = cli_option(cli, option);

	*day = CAL_NONE;
	if (text == NULL)
		return true;
	*day = cal_parse(text);
	if (*day == CAL_NONE)
		cli_fail(cli, CLI_USAGE, "--%s: '%.40s' is no date; write YYYY-MM-DD", option, text);
	return *day != CAL_NONE;
}

bool
asking_time(struct cli *cli, const char *option, int64_t *at_ms)
{
	const char *text = cli_option(cli, option);
	struct tree value = {.kind = TREE_SCALAR, .key = "occurred_at", .text = text, .quoted = true};
	struct tree map = {.kind = TREE_MAP, .first = &value};
	struct why why;

	*at_ms = 0;
	if (text == NULL)
		return true;
	const pb_Submission *s = record_from_tree(&cli->arena, &pb_Submission_descriptor, &map, &why);
	if (s == NULL) {
		cli_fail(cli, CLI_USAGE, "--%s: '%.40s' is no moment; write 2021-03-01T10:00 or 2021-03-01T09:00:00Z",
			 option, text);
		return false;
	}
	*at_ms = record_at_ms(s->occurred_at);
	return true;
}

bool
asking_code(struct cli *cli, const char *option, const char *enum_name, int *value)
{
	const ProtobufCEnumDescriptor *e = record_enum(enum_name);
	const char *text = cli_option(cli, option);
	struct nearest nearest;

	*value = 0;
	if (text == NULL)
		return true;
	*value = record_enum_value(e, text);
	if (*value > 0)
		return true;
	nearest_begin(&nearest, text);
	for (unsigned i = 0; i < e->n_values; i++)
		if (e->values[i].value != 0)
			nearest_offer(&nearest, record_enum_code(e, e->values[i].value));
	cli_fail(cli, CLI_USAGE, "--%s: '%.40s' is no %s; %s", option, text, enum_name, nearest_remedy(&nearest));
	return false;
}

bool
asking_place(struct cli *cli, const char *option, char **code)
{
	const char *text = cli_option(cli, option);

	*code = record_text(&cli->arena, text);
	if (text == NULL || record_is_code(text))
		return true;
	cli_fail(cli, CLI_USAGE, "--%s: '%.40s' is no code; write one such as JZ32 or LT-GM0988", option, text);
	return false;
}

bool
asking_service(struct cli *cli, const char *name, unsigned *service)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		*service = i;
		if (strcmp(service_of_row(i)->name, name) == 0)
			return true;
		nearest_offer(&nearest, service_of_row(i)->name);
	}
	cli_fail(cli, CLI_USAGE, "there is no service '%.40s'; %s", name, nearest_remedy(&nearest));
	return false;
}

/* ---- questions ---- */

struct system *
asking_open(struct cli *cli)
{
	struct system *system;
	struct why why;

	if (system_open(&system, cli->run_dir, &why) == ERR_NONE) {
		system_use_keys(system, &(struct system_keys){cli->keys_dir, cli->secret, cli->secret_given});
		return system;
	}
	cli_fail(cli, CLI_UNREACHABLE, "%s", why.text);
	return NULL;
}

const pb_Reply *
asking(struct cli *cli, struct system *system, unsigned service, pb_Request *request, int wanted, struct arena *a,
       int *code)
{
	const char *name = service_of_row(service)->name;
	struct why why;
	const pb_Reply *reply = system_ask(system, service, request, ASKING_MS, a, &why);

	*code = CLI_OK;
	if (reply == NULL) {
		*code = cli_fail(cli, CLI_UNREACHABLE, "%s", why.text);
		return NULL;
	}
	if ((int)reply->body_case == wanted)
		return reply;
	if (reply->body_case == DOORBRAAK__V1__REPLY__BODY_REFUSED)
		*code = cli_fail(cli, CLI_REFUSED, "%s refuses (%s): %s", name,
				 record_code_of("RefusedReason", (int)reply->refused->reason), reply->refused->text);
	else
		*code = cli_fail(cli, CLI_UNREACHABLE,
				 "%s gave an answer of another kind: do its version and this tool's fit?", name);
	return NULL;
}

const pb_StatusReply *
asking_status(struct cli *cli, struct system *system, unsigned service, struct arena *a, int *code)
{
	pb_Request request;
	pb_StatusRequest status;

	pb_Request_init(&request);
	pb_StatusRequest_init(&status);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_STATUS;
	request.status = &status;
	const pb_Reply *reply = asking(cli, system, service, &request, DOORBRAAK__V1__REPLY__BODY_STATUS, a, code);
	return reply == NULL ? NULL : reply->status;
}

int64_t
asking_now_ms(int64_t clock_ms)
{
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	const int64_t now_ms = (int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000;
	/* Intake on the system clock looks at it when something comes in, and once a day at least. A driven clock stands
	 * somewhere else, or it is ahead. */
	if (clock_ms != 0 && (cal_local_day(clock_ms) != cal_local_day(now_ms) || clock_ms > now_ms))
		return clock_ms;
	return now_ms;
}

int
asking_clock(struct cli *cli, struct system *system, int64_t *now_ms)
{
	struct arena a;
	int code;

	arena_init(&a);
	const pb_StatusReply *status = asking_status(cli, system, 0, &a, &code);
	*now_ms = asking_now_ms(status == NULL ? 0 : record_at_ms(status->clock));
	arena_fini(&a);
	return code;
}

const pb_Answer *
asking_case_if_any(struct cli *cli, struct system *system, const char *case_id, struct arena *a, int *code)
{
	pb_Request request;
	pb_CasesRequest cases;

	if (!record_is_id(case_id)) {
		*code = cli_fail(cli, CLI_USAGE, "'%.80s' cannot be the id of a case; `doorbraak cases` lists them",
				 case_id);
		return NULL;
	}
	pb_Request_init(&request);
	pb_CasesRequest_init(&cases);
	cases.case_id = record_text(a, case_id);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_CASES;
	request.cases = &cases;
	const pb_Reply *reply =
	    asking(cli, system, SERVICE_COUNT - 1, &request, DOORBRAAK__V1__REPLY__BODY_CASES, a, code);
	if (reply == NULL || reply->cases->n_cases != 1 || reply->cases->cases[0]->case_state == NULL)
		return NULL;
	return reply->cases->cases[0];
}

int
asking_case_is_unknown(struct cli *cli, const char *case_id)
{
	return cli_fail(cli, CLI_FAILED,
			"no case %s is known; `doorbraak cases` lists them (what was handed in a moment ago takes a "
			"moment)",
			case_id);
}

const pb_Answer *
asking_case(struct cli *cli, struct system *system, const char *case_id, struct arena *a, int *code)
{
	const pb_Answer *answer = asking_case_if_any(cli, system, case_id, a, code);

	if (answer == NULL && *code == CLI_OK)
		*code = asking_case_is_unknown(cli, case_id);
	return answer;
}

/* ---- journals ---- */

int
asking_read(struct cli *cli, struct system *system, unsigned service, struct doorbraak_cursor *after,
	    const char *const *topics, unsigned topic_count, asking_each *each, void *ctx)
{
	const pb_PullReply *reply;
	struct record record;
	struct arena a;
	struct why why;
	int code = CLI_OK;
	bool more = true;

	arena_init(&a);
	while (more) {
		arena_reset(&a);
		const int count =
		    system_read(system, service, DOORBRAAK_FROM_CURSOR, after, topics, topic_count, &reply, &a, &why);
		if (count < 0) {
			code = cli_fail(cli, CLI_UNREACHABLE, "%s", why.text);
			break;
		}
		for (int i = 0; i < count && more; i++) {
			const pb_JournalEntry *e = reply->entries[i];
			if (!record_read(&a, bytes_of(e->record.data, e->record.len), &record, &why)) {
				code = cli_fail(cli, CLI_FAILED,
						"record %" PRIu64 " of %s cannot be read (%s): is this tool older "
						"than the services?",
						e->seq, service_of_row(service)->name, why.text);
				more = false;
				break;
			}
			more = each(ctx, e->seq, &record);
		}
		more = more && after->seq < reply->head;
	}
	arena_fini(&a);
	return code;
}

int
asking_skip(struct cli *cli, struct system *system, unsigned service, struct doorbraak_cursor *after, uint64_t seq)
{
	/* No topic begins so: nothing is given, and one answer looks at NODE_SCAN_MAX records. */
	static const char *const none[] = {"-"};
	const pb_PullReply *reply;
	struct arena a;
	struct why why;
	int code = CLI_OK;

	arena_init(&a);
	while (after->seq + NODE_SCAN_MAX < seq) {
		const uint64_t before = after->seq;
		arena_reset(&a);
		if (system_read(system, service, DOORBRAAK_FROM_CURSOR, after, none, 1, &reply, &a, &why) < 0) {
			code = cli_fail(cli, CLI_UNREACHABLE, "%s", why.text);
			break;
		}
		if (after->seq == before)
			break;
	}
	arena_fini(&a);
	return code;
}

int
asking_head(struct cli *cli, struct system *system, unsigned service, struct doorbraak_cursor *head, struct arena *a)
{
	const pb_PullReply *reply;
	struct why why;

	*head = (struct doorbraak_cursor){0};
	if (system_read(system, service, DOORBRAAK_FROM_HEAD, head, NULL, 0, &reply, a, &why) < 0)
		return cli_fail(cli, CLI_UNREACHABLE, "%s", why.text);
	return CLI_OK;
}

int
asking_follow(struct cli *cli, struct system *system, unsigned service, const struct doorbraak_follow_options *options,
	      asking_each *each, void *ctx)
{
	struct doorbraak_follow *follow;
	struct doorbraak_record given;
	struct doorbraak_why reason;
	enum doorbraak_result result;
	struct record record;
	struct arena a;
	struct why why;
	bool more = true;

	if (system_follow(system, service, options, &follow, &why) != ERR_NONE)
		return cli_fail(cli, CLI_UNREACHABLE, "%s", why.text);
	arena_init(&a);
	do {
		/* What came together is shown together. */
		result = doorbraak_follow_next(follow, 0, &given, &reason);
		if (result == DOORBRAAK_AGAIN && fflush(cli->out) == 0)
			result = doorbraak_follow_next(follow, FOLLOW_SILENT_MS, &given, &reason);
		arena_reset(&a);
		if (result == DOORBRAAK_OK && record_read(&a, bytes_of(given.data, given.len), &record, &why))
			more = each(ctx, given.seq, &record);
	} while (more && ferror(cli->out) == 0 &&
		 (result == DOORBRAAK_OK ||
		  (result == DOORBRAAK_AGAIN && doorbraak_follow_silent_ms(follow) < FOLLOW_SILENT_MS)));
	arena_fini(&a);
	doorbraak_follow_close(&follow);
	if (!more || ferror(cli->out) != 0)
		return CLI_OK;
	if (result != DOORBRAAK_AGAIN)
		return cli_fail(cli, CLI_UNREACHABLE, "%s", reason.text);
	return cli_fail(cli, CLI_UNREACHABLE,
			"%s gives no answer for %d seconds: does it run? Look at `doorbraak health`",
			service_of_row(service)->name, FOLLOW_SILENT_MS / 1000);
}

/* ---- temporary folders ---- */

const char *
asking_folder(struct cli *cli)
{
	const char *base = getenv("TMPDIR");
	char *dir = arena_printf(&cli->arena, "%s/doorbraak-XXXXXX", base == NULL || base[0] == '\0' ? "/tmp" : base);

	if (mkdtemp(dir) != NULL)
		return dir;
	cli_fail(cli, CLI_FAILED, "%s: no folder can be made there (%s): set TMPDIR to one that is writable", dir,
		 strerror(errno));
	return NULL;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

void
asking_folder_remove(const char *dir)
{
	if (dir != NULL)
		(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *
asking_store(struct arena *a, const char *data, const char *service)
{
	const char *path = "";

	if (strstr(data, "%s") == NULL)
		return arena_printf(a, "%s/%s", data, service);
	for (const char *at = data, *next; *at != '\0'; at = next) {
		const char *mark = strstr(at, "%s");
		const int len = mark == NULL ? (int)strlen(at) : (int)(mark - at);

		path = arena_printf(a, "%s%.*s%s", path, len, at, mark == NULL ? "" : service);
		next = mark == NULL ? at + len : mark + 2;
	}
	return path;
}

/* ---- small things ---- */

static void
leave(int signal)
{
	(void)signal;
	_exit(CLI_OK);
}

void
asking_until_stopped(void)
{
	struct sigaction action = {.sa_handler = leave};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

const char *
asking_moment(struct arena *a, int64_t at_ms)
{
	const int64_t hour_ms = 3600000, day_ms = 24 * hour_ms;
	const cal_day day = cal_local_day(at_ms);
	const int64_t begin_ms = cal_day_begins_ms(day), end_ms = cal_day_begins_ms(day + 1);
	char date[11];

	if (at_ms == 0)
		return "-";
	cal_format(day, date);
	/* Twice a year the clock is moved: after two hours of that day in spring, after three in autumn. Before that it counts
	 * from the beginning of the day, behind it to the end. */
	const int64_t moved_ms = (end_ms - begin_ms > day_ms ? 3 : 2) * hour_ms;
	const int64_t into_ms = at_ms - begin_ms < moved_ms ? at_ms - begin_ms : day_ms - (end_ms - at_ms);
	return arena_printf(a, "%s %02d:%02d", date, (int)(into_ms / hour_ms), (int)(into_ms % hour_ms / 60000));
}
