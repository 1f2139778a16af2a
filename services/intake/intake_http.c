// SPDX-License-Identifier: EUPL-1.2
/* intake_http.c - what intake takes and answers over HTTP. */
#include "common/web.h"

const struct web_endpoint intake_endpoints[] = {
    {.path = NULL},
};
