// SPDX-License-Identifier: EUPL-1.2
#include "common/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/config_keys.h"
#include "common/config_value.h"
#include "common/err.h"
#include "common/nearest.h"
#include "common/service.h"

#define LINES_MAX 32u /* errors that are printed; the rest is counted */

static const char environment_prefix[] = "DOORBRAAK_";
static const char by_default[] = "default", by_environment[] = "environment", by_command_line[] = "command line";

struct place { /* where a value came from */
	const char *source;
	unsigned line; /* 0: none */
};

struct reading {
	struct config *config;
	unsigned row; /* of the service, from 0 */
	struct place places[CONFIG_KEYS];
	FILE *out, *errors;
	unsigned wrong;
	const char *file;
	bool check_only;
};

static void
wrong(struct reading *r, struct place place, const char *format, ...)
{
	va_list args;

	if (++r->wrong > LINES_MAX)
		return;
	if (place.line > 0)
		fprintf(r->errors, "doorbraak-%s: %s:%u: ", r->config->service, place.source, place.line);
	else
		fprintf(r->errors, "doorbraak-%s: %s: ", r->config->service, place.source);
	va_start(args, format);
	vfprintf(r->errors, format, args);
	va_end(args);
	fputc('\n', r->errors);
}

/* Of a value: its key is named as it stands there. */
static void
wrong_value(struct reading *r, unsigned k, struct place place, const char *what)
{
	char name[CONFIG_KEY_MAX + sizeof(environment_prefix) + 1], initial[CONFIG_TEXT_MAX + 1];

	snprintf(name, sizeof(name), "%s%s",
		 place.source == by_environment    ? environment_prefix
		 : place.source == by_command_line ? "--"
						   : "",
		 config_keys[k].name);
	for (char *c = name; place.source == by_environment && *c != '\0'; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	wrong(r, place, "%s: %s; default %s", name, what, config_key_default(r->row, k, initial));
}

/* ---- one value ---- */

static void
store_choice(struct config *c, unsigned k, unsigned choice)
{
	switch (k) {
	case CONFIG_CLOCK: c->clock_driven = choice == 1; break;
	case CONFIG_OPEN_DOOR: c->open_door = choice == 1; break;
	case CONFIG_SANDBOX: c->sandbox = choice == 1; break;
	case CONFIG_LOG: c->log_form = (enum log_form)choice; break;
	default: ASSERT(k == CONFIG_LOG_LEVEL); c->log_level = (enum log_level)choice;
	}
}

static void
store_number(struct config *c, unsigned k, uint64_t number)
{
	switch (k) {
	case CONFIG_DISK_RESERVE: c->disk_reserve_bytes = number; break;
	case CONFIG_DISK_WARN: c->disk_warn_bytes = number; break;
	case CONFIG_MAP_SIZE: c->map_bytes = number; break;
	case CONFIG_ERASE_WITHIN: c->erase_within_s = (uint32_t)number; break;
	default: ASSERT(k == CONFIG_TURN_RECORDS); c->turn_records_max = (uint32_t)number;
	}
}

static void
assign(struct reading *r, unsigned k, const char *text, struct place place)
{
	struct value_limits limits = {
	    .choices = config_keys[k].choices, .min = config_keys[k].min, .max = config_keys[k].max};
	struct value value;
	struct why why;

	if (!value_read(&value, config_keys[k].kind, text, limits, &why)) {
		wrong_value(r, k, place, why.text);
		return;
	}
	r->places[k] = place;
	switch (config_keys[k].kind) {
	case VALUE_CHOICE: store_choice(r->config, k, (unsigned)value.number); break;
	case VALUE_BYTES:
	case VALUE_INT: store_number(r->config, k, value.number); break;
	case VALUE_ADDRESS_OR_NONE: r->config->http_port = (uint16_t)value.number; /* fall through */
	default: memcpy((char *)r->config + config_keys[k].offset, value.text, sizeof(value.text));
	}
}

static unsigned
key_by_name(const struct reading *r, const char *name)
{
	for (unsigned k = 0; k < CONFIG_KEYS; k++) {
		if (config_key_is_of(r->row, k) && strcmp(config_keys[k].name, name) == 0)
			return k;
	}
	return CONFIG_KEYS;
}

static void
unknown_key(struct reading *r, const char *name, struct place place)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (unsigned k = 0; k < CONFIG_KEYS; k++) {
		if (config_key_is_of(r->row, k))
			nearest_offer(&nearest, config_keys[k].name);
	}
	wrong(r, place, "%s has no key '%.60s'; %s", r->config->service, name, nearest_remedy(&nearest));
}

