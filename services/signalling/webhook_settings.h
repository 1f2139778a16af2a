// SPDX-License-Identifier: EUPL-1.2
/* webhook_settings.h - what the operator decides about webhooks: one folder, not in any journal.
 *
 *   <folder>/settings     `key: value` a line: who we are, which hosts, how patient
 *   <folder>/<id>.hook    `url: ...` of a subscription
 *   <folder>/<id>.key     its secret: `whsec_` and base64 of 24 to 64 bytes, kept as secret.h wants it
 *
 * A hook is read anew for each attempt, so a changed URL or key holds from the next one on. */
#ifndef DOORBRAAK_WEBHOOK_SETTINGS_H
#define DOORBRAAK_WEBHOOK_SETTINGS_H

#include "common/digest.h"
#include "common/lookup.h"
#include "common/secret.h"

#define WEBHOOK_FILE_MAX 16384u /* bytes */
#define WEBHOOK_TEXT_MAX 255u   /* bytes of a value */
#define WEBHOOK_LIST_MAX 4095u  /* bytes of a list of hosts */
#define WEBHOOK_KEY_MIN  24u    /* bytes */
#define WEBHOOK_KEY_MAX  64u

struct webhook_settings {
	char dir[WEBHOOK_TEXT_MAX + 1];
	char source[WEBHOOK_TEXT_MAX + 1];        /* of every event: urn:nld:oin:<OIN>:systeem:<name> */
	char origin[WEBHOOK_TEXT_MAX + 1];        /* the name that receivers allow: doorbraak.example.nl */
	char hosts[WEBHOOK_LIST_MAX + 1];         /* host[:port], ...: only these are sent to */
	char private_hosts[WEBHOOK_LIST_MAX + 1]; /* of these, which may have a private address */
	char ca[WEBHOOK_TEXT_MAX + 1];            /* trusted authorities (PEM); "" the system's */
	uint32_t pause_ms;                        /* after the first failure; doubles, up to WEBHOOK_PAUSE_MAX_MS */
	uint32_t deadline_ms;                     /* of one request */
	uint32_t failing_after;                   /* failures in a row until it is reported */
	uint32_t give_up_s;                       /* of failing; 0: never */
};

/* False with *why: file, line, what to do. */
bool webhook_settings_read(struct webhook_settings *settings, const char *dir, struct why *why) MUST_USE;

struct webhook_hook {
	struct url url;
	struct digest digest; /* of the URL */
	enum lookup_reach reach;
	struct secret key;
};

/* False with *why: also when the host is not one of `hosts`, or the key is open to others. */
bool webhook_hook_read(struct webhook_hook *hook, const struct webhook_settings *settings, const char *id,
		       struct why *why) MUST_USE;
/* Overwrites its key. {0} is fine, and one that could not be read. */
void webhook_hook_free(struct webhook_hook *hook);
/* The rules for a URL: https to a listed host; http to a listed private host on this machine. */
bool webhook_url_read(struct webhook_hook *hook, const struct webhook_settings *settings, const char *url,
		      struct why *why) MUST_USE;

#endif
