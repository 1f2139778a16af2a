// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/policy_side.h"

#include "services/cli/adopted.h"
#include "services/cli/adoption.h"
#include "services/cli/policy_file.h"

/* ---- files ---- */

static int
read_files(struct cli *cli, const char *const *paths, unsigned count, struct policy_side *side)
{
	struct policy_file *file = ARENA_NEW(&cli->arena, struct policy_file);

	if (!policy_file_read(&cli->arena, paths, count, adoption_scopes, ADOPTION_POLICY_SCOPES, file)) {
		for (unsigned i = 0; i < file->problems.count && i < PROBLEMS_MAX; i++)
			fprintf(cli->err, "%s\n", file->problems.text[i]);
		return cli_fail(cli, CLI_USAGE, "%s cannot be read: %u problem%s", side->name, file->problems.count,
				file->problems.count == 1 ? "" : "s");
	}
	if (file->policy->region[0] == '\0')
		side->national = file->policy;
	else
		side->regional = file->policy;
	return CLI_OK;
}

/* ---- what was adopted ---- */

/* The last record that the view of this version was made of: national, or a region's. */
static const pb_PolicyAdopted *
find_adopted(struct cli *cli, const struct adopted *ad, const char *version, bool regional)
{
	const pb_PolicyAdopted *found = NULL;
	struct why why;

	for (const struct adopted_record *r = adopted_records(ad); r != NULL; r = r->next) {
		if (r->policy != NULL && adopted_is_of(r->policy, version) &&
		    (r->policy->region[0] != '\0') == regional)
			found = r->policy;
	}
	if (found == NULL)
		return NULL;
	/* In the tool's own memory: what was read goes with `ad`. */
	return record_unpack(&cli->arena, &pb_PolicyAdopted_descriptor, RECORD_PACK(&cli->arena, found),
			     RECORD_ADOPTION_MAX, &why);
}

static int
take_adopted(struct cli *cli, struct adopted *ad, const char *region, cal_day day, struct policy_side *side)
{
	const struct policy_view *view = adopted_policy(ad, day == CAL_NONE ? adopted_today(ad) : day, region);

	if (view == NULL)
		return cli_fail(cli, CLI_FAILED,
				"%s: no policy is in force on that day; `doorbraak policy show` says more", side->name);
	const char *version = arena_str(&cli->arena, bytes_str(view->version));

	side->national = find_adopted(cli, ad, version, false);
	if (strchr(version, '+') != NULL)
		side->regional = find_adopted(cli, ad, version, true);
	return side->national == NULL
		   ? cli_fail(cli, CLI_FAILED, "%s: policy %s is not in intake's journal", side->name, version)
		   : CLI_OK;
}

static int
read_adopted(struct cli *cli, const char *region, cal_day day, struct policy_side *side)
{
	struct adopted *ad = NULL;
	struct system *system = asking_open(cli);

	if (system == NULL)
		return CLI_UNREACHABLE;
	int code = adopted_read(&ad, cli, system);
	if (code == CLI_OK)
		code = take_adopted(cli, ad, region, day, side);
	adopted_close(&ad);
	system_close(&system);
	return code;
}

/* Behind `adopted`: "", ":JZ42", "@2024-01-01" or both. */
static int
parse_adopted(struct cli *cli, const char *rest, struct policy_side *side)
{
	const char *at = strchr(rest, '@');
	const char *region = "";
	cal_day day = CAL_NONE;

	if (rest[0] == ':')
		region =
		    arena_str(&cli->arena, bytes_of(rest + 1, at == NULL ? strlen(rest + 1) : (size_t)(at - rest - 1)));
	if (rest[0] == ':' && !record_is_code(region))
		return cli_fail(cli, CLI_USAGE, "%s: '%.60s' cannot be a region; write adopted:JZ42", side->name,
				region);
	if (at != NULL && (day = cal_parse(at + 1)) == CAL_NONE)
		return cli_fail(cli, CLI_USAGE, "%s: '%.20s' is no date; write adopted@2024-01-01", side->name, at + 1);
	return read_adopted(cli, region, day, side);
}

int
policy_side_read(struct cli *cli, const char *text, struct policy_side *side)
{
	const char *paths[ADOPTION_POLICY_PATHS];
	const size_t len = strlen("adopted");

	*side = (struct policy_side){.name = text};
	if (strcmp(text, "shipped") == 0) {
		adoption_policy_paths(&cli->arena, cli->share_dir, paths);
		return read_files(cli, paths, ADOPTION_POLICY_PATHS, side);
	}
	if (strncmp(text, "adopted", len) == 0 && (text[len] == '\0' || text[len] == ':' || text[len] == '@'))
		return parse_adopted(cli, text + len, side);
	return read_files(cli, &text, 1, side);
}

const pb_PolicyAdopted *
policy_side_whole(struct arena *a, const struct policy_side *side, const pb_PolicyAdopted *base)
{
	const pb_PolicyAdopted *national = side->national != NULL ? side->national : base;

	if (side->regional == NULL)
		return national;
	return national == NULL ? side->regional : policy_merge(a, national, side->regional);
}

int
policy_side_read_all(struct cli *cli, const char *const *texts, unsigned count, struct policy_side *side)
{
	if (count == 1)
		return policy_side_read(cli, texts[0], side);
	*side = (struct policy_side){.name = texts[0]};
	return read_files(cli, texts, count, side);
}
