// SPDX-License-Identifier: EUPL-1.2
#include "common/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/config_value.h"
#include "common/err.h"
#include "common/nearest.h"
#include "common/service.h"

#define KEY_MAX   24
#define LINES_MAX 32u /* errors that are printed; the rest is counted */

enum { ON_INTAKE = 1, ON_OTHERS = 2, ON_ALL = 3, ON_SIGNALLING = 4, ON_MONITORING = 8 };

struct key {
	const char *name;
	enum value_kind kind;
	unsigned on;         /* services that have it */
	const char *initial; /* default; NULL: see default_of() */
	const char *choices; /* "system|driven" */
	uint64_t min, max;
	size_t offset; /* in struct config, of texts */
	const char *help;
};

enum {
	DATA,
	LISTEN,
	PUBLISH,
	UPSTREAM,
	HTTP,
	CLOCK,
	DISK_RESERVE,
	MAP_SIZE,
	TURN_RECORDS,
	INSECURE,
	INTAKE,
	WEBHOOKS,
	LOG,
	LOG_LEVEL,
	ACCESS_KEYS,
	ORIGINS,
	OPEN_DOOR,
	PAGE_INTAKE,
	PAGE_SIGNALLING,
	SANDBOX,
	ERASURES,
	ERASE_WITHIN,
	AUDIT_KEY,
	CHECKPOINTS,
	KEYS
};

#define AT(field) offsetof(struct config, field)
#define KIB       ((uint64_t)1 << 10)
#define GIB       ((uint64_t)1 << 30)

static const struct key keys[KEYS] = {
    [DATA] = {"data", VALUE_PATH, ON_ALL, NULL, NULL, 0, 0, AT(data), "folder of the store; its parent must exist"},
    [LISTEN] = {"listen", VALUE_BIND, ON_ALL, NULL, NULL, 0, 0, AT(listen),
		"the door: where questions arrive; port * is any free one"},
    [PUBLISH] = {"publish", VALUE_BIND_OR_NONE, ON_ALL, NULL, NULL, 0, 0, AT(publish), "where the live stream is sent"},
    [UPSTREAM] = {"upstream", VALUE_CONNECT, ON_OTHERS, NULL, NULL, 0, 0, AT(upstream),
		  "the door of the service whose journal is read"},
    [HTTP] = {"http", VALUE_ADDRESS_OR_NONE, ON_ALL, NULL, NULL, 0, 0, AT(http_host),
	      "probes, metrics, the API and the page; port 0 is any free one"},
    [CLOCK] = {"clock", VALUE_CHOICE, ON_INTAKE, "system", "system|driven", 0, 0, 0,
	       "whose clock stamps the records: the machine's, or the one that a client drives"},
    [DISK_RESERVE] = {"disk_reserve", VALUE_BYTES, ON_ALL, "256M", NULL, 0, 1024 * GIB, 0,
		      "submissions are refused when less is free on the volume of data"},
    [MAP_SIZE] = {"map_size", VALUE_BYTES, ON_ALL, "64G", NULL, 1024 * KIB, 1024 * GIB, 0,
		  "the store can grow so far; takes no room by itself"},
    [TURN_RECORDS] = {"turn_records", VALUE_INT, ON_ALL, "2048", NULL, 1, 2048, 0, "records of one commit at most"},
    [INSECURE] = {"insecure_network", VALUE_CHOICE, ON_ALL, "no", "no|yes", 0, 0, 0,
		  "yes: endpoints may leave the machine, though nothing is encrypted (private networks only)"},
    [INTAKE] = {"intake", VALUE_CONNECT, ON_SIGNALLING, "tcp://127.0.0.1:7101", NULL, 0, 0, AT(intake),
		"the door of intake, to report how webhooks fare"},
    [WEBHOOKS] = {"webhooks", VALUE_PATH_OR_NONE, ON_SIGNALLING, "none", NULL, 0, 0, AT(webhooks),
		  "folder with the settings, addresses and keys of webhooks"},
    [LOG] = {"log", VALUE_CHOICE, ON_ALL, "auto", "auto|json|text", 0, 0, 0,
	     "form of the log; auto: text on a terminal"},
    [ACCESS_KEYS] = {"keys", VALUE_PATH_OR_NONE, ON_ALL, "none", NULL, 0, 0, AT(keys),
		     "folder with keys.json: who may ask what over HTTP (`doorbraak keys new`)"},
    [ORIGINS] = {"http_origins", VALUE_ORIGINS_OR_NONE, ON_ALL, "none", NULL, 0, 0, AT(http_origins),
		 "origins whose pages may ask over HTTP, with a space between"},
    [OPEN_DOOR] = {"open_door", VALUE_CHOICE, ON_ALL, "no", "no|yes", 0, 0, 0,
		   "yes: everybody on this machine may ask everything over HTTP, without a key (for a trial)"},
    [PAGE_INTAKE] = {"page_intake", VALUE_ORIGINS_OR_NONE, ON_MONITORING, "none", NULL, 0, 0, AT(page_intake),
		     "where the page finds the HTTP of intake; none: where the page itself is"},
    [PAGE_SIGNALLING] = {"page_signalling", VALUE_ORIGINS_OR_NONE, ON_MONITORING, "none", NULL, 0, 0,
			 AT(page_signalling), "the same for signalling"},
    [SANDBOX] = {"sandbox", VALUE_CHOICE, ON_ALL, "yes", "no|yes", 0, 0, 0,
		 "no: it keeps rights that it does not need (files, system calls); for kernels that cannot otherwise"},
    [ERASURES] = {"erasures", VALUE_PATH_OR_NONE, ON_INTAKE, "none", NULL, 0, 0, AT(erasures),
		  "file that lists what was erased; keep it apart from backups; none: <data>.erasures"},
    [ERASE_WITHIN] = {"erase_within", VALUE_INT, ON_INTAKE, "3600", NULL, 1, 86400, 0,
		      "seconds in which what was erased leaves the file; sooner when it is quiet"},
    [AUDIT_KEY] = {"audit_key", VALUE_PATH_OR_NONE, ON_ALL, "none", NULL, 0, 0, AT(audit_key),
		   "file with the key that signs checkpoints of the access log (`doorbraak audit keygen`)"},
    [CHECKPOINTS] = {"checkpoints", VALUE_PATH_OR_NONE, ON_ALL, "none", NULL, 0, 0, AT(checkpoints),
		     "folder, which is there, for these checkpoints; needed with audit_key"},
    [LOG_LEVEL] = {"log_level", VALUE_CHOICE, ON_ALL, "info", "debug|info|warn|error", 0, 0, 0,
		   "what is less is left out"},
};

