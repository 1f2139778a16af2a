// SPDX-License-Identifier: EUPL-1.2
/* http_head.h - the head of an HTTP/1.1 answer: status and headers. Pure; for http_call.c, and for who made the call. */
#ifndef DOORBRAAK_HTTP_HEAD_H
#define DOORBRAAK_HTTP_HEAD_H

#include "common/bytes.h"

#define HTTP_HEAD_ANSWER_MAX 8192u /* bytes of the head of an answer */
#define HTTP_VALUE_MAX       255u  /* bytes of a header's value that anybody asks for */

/* Bytes up to and with the empty line; 0: it is not whole yet. */
size_t http_head_length(struct bytes input);
/* 100 to 599; 0 when this is not the head of an answer. */
int http_head_status(struct bytes head);
/* The value of a header, without the spaces around it; false when it is not there, twice there, or too long. */
bool http_head_get(struct bytes head, const char *name, char value[HTTP_VALUE_MAX + 1]);

#endif
