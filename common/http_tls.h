// SPDX-License-Identifier: EUPL-1.2
/* http_tls.h - OpenSSL as http_call.c wants it. */
#ifndef DOORBRAAK_HTTP_TLS_H
#define DOORBRAAK_HTTP_TLS_H

#include "common/http_call.h"

struct bufferevent;

/* A stream that is not connected yet; checks the certificate against the host. NULL when there is no memory. */
struct bufferevent *http_tls_stream(const struct http_tls *tls, struct event_base *base, const struct url *url);
/* Why the handshake, or what came later, failed; a sentence of ours. */
void http_tls_why(struct bufferevent *stream, struct why *why);

#endif