struct place { /* where a value came from */
	const char *source;
	unsigned line; /* 0: none */
};

struct reading {
	struct config *config;
	unsigned row; /* of the service, from 0 */
	struct place places[KEYS];
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

static bool
is_ours(const struct reading *r, unsigned k)
{
	const unsigned ours = r->row == 0   ? ON_INTAKE
			      : r->row == 3 ? ON_OTHERS | ON_SIGNALLING
			      : r->row == 4 ? ON_OTHERS | ON_MONITORING
					    : ON_OTHERS;

	return (keys[k].on & ours) != 0;
}

static const char *
default_of(const struct reading *r, unsigned k, char text[CONFIG_TEXT_MAX + 1])
{
	const bool streams = r->row >= 3; /* signalling and monitoring have a live stream */

	switch (k) {
	case DATA: snprintf(text, CONFIG_TEXT_MAX, "/var/lib/doorbraak/%s", r->config->service); break;
	case LISTEN: snprintf(text, CONFIG_TEXT_MAX, "tcp://127.0.0.1:%u", 7101 + r->row); break;
	case UPSTREAM: snprintf(text, CONFIG_TEXT_MAX, "tcp://127.0.0.1:%u", 7100 + r->row); break;
	case HTTP: snprintf(text, CONFIG_TEXT_MAX, "127.0.0.1:%u", 7201 + r->row); break;
	case PUBLISH:
		if (streams)
			snprintf(text, CONFIG_TEXT_MAX, "tcp://127.0.0.1:%u", 7111 + r->row);
		else
			snprintf(text, CONFIG_TEXT_MAX, "none");
		break;
	default: return keys[k].initial;
	}
	return text;
}

/* ---- one value ---- */

static void
store_choice(struct config *c, unsigned k, unsigned choice)
{
	switch (k) {
	case CLOCK: c->clock_driven = choice == 1; break;
	case INSECURE: c->insecure_network = choice == 1; break;
	case OPEN_DOOR: c->open_door = choice == 1; break;
	case SANDBOX: c->sandbox = choice == 1; break;
	case LOG: c->log_form = (enum log_form)choice; break;
	default: ASSERT(k == LOG_LEVEL); c->log_level = (enum log_level)choice;
	}
}

static void
store_number(struct config *c, unsigned k, uint64_t number)
{
	switch (k) {
	case DISK_RESERVE: c->disk_reserve_bytes = number; break;
	case MAP_SIZE: c->map_bytes = number; break;
	case ERASE_WITHIN: c->erase_within_s = (uint32_t)number; break;
	default: ASSERT(k == TURN_RECORDS); c->turn_records_max = (uint32_t)number;
	}
}

static void
assign(struct reading *r, unsigned k, const char *text, struct place place)
{
	struct value_limits limits = {.choices = keys[k].choices, .min = keys[k].min, .max = keys[k].max};
	struct value value;
	struct why why;

	if (!value_read(&value, keys[k].kind, text, limits, &why)) {
		wrong(r, place, "%s: %s", keys[k].name, why.text);
		return;
	}
	r->places[k] = place;
	switch (keys[k].kind) {
	case VALUE_CHOICE: store_choice(r->config, k, (unsigned)value.number); break;
	case VALUE_BYTES:
	case VALUE_INT: store_number(r->config, k, value.number); break;
	case VALUE_ADDRESS_OR_NONE: r->config->http_port = (uint16_t)value.number; /* fall through */
	default: memcpy((char *)r->config + keys[k].offset, value.text, sizeof(value.text));
	}
}

static unsigned
key_by_name(const struct reading *r, const char *name)
{
	for (unsigned k = 0; k < KEYS; k++) {
		if (is_ours(r, k) && strcmp(keys[k].name, name) == 0)
			return k;
	}
	return KEYS;
}

static void
unknown_key(struct reading *r, const char *name, struct place place)
{
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (unsigned k = 0; k < KEYS; k++) {
		if (is_ours(r, k))
			nearest_offer(&nearest, keys[k].name);
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
read_line(struct reading *r, char *line, struct place place, unsigned seen[KEYS])
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

	if (k == KEYS)
		unknown_key(r, name, place);
	else if (seen[k] != 0)
		wrong(r, place, "%s: stands on line %u already", name, seen[k]);
	else
		assign(r, k, trimmed(colon + 1), place);
	if (k < KEYS && seen[k] == 0)
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
	unsigned seen[KEYS] = {0};
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

static void
read_environment(struct reading *r, char *const *environment)
{
	for (; *environment != NULL; environment++) {
		static const char prefix[] = "DOORBRAAK_";
		char name[KEY_MAX + 1];
		const char *entry = *environment;
		const char *equals = strchr(entry, '=');
		unsigned k = KEYS;

		if (equals == NULL || strncmp(entry, prefix, sizeof(prefix) - 1) != 0)
			continue;
		entry += sizeof(prefix) - 1;
		if (entry <= equals && (size_t)(equals - entry) <= KEY_MAX) {
			const size_t len = (size_t)(equals - entry);

			for (size_t i = 0; i < len; i++)
				name[i] = (char)(entry[i] >= 'A' && entry[i] <= 'Z' ? entry[i] - 'A' + 'a' : entry[i]);
			name[len] = '\0';
			k = key_by_name(r, name);
		}
		if (k < KEYS)
			assign(r, k, equals + 1, (struct place){"environment", 0});
		else if (r->check_only && strncmp(entry, "CONFIG=", 7) != 0)
			fprintf(r->out, "note: DOORBRAAK_%.*s in the environment is no key of %s\n",
				(int)(equals - entry < 64 ? equals - entry : 64), entry, r->config->service);
	}
}

/* One argument `--name value` or `--name=value`; how many were used. *value is NULL when there is none. */
static int
split_argument(char *const *argv, int left, char name[KEY_MAX + 1], const char **value)
{
	const char *text = argv[0] + 2;
	const size_t len = strcspn(text, "=");
	size_t i;

	for (i = 0; i < len && i < KEY_MAX; i++)
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
	return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0 || strcmp(argument, "--version") == 0 ||
	       strcmp(argument, "--check-config") == 0;
}

/* Two passes: the first finds the file, the second sets values, so that the command line has the last word. */
static void
read_arguments(struct reading *r, int argc, char *const *argv, bool first)
{
	const struct place place = {"command line", 0};

	for (int i = 1; i < argc;) {
		char name[KEY_MAX + 1];
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
		if (first && k == KEYS && !is_file)
			unknown_key(r, name, place);
		else if (first && value == NULL)
			wrong(r, place, "--%s needs a value", name);
		else if (!first && k < KEYS && value != NULL)
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
	const bool local[KEYS] = {
	    [LISTEN] = config_is_local(c->listen),
	    [PUBLISH] = c->publish[0] == '\0' || config_is_local(c->publish),
	    [UPSTREAM] = c->upstream[0] == '\0' || config_is_local(c->upstream),
	    [INTAKE] = c->webhooks[0] == '\0' || config_is_local(c->intake),
	    [HTTP] = c->http_host[0] == '\0' || value_host_is_local(c->http_host),
	};
	const unsigned endpoints[] = {LISTEN, PUBLISH, UPSTREAM, INTAKE, HTTP};

	for (unsigned i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
		const unsigned k = endpoints[i];

		if (local[k])
			continue;
		c->leaves_machine = true;
		if (!c->insecure_network)
			wrong(r, r->places[k],
			      "%s: leaves this machine, and nothing is encrypted yet; use 127.0.0.1 or ipc, or set "
			      "insecure_network: yes on a private network",
			      keys[k].name);
	}
}

/* Beside the data, so that it outlives the folder. */
static void
place_erasures(struct reading *r)
{
	struct config *c = r->config;

	if (r->row == 0 && c->erasures[0] == '\0' &&
	    (size_t)snprintf(c->erasures, sizeof(c->erasures), "%s.erasures", c->data) >= sizeof(c->erasures))
		wrong(r, r->places[DATA],
		      "data: the path of the list of erasures beside it is too long; name one (erasures)");
}

/* Not even on a private network: who may look at a case must show a key. */
static void
check_open_door(struct reading *r)
{
	if (r->config->open_door && r->config->http_host[0] != '\0' && !value_host_is_local(r->config->http_host))
		wrong(r, r->places[OPEN_DOOR],
		      "open_door: yes only goes with http on 127.0.0.1; make keys with `doorbraak keys new`");
}

static void
print_help(const struct reading *r)
{
	char text[CONFIG_TEXT_MAX + 1], range[80];

	fprintf(
	    r->out,
	    "doorbraak-%s, one of the five services of Doorbraak\n\n"
	    "usage: doorbraak-%s [--config FILE] [--KEY VALUE]...\n"
	    "       doorbraak-%s --check-config | --version | --help\n\n"
	    "Keys, from the file (`key: value` a line), the environment (DOORBRAAK_KEY) or the command line (--key);\n"
	    "the last one wins:\n\n",
	    r->config->service, r->config->service, r->config->service);
	for (unsigned k = 0; k < KEYS; k++) {
		if (!is_ours(r, k))
			continue;
		value_describe(
		    keys[k].kind,
		    (struct value_limits){.choices = keys[k].choices, .min = keys[k].min, .max = keys[k].max}, range,
		    sizeof(range));
		fprintf(r->out, "  %-17s %s\n  %-17s %s; default %s\n", keys[k].name, keys[k].help, "", range,
			default_of(r, k, text));
	}
	fprintf(r->out,
		"\nexample:\n  doorbraak-%s --data /var/lib/doorbraak/%s --listen ipc:///run/doorbraak/%s "
		"--disk-reserve 1G\n",
		r->config->service, r->config->service, r->config->service);
}

/* --help and --version need nothing to be right. */
static bool
answer_at_once(struct reading *r, int argc, char *const *argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			print_help(r);
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
	static const char *const services[SERVICE_COUNT] = {"intake", "triage", "routing", "signalling", "monitoring"};
	struct reading r = {.config = config, .row = SERVICE_COUNT, .out = out, .errors = errors};
	char text[CONFIG_TEXT_MAX + 1];

	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		if (strcmp(services[i], service) == 0)
			r.row = i;
	}
	ASSERT(r.row < SERVICE_COUNT);
	*config = (struct config){.service = service};
	if (answer_at_once(&r, argc, argv))
		return CONFIG_DONE;

	for (unsigned k = 0; k < KEYS; k++) {
		if (is_ours(&r, k))
			assign(&r, k, default_of(&r, k, text), (struct place){"default", 0});
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

	if (r.wrong > 0) {
		fprintf(errors, "doorbraak-%s: %u error%s in the configuration; nothing was started\n", service,
			r.wrong, r.wrong == 1 ? "" : "s");
		return CONFIG_WRONG;
	}
	if (r.check_only)
		fprintf(out, "configuration is right\n");
	return r.check_only ? CONFIG_DONE : CONFIG_RUN;
}