/* ---- the file ---- */

static char *
trimmed(char *s)
{
	s += strspn(s, " \t");
	for (size_t len = strlen(s); len > 0 && strchr(" \t\r", s[len - 1]) != NULL; len--)
		s[len - 1] = '\0';
	return s;
}

static void
read_line(struct reading *r, char *line, struct place place, unsigned seen[CONFIG_KEYS])
{
	for (char *c = line; *c != '\0'; c++) {
		if (*c == '#' && (c == line || c[-1] == ' ' || c[-1] == '\t')) {
			*c = '\0';
			break;
		}
	}
	line = trimmed(line);
	if (*line == '\0')
		return;

	char *colon = strchr(line, ':');
	if (colon == NULL) {
		wrong(r, place, "not `key: value`");
		return;
	}
	*colon = '\0';
	const char *name = trimmed(line);
	const unsigned k = key_by_name(r, name);

	if (k == CONFIG_KEYS)
		unknown_key(r, name, place);
	else if (seen[k] != 0)
		wrong(r, place, "%s: stands on line %u already", name, seen[k]);
	else
		assign(r, k, trimmed(colon + 1), place);
	if (k < CONFIG_KEYS && seen[k] == 0)
		seen[k] = place.line;
}

/* The whole file, NUL-terminated, to be freed; NULL after saying why. */
static char *
slurp(struct reading *r, const char *path)
{
	const struct place place = {path, 0};
	char *text = malloc(CONFIG_FILE_MAX + 2);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t got = 1;

	if (text == NULL)
		fatal("out of memory");
	while (fd >= 0 && got != 0 && len <= CONFIG_FILE_MAX) {
		got = read(fd, text + len, CONFIG_FILE_MAX + 1 - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		len += (size_t)got;
	}
	if (fd < 0 || got < 0)
		wrong(r, place, "cannot be read: %s", strerror(errno));
	else if (len > CONFIG_FILE_MAX)
		wrong(r, place, "larger than %u bytes", CONFIG_FILE_MAX);
	else if (memchr(text, '\0', len) != NULL)
		wrong(r, place, "is not text: it holds a zero byte");
	else
		goto done;
	free(text);
	text = NULL;
done:
	if (fd >= 0)
		close(fd);
	if (text != NULL)
		text[len] = '\0';
	return text;
}

static void
read_file(struct reading *r, const char *path)
{
	unsigned seen[CONFIG_KEYS] = {0};
	char *text = slurp(r, path);
	char *line = text;

	for (unsigned number = 1; line != NULL; number++) {
		char *end = strchr(line, '\n');

		if (end != NULL)
			*end = '\0';
		read_line(r, line, (struct place){path, number}, seen);
		line = end == NULL ? NULL : end + 1;
	}
	free(text);
}

/* ---- environment and command line ---- */

/* A variable that is no key of this service: perhaps of another one, or an orchestrator's, or a slip of the pen. */
static void
odd_variable(struct reading *r, const char *entry, int len)
{
	const char *near = NULL;
	char name[64 + 1];

	snprintf(name, sizeof(name), "%.*s", len, entry);
	for (unsigned k = 0; k < CONFIG_KEYS; k++) {
		const unsigned distance = nearest_distance(name, config_keys[k].name);

		if (distance == 0) {
			near = NULL; /* another service's */
			break;
		}
		if (distance <= 2 && config_key_is_of(r->row, k))
			near = config_keys[k].name;
	}
	if (near != NULL && r->config->odd[0] == '\0')
		snprintf(r->config->odd, sizeof(r->config->odd), "DOORBRAAK_%s is no key; did you mean '%s'?", name,
			 near);
	if (!r->check_only)
		return;
	if (near != NULL)
		fprintf(r->out, "note: DOORBRAAK_%s in the environment is no key of %s; did you mean '%s'?\n", name,
			r->config->service, near);
	else
		fprintf(r->out, "note: DOORBRAAK_%s in the environment is no key of %s\n", name, r->config->service);
}

static void
read_environment(struct reading *r, char *const *environment)
{
	for (; *environment != NULL; environment++) {
		char name[CONFIG_KEY_MAX + 1];
		const char *entry = *environment;
		const char *equals = strchr(entry, '=');
		unsigned k = CONFIG_KEYS;

		if (equals == NULL || strncmp(entry, environment_prefix, sizeof(environment_prefix) - 1) != 0)
			continue;
		entry += sizeof(environment_prefix) - 1;
		if (entry <= equals && (size_t)(equals - entry) <= CONFIG_KEY_MAX) {
			const size_t len = (size_t)(equals - entry);

			for (size_t i = 0; i < len; i++)
				name[i] = (char)(entry[i] >= 'A' && entry[i] <= 'Z' ? entry[i] - 'A' + 'a' : entry[i]);
			name[len] = '\0';
			k = key_by_name(r, name);
		}
		if (k < CONFIG_KEYS)
			assign(r, k, equals + 1, (struct place){by_environment, 0});
		else if (strncmp(entry, "CONFIG=", 7) != 0)
			odd_variable(r, entry, (int)(equals - entry < 64 ? equals - entry : 64));
	}
}

/* One argument `--name value` or `--name=value`; how many were used. *value is NULL when there is none. */
static int
split_argument(char *const *argv, int left, char name[CONFIG_KEY_MAX + 1], const char **value)
{
	const char *text = argv[0] + 2;
	const size_t len = strcspn(text, "=");
	size_t i;

	for (i = 0; i < len && i < CONFIG_KEY_MAX; i++)
		name[i] = text[i] == '-' ? '_' : text[i];
	name[i] = '\0';
	if (text[len] == '=') {
		*value = text + len + 1;
		return 1;
	}
	*value = left > 1 ? argv[1] : NULL;
	return *value == NULL ? 1 : 2;
}

static bool
is_flag(const char *argument)
{
	return strcmp(argument, "--config-keys") == 0 || strcmp(argument, "--help") == 0 ||
	       strcmp(argument, "-h") == 0 || strcmp(argument, "--version") == 0 ||
	       strcmp(argument, "--check-config") == 0;
}

/* Two passes: the first finds the file, the second sets values, so that the command line has the last word. */
static void
read_arguments(struct reading *r, int argc, char *const *argv, bool first)
{
	const struct place place = {by_command_line, 0};

	for (int i = 1; i < argc;) {
		char name[CONFIG_KEY_MAX + 1];
		const char *value;

		if (is_flag(argv[i])) {
			i++;
			continue;
		}
		if (strncmp(argv[i], "--", 2) != 0) {
			if (first)
				wrong(r, place, "'%.60s' is not an option; see --help", argv[i]);
			i++;
			continue;
		}
		i += split_argument(argv + i, argc - i, name, &value);
		const unsigned k = key_by_name(r, name);
		const bool is_file = strcmp(name, "config") == 0;

		if (first && is_file)
			r->file = value;
		if (first && k == CONFIG_KEYS && !is_file)
			unknown_key(r, name, place);
		else if (first && value == NULL)
			wrong(r, place, "--%s needs a value", name);
		else if (!first && k < CONFIG_KEYS && value != NULL)
			assign(r, k, value, place);
	}
}

static const char *
file_of_environment(char *const *environment)
{
	for (; *environment != NULL; environment++) {
		if (strncmp(*environment, "DOORBRAAK_CONFIG=", 17) == 0 && (*environment)[17] != '\0')
			return *environment + 17;
	}
	return NULL;
}

/* ---- all together ---- */

static void
check_locality(struct reading *r)
{
	struct config *c = r->config;
	const bool local[CONFIG_KEYS] = {
	    [CONFIG_LISTEN] = config_is_local(c->listen),
	    [CONFIG_PUBLISH] = c->publish[0] == '\0' || config_is_local(c->publish),
	    [CONFIG_UPSTREAM] = c->upstream[0] == '\0' || config_is_local(c->upstream),
	    [CONFIG_INTAKE] = c->webhooks[0] == '\0' || config_is_local(c->intake),
	    [CONFIG_HTTP] = c->http_host[0] == '\0' || value_host_is_local(c->http_host),
	};
	const unsigned endpoints[] = {CONFIG_LISTEN, CONFIG_PUBLISH, CONFIG_UPSTREAM, CONFIG_INTAKE, CONFIG_HTTP};

	for (unsigned i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
		const unsigned k = endpoints[i];

		if (local[k])
			continue;
		c->leaves_machine = true;
		if (k == CONFIG_HTTP && c->keys[0] == '\0')
			wrong_value(r, k, r->places[k],
				    "leaves this machine; use 127.0.0.1, or set `keys`, so that who asks shows one "
				    "(`doorbraak keys new`)");
		else if (k != CONFIG_HTTP && c->secret[0] == '\0')
			wrong_value(
			    r, k, r->places[k],
			    "leaves this machine, and nothing is encrypted without `secret`; use 127.0.0.1 or ipc, or "
			    "make keys with `doorbraak keys init` and set `secret` and `keys`");
	}
	if (c->secret[0] != '\0' && c->keys[0] == '\0')
		wrong(r, r->places[CONFIG_SECRET], "secret goes with `keys`, the folder of keys.json: who may come in");
}

/* Beside the data, so that it outlives the folder. */
static void
place_erasures(struct reading *r)
{
	struct config *c = r->config;

	if (r->row == 0 && c->erasures[0] == '\0')
		snprintf(c->erasures, sizeof(c->erasures), "%s.erasures", c->data);
}

/* Not even on a private network: who may look at a case must show a key. */
static void
check_open_door(struct reading *r)
{
	if (r->config->open_door && r->config->http_host[0] != '\0' && !value_host_is_local(r->config->http_host))
		wrong_value(r, CONFIG_OPEN_DOOR, r->places[CONFIG_OPEN_DOOR],
			    "yes only goes with http on 127.0.0.1; make keys with `doorbraak keys new`");
}

/* It must come before what it warns of; a default gives way. */
static void
check_warning(struct reading *r)
{
	struct config *c = r->config;

	if (c->disk_warn_bytes >= c->disk_reserve_bytes)
		return;
	if (r->places[CONFIG_DISK_WARN].source == by_default)
		c->disk_warn_bytes = c->disk_reserve_bytes;
	else
		wrong_value(r, CONFIG_DISK_WARN, r->places[CONFIG_DISK_WARN],
			    "is less than disk_reserve: nobody would be warned; make it larger");
}

/* --help and --version need nothing to be right. */
static bool
answer_at_once(struct reading *r, int argc, char *const *argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			config_keys_help(r->out, r->row);
			return true;
		}
		if (strcmp(argv[i], "--config-keys") == 0) {
			config_keys_table(r->out);
			return true;
		}
		if (strcmp(argv[i], "--version") == 0) {
			fprintf(r->out, "doorbraak-%s %s, logic version %d\n", r->config->service, DOORBRAAK_VERSION,
				LOGIC_VERSION);
			return true;
		}
		if (strcmp(argv[i], "--check-config") == 0)
			r->check_only = true;
	}
	return false;
}

