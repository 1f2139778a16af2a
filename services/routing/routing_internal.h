// SPDX-License-Identifier: EUPL-1.2
/* routing_internal.h - the service's own value, and what its files ask of each other. */
#ifndef DOORBRAAK_ROUTING_INTERNAL_H
#define DOORBRAAK_ROUTING_INTERNAL_H

#include "common/policy.h"
#include "common/registry.h"
#include "common/service.h"
#include "services/routing/routing_decide.h"
#include "services/routing/routing_effects.h"
#include "services/routing/routing_state.h"

struct routing {
	struct routing_state state;
	struct registry registry;
	struct registry_memo registry_memo;
	struct policy_book *policies;
	/* Scratch of the record at hand: too large for the stack, of no meaning afterwards. */
	struct case_file before, file;
	struct decision decision;
	struct change change;
};

/* Who says something about which case, and on what ground. */
struct voice {
	struct turn *turn;
	const char *case_id;
	cal_day effect_on;
	const struct policy_view *view;
	struct code registry_version;
	const struct decision *decision; /* its facts and near misses go with the basis; NULL: no table decided */
};

/* ---- routing_say.c: decisions as answers ---- */

/* The basis of a row (NULL: the rule by itself). */
pb_Basis *say_basis(const struct voice *v, const char *rule, const struct rules_row *row);
void say_rejected(const struct voice *v, pb_Basis *basis, int reason);
void say_opened(const struct voice *v, pb_Basis *basis, int kind, const char *linked_to);
/* What the row of a change did: RouteDecided as the case now stands, then owner and deadlines. */
void say_change(const struct voice *v, pb_Basis *basis, const struct change *c);
/* Owner and deadlines only. */
void say_sayings(const struct voice *v, pb_Basis *basis, const struct change *c);
void say_missed(const struct voice *v, pb_Basis *basis, const struct case_deadline *d);
void say_warning(const struct voice *v, pb_Basis *basis, const struct case_deadline *d);
/* One more fact in a basis. */
void say_fact(const struct voice *v, pb_Basis *basis, const char *name, const char *value);

/* ---- routing.c ---- */

/* What applies around the case in self->file on a day. */
struct voice routing_situation(struct routing *self, struct turn *turn, struct situation *at);
/* Runs the effects table of at->event on self->file, says what follows, and settles. `quiet`: rows without effect
 * are not told. */
void routing_run(struct routing *self, const struct voice *v, const struct situation *at, bool quiet);

/* ---- routing_time.c: a day begins ---- */

void routing_tick(struct routing *self, struct turn *turn, cal_day day);

#endif
