// SPDX-License-Identifier: EUPL-1.2
#include "common/hardening.h"

#include <event2/event.h>
#include <limits.h>
#include <sodium.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "common/config_value.h"
#include "common/supervisor.h"

#define PLACES_MAX   24u
#define LIBEVENT_MIN 0x02010c00u

/* What of a text of the configuration is a place. */
enum part {
	FOLDER,  /* itself */
	MADE,    /* itself; made now when it is not there, as it could not be reached later */
	BESIDE,  /* the folder that it stands in */
	SOCKET,  /* of ipc://path: the folder of the path; of tcp: nothing */
	ADDRESS, /* of the data folder: where the addresses are written, beside it */
};

/* One line for each place that a service reaches while it runs. */
static const struct {
	size_t offset; /* in struct config; "" there: not this one */
	enum part part;
	enum sandbox_right right;
} own[] = {
    {offsetof(struct config, data), FOLDER, SANDBOX_WRITE},
    {offsetof(struct config, data), ADDRESS, SANDBOX_WRITE},
    {offsetof(struct config, data), BESIDE, SANDBOX_NAMES}, /* the addresses take their place, and go */
    {offsetof(struct config, checkpoints), FOLDER, SANDBOX_WRITE},
    {offsetof(struct config, audit_key), FOLDER, SANDBOX_READ},
    {offsetof(struct config, keys), MADE, SANDBOX_READ},
    {offsetof(struct config, webhooks), FOLDER, SANDBOX_READ},
    {offsetof(struct config, erasures), FOLDER, SANDBOX_WRITE},
    {offsetof(struct config, listen), SOCKET, SANDBOX_SOCKETS},
    {offsetof(struct config, publish), SOCKET, SANDBOX_SOCKETS},
};

/* Names of hosts: all of /etc can be read (not listed), as files there are replaced by others of the same name. */
static const struct sandbox_place names[] = {
    {"/etc", SANDBOX_READ},
    {"/run/systemd/resolve", SANDBOX_READ},
    {"/run/resolvconf", SANDBOX_READ},
    {"/run/NetworkManager", SANDBOX_READ},
};

/* Certificates of authorities, for webhooks. */
static const struct sandbox_place certificates[] = {
    {"/usr/lib/ssl", SANDBOX_READ},
    {"/usr/share/ca-certificates", SANDBOX_READ},
    {"/usr/local/share/ca-certificates", SANDBOX_READ},
};

struct list {
	struct sandbox_place places[PLACES_MAX];
	char texts[PLACES_MAX][PATH_MAX];
	size_t count;
};

static void
add(struct list *l, const char *path, size_t len, enum sandbox_right right)
{
	ASSERT(l->count < PLACES_MAX && len < PATH_MAX);
	char *text = l->texts[l->count];

	memcpy(text, path, len);
	text[len] = '\0';
	l->places[l->count++] = (struct sandbox_place){text, right};
}

static void
add_folder_of(struct list *l, const char *path, enum sandbox_right right)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		add(l, ".", 1, right);
	else
		add(l, path, slash == path ? 1 : (size_t)(slash - path), right);
}

static void
add_part(struct list *l, const char *text, enum part part, enum sandbox_right right)
{
	char file[PATH_MAX];

	if (text[0] == '\0')
		return;
	switch (part) {
	case MADE: (void)mkdir(text, 0700); /* fall through */
	case FOLDER: add(l, text, strlen(text), right); break;
	case BESIDE: add_folder_of(l, text, right); break;
	case SOCKET:
		if (strncmp(text, "ipc://", 6) == 0)
			add_folder_of(l, text + 6, right);
		break;
	case ADDRESS:
		if (supervisor_addresses_prepare(text, file))
			add(l, file, strlen(file), right);
	}
}

static void
add_all(struct list *l, const struct sandbox_place *places, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add(l, places[i].path, strlen(places[i].path), places[i].right);
}

void
hardening_check_libraries(void)
{
	if (sodium_init() < 0 || sodium_library_version_major() < SODIUM_LIBRARY_VERSION_MAJOR)
		fatal("libsodium %s cannot be used; built for %s", sodium_version_string(), SODIUM_VERSION_STRING);
	if (event_get_version_number() < LIBEVENT_MIN)
		fatal("libevent %s is too old; 2.1.12 or later is needed", event_get_version());
}

void
hardening_begin(struct sandbox *sandbox, const struct config *config)
{
	struct list list = {.count = 0};

	*sandbox = (struct sandbox){0};
	if (!config->sandbox) {
		why_set(&sandbox->why, "sandbox: no");
		return;
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		add_part(&list, (const char *)config + own[i].offset, own[i].part, own[i].right);
	add_all(&list, names, sizeof(names) / sizeof(names[0]));
	if (config->webhooks[0] != '\0')
		add_all(&list, certificates, sizeof(certificates) / sizeof(certificates[0]));
	sandbox_enter(sandbox, list.places, list.count);
}

void
hardening_end(struct sandbox *sandbox, const struct config *config, const struct log *log)
{
	struct rlimit files = {0};

	if (config->sandbox)
		sandbox_close_doors(sandbox);
	(void)getrlimit(RLIMIT_NOFILE, &files);
	log_say(log, sandbox->why.text[0] == '\0' ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "hardened",
		log_integer("landlock", sandbox->landlock), log_bool("seccomp", sandbox->calls),
		log_number("files", files.rlim_cur), log_text("missing", sandbox->why.text));
}
