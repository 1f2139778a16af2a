// SPDX-License-Identifier: EUPL-1.2
/* monitoring_http.h - asking and telling of monitoring's questions over HTTP, for its table of endpoints (web.h). */
#ifndef DOORBRAAK_MONITORING_HTTP_H
#define DOORBRAAK_MONITORING_HTTP_H

#include "common/web.h"

void http_ask_story(struct web_call *call);
void http_tell_story(struct web_call *call, const pb_Reply *const *replies, unsigned count);
void http_ask_overview(struct web_call *call);
void http_tell_overview(struct web_call *call, const pb_Reply *const *replies, unsigned count);
void http_ask_deadlines(struct web_call *call);
void http_tell_deadlines(struct web_call *call, const pb_Reply *const *replies, unsigned count);
void http_ask_indicators(struct web_call *call);
void http_ask_registry(struct web_call *call);
void http_ask_policy(struct web_call *call);
void http_ask_report(struct web_call *call);
/* As JSON, or where the caller would rather have text/csv, as that. */
void http_tell_report(struct web_call *call, const pb_Reply *const *replies, unsigned count);

#endif
