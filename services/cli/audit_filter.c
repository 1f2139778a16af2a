// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/audit_filter.h"

#include <inttypes.h>

#include "common/access_log.h"

enum {
	SERVICE,
	SEQ,
	MOMENT,
	EVENT,
	ACTION,
	OUTCOME,
	ACTOR,
	ROLE,
	ORGANISATION,
	OBJECT_CLASS,
	OBJECTS,
	PURPOSE,
	ACCESS_POINT,
	AUTHORISATION,
	EMERGENCY,
	TIMES,
	COLUMNS
};

static const char *const names[COLUMNS] = {
    [SERVICE] = "service",
    [SEQ] = "seq",
    [MOMENT] = "moment",
    [EVENT] = "event",
    [ACTION] = "action",
    [OUTCOME] = "outcome",
    [ACTOR] = "actor",
    [ROLE] = "role",
    [ORGANISATION] = "responsible_organisation",
    [OBJECT_CLASS] = "object_class",
    [OBJECTS] = "objects",
    [PURPOSE] = "purpose",
    [ACCESS_POINT] = "access_point",
    [AUTHORISATION] = "authorisation",
    [EMERGENCY] = "emergency",
    [TIMES] = "times",
};

bool
audit_filter_read(struct cli *cli, struct audit_filter *f)
{
	f->case_id = cli_option(cli, "case");
	f->key = cli_option(cli, "key");
	f->organisation = cli_option(cli, "organisation");
	return asking_day(cli, "from", &f->from) && asking_day(cli, "to", &f->to);
}

static bool
names_case(const pb_AccessRecord *r, const char *case_id)
{
	for (size_t i = 0; i < r->n_case_ids; i++) {
		if (strcmp(r->case_ids[i], case_id) == 0)
			return true;
	}
	return false;
}

bool
audit_filter_fits(const struct audit_filter *f, const pb_AccessRecord *r)
{
	const cal_day day = cal_local_day(record_at_ms(r->at));

	return (f->case_id == NULL || names_case(r, f->case_id)) && (f->key == NULL || strcmp(f->key, r->key) == 0) &&
	       (f->organisation == NULL || strcmp(f->organisation, r->organisation) == 0) &&
	       (f->from == CAL_NONE || day >= f->from) && (f->to == CAL_NONE || day <= f->to);
}

/* ---- what it was ---- */

/* By the path: READ of one, SEARCH in many, SUBMIT, LOG of the log itself, REFUSED without a token. */
static const char *
event_of(const pb_AccessRecord *r)
{
	if (r->path[0] == '\0')
		return "KNOCK";
	if (strcmp(r->path, ACCESS_LOG_ITSELF) == 0)
		return "READ_ACCESS_LOG";
	if (strstr(r->path, "/submissions") != NULL)
		return "SUBMIT";
	return strchr(r->path, '{') != NULL ? "READ" : "SEARCH";
}

static const char *
object_class(const pb_AccessRecord *r)
{
	if (strcmp(r->path, ACCESS_LOG_ITSELF) == 0)
		return "ACCESS_LOG";
	return r->n_case_ids > 0 || strstr(r->path, "/cases") != NULL ? "CASE" : "OTHER";
}

static const char *
objects(struct arena *a, const pb_AccessRecord *r)
{
	const char *text = "";

	for (size_t i = 0; i < r->n_case_ids; i++)
		text = arena_printf(a, "%s%s%s", text, i == 0 ? "" : " ", r->case_ids[i]);
	return text;
}

static const char *
moment(struct arena *a, const pb_AccessRecord *r)
{
	const int64_t at_ms = record_at_ms(r->at);
	const cal_day day = (cal_day)(at_ms / 86400000);
	const int64_t ms = at_ms % 86400000;

	return arena_printf(a, "%sT%02d:%02d:%02d.%03dZ", record_date(a, day), (int)(ms / 3600000),
			    (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
}

static void
fill(struct arena *a, unsigned service, uint64_t seq, const pb_AccessRecord *r, const char *cells[COLUMNS])
{
	const bool submits = strcmp(event_of(r), "SUBMIT") == 0;

	cells[SERVICE] = service_of_row(service)->name;
	cells[SEQ] = arena_printf(a, "%" PRIu64, seq);
	cells[MOMENT] = moment(a, r);
	cells[EVENT] = event_of(r);
	cells[ACTION] = submits ? "C" : "R";
	cells[OUTCOME] = record_code_of("AccessOutcome", (int)r->outcome);
	cells[ACTOR] = r->key;
	cells[ROLE] = (int)r->role == 0 ? "" : record_code_of("Role", (int)r->role);
	cells[ORGANISATION] = r->organisation;
	cells[OBJECT_CLASS] = object_class(r);
	cells[OBJECTS] = objects(a, r);
	cells[PURPOSE] = (int)r->purpose == 0 ? "" : record_code_of("AccessPurpose", (int)r->purpose);
	cells[ACCESS_POINT] = r->path;
	cells[AUTHORISATION] = r->scope;
	cells[EMERGENCY] = "no";
	cells[TIMES] = arena_printf(a, "%u", r->times == 0 ? 1 : r->times);
}

/* ---- lines ---- */

void
audit_csv_heads(FILE *out)
{
	for (unsigned i = 0; i < COLUMNS; i++)
		fprintf(out, "%s%s", names[i], i + 1 < COLUMNS ? "," : "\r\n");
}

static void
csv_cell(FILE *out, const char *text)
{
	if (strpbrk(text, ",\"\r\n") == NULL) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

/* What the log holds are codes, ids and names that keys may have: only a quote or a backslash could disturb. */
static void
json_cell(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		if ((unsigned char)*text >= 0x20)
			fputc(*text, out);
	}
	fputc('"', out);
}

void
audit_export(FILE *out, bool json, struct arena *a, unsigned service, uint64_t seq, const pb_AccessRecord *r)
{
	const char *cells[COLUMNS];

	fill(a, service, seq, r, cells);
	for (unsigned i = 0; i < COLUMNS; i++) {
		if (json) {
			fprintf(out, "%s\"%s\":", i == 0 ? "{" : ",", names[i]);
			json_cell(out, cells[i]);
		} else {
			fputs(i == 0 ? "" : ",", out);
			csv_cell(out, cells[i]);
		}
	}
	fputs(json ? "}\n" : "\r\n", out);
}
