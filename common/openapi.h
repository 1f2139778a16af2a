// SPDX-License-Identifier: EUPL-1.2
/* openapi.h - GET /v1/openapi.json: docs/openapi.json as it was when the program was built, for everybody, without a key. */
#ifndef DOORBRAAK_OPENAPI_H
#define DOORBRAAK_OPENAPI_H

#include "common/http.h"

/* Made of docs/openapi.json (Makefile). */
extern const uint8_t openapi_json[];
extern const size_t openapi_json_len;

struct http_table openapi_table(void);

#endif
