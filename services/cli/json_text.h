// SPDX-License-Identifier: EUPL-1.2
/* json_text.h - a text as JSON. */
#ifndef DOORBRAAK_JSON_TEXT_H
#define DOORBRAAK_JSON_TEXT_H

#include "common/arena.h"

/* In quotes, escaped; in the arena. */
const char *json_text(struct arena *a, const char *text);

#endif
