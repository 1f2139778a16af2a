// SPDX-License-Identifier: EUPL-1.2
/* http_load.h - submissions over HTTP as fast as they are taken: keep-alive, one request at a time on each connection. */
#ifndef DOORBRAAK_TESTS_HTTP_LOAD_H
#define DOORBRAAK_TESTS_HTTP_LOAD_H

#include "common/record.h"

#define HTTP_LOAD_CONNECTIONS_MAX 48u

/* POSTs packed submissions to `port` of this machine, `batch` in a request (1: by itself), over so many connections. Seconds
 * from the first request to the last answer; ends the process when one is not accepted. Making the JSON is not measured. */
double http_load_rush(uint16_t port, const struct bytes *submissions, unsigned count, unsigned batch,
		      unsigned connections);

#endif
