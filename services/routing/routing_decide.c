// SPDX-License-Identifier: EUPL-1.2
#include "services/routing/routing_decide.h"

static void
run(struct decision *d, const struct situation *at, const struct case_file *file, const char *scope)
{
	d->reason = REASON_UNSPECIFIED;
	d->row = NULL;
	d->result.hit_count = 0;
	d->result.near_count = 0;
	d->table = at->view == NULL ? NULL : policy_table(at->view, scope, at->event);
	routing_facts(at, file, d->table, d->facts);
	if (d->table != NULL)
		rules_run(d->table, d->facts, true, &d->result);
}

void
routing_accept(struct decision *d, const struct situation *at, const struct case_file *file)
{
	run(d, at, file, scope_accept.name);
	if (d->table == NULL) {
		d->reason = d->facts[CASE_FACT_OUT_OF_ORDER] != 0 ? REASON_OUT_OF_ORDER : REASON_UNSPECIFIED;
		return;
	}
	for (unsigned i = 0; i < d->result.hit_count; i++) {
		const struct rules_row *row = d->result.hits[i];

		d->row = row;
		for (unsigned j = 0; j < row->then_count; j++) {
			if (row->then[j].verb != ACCEPT_REJECT)
				continue;
			d->reason = (int)row->then[j].arguments[0];
			return;
		}
	}
}

void
routing_effects(struct decision *d, const struct situation *at, const struct case_file *file)
{
	run(d, at, file, scope_effects.name);
}

unsigned
routing_near(const struct decision *d, const struct rules_row *row, const struct rules_near *near[RULES_NEAR_MAX])
{
	unsigned count = 0;

	if (d->table == NULL)
		return 0;
	for (unsigned b = 0; b < d->table->block_count; b++) {
		const struct rules_block *block = &d->table->blocks[b];

		if (row < block->rows || row >= block->rows + block->row_count)
			continue;
		for (unsigned i = 0; i < d->result.near_count; i++) {
			const struct rules_row *other = d->result.near[i].row;

			if (other >= block->rows && other < row)
				near[count++] = &d->result.near[i];
		}
		return count;
	}
	return count;
}

bool
routing_row_acts(const struct rules_row *row)
{
	for (unsigned i = 0; i < row->then_count; i++) {
		if (row->then[i].verb != EFFECT_STOP)
			return true;
	}
	return false;
}
