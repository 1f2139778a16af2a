// SPDX-License-Identifier: EUPL-1.2
/* routing_parties.h - who owns, who is asked, who supports: the effects on the organisations of a case. Pure.
 *
 * Nothing here makes a team or centre the owner under a measure (I4), or takes the last owner away (I1). */
#ifndef DOORBRAAK_ROUTING_PARTIES_H
#define DOORBRAAK_ROUTING_PARTIES_H

#include "services/routing/routing_effects.h"

/* May this organisation own the case on its track? */
bool party_may_own(const struct case_file *file, struct code organisation);
void party_say_owner(struct change *c, struct code former);
void party_change_owner(struct change *c, struct code owner);
/* Nobody is asked any more. */
void party_drop_transfer(struct change *c);

/* The verbs, with their argument (scope_effects.h). */
void party_owner(struct change *c, int64_t target);
/* Asking the owner itself ends a transfer that is pending. */
void party_ask(struct change *c, int64_t target);
void party_support(struct change *c, int64_t target);
void party_offer(struct change *c, int64_t target);
void party_leave(struct change *c, int64_t target);
void party_redirect(struct change *c, int64_t target);
void party_team(struct change *c);
void party_move(struct change *c);

#endif