enum config_outcome
config_read(struct config *config, const char *service, int argc, char *const *argv, char *const *environment,
	    FILE *out, FILE *errors)
{
	struct reading r = {.config = config, .row = SERVICE_COUNT, .out = out, .errors = errors};
	char text[CONFIG_TEXT_MAX + 1];

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		if (strcmp(config_services[i], service) == 0)
			r.row = i;
	}
	ASSERT(r.row < SERVICE_COUNT);
	*config = (struct config){.service = service};
	if (answer_at_once(&r, argc, argv))
		return CONFIG_DONE;

	for (unsigned k = 0; k < CONFIG_KEYS; k++) {
		if (config_key_is_of(r.row, k))
			assign(&r, k, config_key_default(r.row, k, text), (struct place){by_default, 0});
	}
	r.file = file_of_environment(environment);
	read_arguments(&r, argc, argv, true);
	if (r.file != NULL)
		read_file(&r, r.file);
	read_environment(&r, environment);
	read_arguments(&r, argc, argv, false);
	check_locality(&r);
	check_open_door(&r);
	place_erasures(&r);
	check_warning(&r);

	if (r.wrong > 0) {
		fprintf(errors, "doorbraak-%s: %u error%s in the configuration; nothing was started\n", service,
			r.wrong, r.wrong == 1 ? "" : "s");
		return CONFIG_WRONG;
	}
	if (r.check_only)
		fprintf(out, "configuration is right\n");
	return r.check_only ? CONFIG_DONE : CONFIG_RUN;
}
