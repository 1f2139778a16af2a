// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/adopted.h"

#include <stdlib.h>
#include <time.h>

#include "common/scope_effects.h"
#include "common/scope_signals.h"
#include "common/scope_triage.h"

static const struct rules_scope *const scopes[] = {&scope_accept, &scope_effects, &scope_triage, &scope_signals};

struct adopted {
	struct arena arena;
	struct adopted_record *first, **end;
	const char *dir;
	struct store *store;
	struct store_txn *txn; /* never committed */
	struct policy_book *policies;
	struct registry registry;
	cal_day today;
	bool broken;
	struct why why;
};

/* ---- reading ---- */

static bool
take_record(void *ctx, uint64_t seq, const struct record *in)
{
	struct adopted *ad = ctx;
	struct record r;

	/* Decoded anew: what is given lives until the next record only. */
	if (!record_read(&ad->arena, arena_copy(&ad->arena, in->raw), &r, &ad->why)) {
		ad->broken = true;
		return false;
	}
	if (r.submission == NULL || (r.submission->body_case != DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED &&
				     r.submission->body_case != DOORBRAAK__V1__SUBMISSION__BODY_REGISTRY_ADOPTED))
		return true;
	struct adopted_record *record = ARENA_NEW(&ad->arena, struct adopted_record);
	record->seq = seq;
	record->day = cal_local_day(r.at_ms);
	if (r.submission->body_case == DOORBRAAK__V1__SUBMISSION__BODY_POLICY_ADOPTED) {
		record->policy = r.submission->policy_adopted;
		policy_adopt(ad->policies, ad->txn, record->policy, record->day);
	} else {
		record->registry = r.submission->registry_adopted;
		registry_adopt(ad->registry, ad->txn, record->registry, record->day);
	}
	*ad->end = record;
	ad->end = (struct adopted_record **)(void *)&record->next;
	return true;
}

static int
open_store(struct adopted *ad, struct cli *cli)
{
	struct why why;

	ad->dir = asking_folder(cli);
	if (ad->dir == NULL)
		return CLI_FAILED;
	const struct store_options options = {.dir = arena_printf(&ad->arena, "%s/adopted", ad->dir),
					      .map_bytes = (size_t)1 << 30};
	if (store_open(&ad->store, &options, &why) != ERR_NONE)
		return cli_fail(cli, CLI_FAILED, "%s", why.text);
	ad->policies = policy_new(scopes, sizeof scopes / sizeof scopes[0]);
	ad->txn = store_begin_write(ad->store);
	policy_open(ad->policies, ad->txn);
	ad->registry = registry_open(ad->txn);
	return CLI_OK;
}

int
adopted_read(struct adopted **out, struct cli *cli, struct system *system)
{
	static const char *const topics[] = {"kind/PolicyAdopted", "kind/RegistryAdopted"};
	struct adopted *ad = calloc(1, sizeof *ad);
	struct doorbraak_cursor cursor = {0};
	int64_t now_ms = 0;

	if (ad == NULL)
		fatal("out of memory");
	arena_init(&ad->arena);
	ad->end = &ad->first;
	int code = asking_clock(cli, system, &now_ms);
	ad->today = cal_local_day(now_ms);
	if (code == CLI_OK)
		code = open_store(ad, cli);
	if (code == CLI_OK)
		code = asking_read(cli, system, 0, &cursor, topics, 2, take_record, ad);
	if (code == CLI_OK && ad->broken)
		code = cli_fail(cli, CLI_FAILED, "intake's journal: %s", ad->why.text);
	if (code == CLI_OK && store_failed(ad->txn))
		code = cli_fail(cli, CLI_FAILED, "%s is full: set TMPDIR to a folder with more room", ad->dir);
	if (code != CLI_OK)
		adopted_close(&ad);
	*out = ad;
	return code;
}

void
adopted_close(struct adopted **adopted)
{
	struct adopted *ad = *adopted;

	if (ad == NULL)
		return;
	policy_free(&ad->policies);
	store_close(&ad->store);
	asking_folder_remove(ad->dir);
	arena_fini(&ad->arena);
	free(ad);
	*adopted = NULL;
}

/* ---- looking ---- */

const struct adopted_record *
adopted_records(const struct adopted *ad)
{
	return ad->first;
}

cal_day
adopted_today(const struct adopted *ad)
{
	return ad->today;
}

const struct policy_view *
adopted_policy(struct adopted *ad, cal_day day, const char *region)
{
	return policy_on(ad->policies, ad->txn, day, region);
}

bool
adopted_is_of(const pb_PolicyAdopted *policy, const char *version)
{
	const size_t len = strlen(policy->version), region = strlen(policy->region);

	if (region == 0)
		return strncmp(policy->version, version, len) == 0 && (version[len] == '\0' || version[len] == '+');
	const size_t whole = strlen(version), own = region + 1 + len;
	const char *tail = version + whole - own;

	return whole > own && tail[-1] == '+' && strncmp(tail, policy->region, region) == 0 && tail[region] == '-' &&
	       strcmp(tail + region + 1, policy->version) == 0;
}

static const pb_RuleRow *
find_row(const pb_PolicyAdopted *policy, const char *id)
{
	for (size_t t = 0; policy->tables != NULL && t < policy->tables->n_tables; t++) {
		const pb_RuleTable *table = policy->tables->tables[t];
		for (size_t b = 0; b < table->n_blocks; b++)
			for (size_t r = 0; r < table->blocks[b]->n_rows; r++)
				if (strcmp(table->blocks[b]->rows[r]->id, id) == 0)
					return table->blocks[b]->rows[r];
	}
	return NULL;
}

const pb_RuleRow *
adopted_row(const struct adopted *ad, const char *version, const char *id)
{
	const pb_RuleRow *national = NULL, *own = NULL;

	for (const struct adopted_record *r = ad->first; r != NULL; r = r->next) {
		if (r->policy == NULL || !adopted_is_of(r->policy, version))
			continue;
		const pb_RuleRow *row = find_row(r->policy, id);
		if (row != NULL && r->policy->region[0] == '\0')
			national = row;
		else if (row != NULL)
			own = row;
	}
	return own != NULL ? own : national;
}

enum registry_found
adopted_place(struct adopted *ad, const char *municipality, cal_day day, struct registry_place *place)
{
	return registry_place_of(ad->registry, ad->txn, municipality, day, place);
}

bool
adopted_region(struct adopted *ad, const char *region, cal_day day, struct registry_place *place)
{
	*place = (struct registry_place){0};
	return registry_region(ad->registry, ad->txn, region, day, place);
}

bool
adopted_feature(struct adopted *ad, const char *region, int ask, cal_day day)
{
	return registry_feature(ad->registry, ad->txn, region, ask, day);
}

struct code
adopted_registry_version(struct adopted *ad, cal_day day)
{
	return registry_version(ad->registry, ad->txn, day);
}
