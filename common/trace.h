// SPDX-License-Identifier: EUPL-1.2
/* trace.h - the trace of a request: `traceparent` of W3C Trace Context, level 1. Pure.
 *
 *   00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01     version, trace, span, flags
 *
 * It comes with a submission, over HTTP or ZeroMQ, stands in its record, and is repeated unchanged on every answer that
 * follows and on the events that tell of signals: no span of our own is made, as services draw nothing at random. One that
 * is not valid is left out, as the standard asks; it is never a reason to refuse. Of a later version the part that we know
 * is taken, as version 00. */
#ifndef DOORBRAAK_TRACE_H
#define DOORBRAAK_TRACE_H

#include "common/bytes.h"

#define TRACE_LEN 55u

/* False when it is none; `out` is then "". `text` may be NULL. */
bool trace_read(const char *text, char out[TRACE_LEN + 1]);

#endif
