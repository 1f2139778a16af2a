// SPDX-License-Identifier: EUPL-1.2
#include "common/config_keys.h"

#include <stddef.h>

enum { ON_INTAKE = 1, ON_OTHERS = 2, ON_ALL = 3, ON_SIGNALLING = 4, ON_MONITORING = 8 };

#define AT(field) offsetof(struct config, field)
#define KIB       ((uint64_t)1 << 10)
#define GIB       ((uint64_t)1 << 30)

const struct config_key config_keys[CONFIG_KEYS] = {
    [CONFIG_DATA] = {"data", VALUE_PATH, ON_ALL, NULL, NULL, 0, 0, AT(data),
		     "folder of the store; its parent must exist"},
    [CONFIG_LISTEN] = {"listen", VALUE_BIND, ON_ALL, NULL, NULL, 0, 0, AT(listen),
		       "the door: where questions arrive; port * is any free one"},
    [CONFIG_PUBLISH] = {"publish", VALUE_BIND_OR_NONE, ON_ALL, NULL, NULL, 0, 0, AT(publish),
			"where the live stream is sent"},
    [CONFIG_UPSTREAM] = {"upstream", VALUE_CONNECT, ON_OTHERS, NULL, NULL, 0, 0, AT(upstream),
			 "the door of the service whose journal is read"},
    [CONFIG_HTTP] = {"http", VALUE_ADDRESS_OR_NONE, ON_ALL, NULL, NULL, 0, 0, AT(http_host),
		     "probes, metrics, the API and the page; port 0 is any free one"},
    [CONFIG_CLOCK] = {"clock", VALUE_CHOICE, ON_INTAKE, "system", "system|driven", 0, 0, 0,
		      "whose clock stamps the records: the machine's, or the one that a client drives"},
    [CONFIG_DISK_RESERVE] =
	{"disk_reserve", VALUE_BYTES, ON_ALL, "256M", NULL, 0, 1024 * GIB, 0,
	 "when less is free where data is, submissions are refused; below half of it nothing is written"},
    [CONFIG_DISK_WARN] = {"disk_warn", VALUE_BYTES, ON_ALL, "1G", NULL, 0, 1024 * GIB, 0,
			  "the log and the metrics warn when less is free where data is"},
    [CONFIG_MAP_SIZE] = {"map_size", VALUE_BYTES, ON_ALL, "64G", NULL, 1024 * KIB, 1024 * GIB, 0,
			 "the store can grow so far; takes no room by itself"},
    [CONFIG_TURN_RECORDS] = {"turn_records", VALUE_INT, ON_ALL, "2048", NULL, 1, 2048, 0,
			     "records of one commit at most"},
    [CONFIG_SECRET] =
	{"secret", VALUE_PATH_OR_NONE, ON_ALL, "none", NULL, 0, 0, AT(secret),
	 "file with our own pair of keys (`doorbraak keys init`): all ZeroMQ is encrypted, and asks for keys"},
    [CONFIG_INTAKE] = {"intake", VALUE_CONNECT, ON_SIGNALLING, "tcp://127.0.0.1:7101", NULL, 0, 0, AT(intake),
		       "the door of intake, to report how webhooks fare"},
    [CONFIG_WEBHOOKS] = {"webhooks", VALUE_PATH_OR_NONE, ON_SIGNALLING, "none", NULL, 0, 0, AT(webhooks),
			 "folder with the settings, addresses and keys of webhooks"},
    [CONFIG_LOG] = {"log", VALUE_CHOICE, ON_ALL, "auto", "auto|json|text", 0, 0, 0,
		    "form of the log; auto: text on a terminal"},
    [CONFIG_ACCESS_KEYS] = {"keys", VALUE_PATH_OR_NONE, ON_ALL, "none", NULL, 0, 0, AT(keys),
			    "folder with keys.json: who may ask what (`doorbraak keys`)"},
    [CONFIG_ORIGINS] = {"http_origins", VALUE_ORIGINS_OR_NONE, ON_ALL, "none", NULL, 0, 0, AT(http_origins),
			"origins whose pages may ask over HTTP, with a space between"},
    [CONFIG_OPEN_DOOR] = {"open_door", VALUE_CHOICE, ON_ALL, "no", "no|yes", 0, 0, 0,
			  "yes: everybody on this machine may ask everything over HTTP, without a key (for a trial)"},
    [CONFIG_PAGE_INTAKE] = {"page_intake", VALUE_ORIGINS_OR_NONE, ON_MONITORING, "none", NULL, 0, 0, AT(page_intake),
			    "where the page finds the HTTP of intake; none: where the page itself is"},
    [CONFIG_PAGE_SIGNALLING] = {"page_signalling", VALUE_ORIGINS_OR_NONE, ON_MONITORING, "none", NULL, 0, 0,
				AT(page_signalling), "the same for signalling"},
    [CONFIG_SANDBOX] =
	{"sandbox", VALUE_CHOICE, ON_ALL, "yes", "no|yes", 0, 0, 0,
	 "no: it keeps rights that it does not need (files, system calls); for kernels that cannot otherwise"},
    [CONFIG_ERASURES] = {"erasures", VALUE_PATH_OR_NONE, ON_INTAKE, "none", NULL, 0, 0, AT(erasures),
			 "file that lists what was erased; keep it apart from backups; none: <data>.erasures"},
    [CONFIG_ERASE_WITHIN] = {"erase_within", VALUE_INT, ON_INTAKE, "3600", NULL, 1, 86400, 0,
			     "seconds in which what was erased leaves the file; sooner when it is quiet"},
    [CONFIG_AUDIT_KEY] = {"audit_key", VALUE_PATH_OR_NONE, ON_ALL, "none", NULL, 0, 0, AT(audit_key),
			  "file with the key that signs checkpoints of the access log (`doorbraak audit keygen`)"},
    [CONFIG_CHECKPOINTS] = {"checkpoints", VALUE_PATH_OR_NONE, ON_ALL, "none", NULL, 0, 0, AT(checkpoints),
			    "folder, which is there, for these checkpoints; needed with audit_key"},
    [CONFIG_LOG_LEVEL] = {"log_level", VALUE_CHOICE, ON_ALL, "info", "debug|info|warn|error", 0, 0, 0,
			  "what is less is left out"},
};

const char *const config_services[CONFIG_SERVICES] = {"intake", "triage", "routing", "signalling", "monitoring"};

bool
config_key_is_of(unsigned row, unsigned key)
{
	const unsigned ours = row == 0   ? ON_INTAKE
			      : row == 3 ? ON_OTHERS | ON_SIGNALLING
			      : row == 4 ? ON_OTHERS | ON_MONITORING
					 : ON_OTHERS;

	return (config_keys[key].on & ours) != 0;
}

const char *
config_key_default(unsigned row, unsigned key, char text[CONFIG_TEXT_MAX + 1])
{
	const bool streams = row >= 3; /* signalling and monitoring have a live stream */

	switch (key) {
	case CONFIG_DATA: snprintf(text, CONFIG_TEXT_MAX, "/var/lib/doorbraak/%s", config_services[row]); break;
	case CONFIG_LISTEN: snprintf(text, CONFIG_TEXT_MAX, "tcp://127.0.0.1:%u", 7101 + row); break;
	case CONFIG_UPSTREAM: snprintf(text, CONFIG_TEXT_MAX, "tcp://127.0.0.1:%u", 7100 + row); break;
	case CONFIG_HTTP: snprintf(text, CONFIG_TEXT_MAX, "127.0.0.1:%u", 7201 + row); break;
	case CONFIG_PUBLISH:
		if (!streams)
			return "none";
		snprintf(text, CONFIG_TEXT_MAX, "tcp://127.0.0.1:%u", 7111 + row);
		break;
	default: return config_keys[key].initial;
	}
	return text;
}

static void
describe(const struct config_key *key, char range[80])
{
	const struct value_limits limits = {.choices = key->choices, .min = key->min, .max = key->max};

	value_describe(key->kind, limits, range, 80);
}

void
config_keys_help(FILE *out, unsigned row)
{
	const char *service = config_services[row];
	char text[CONFIG_TEXT_MAX + 1], range[80];

	fprintf(
	    out,
	    "doorbraak-%s, one of the five services of Doorbraak\n\n"
	    "usage: doorbraak-%s [--config FILE] [--KEY VALUE]...\n"
	    "       doorbraak-%s --check-config | --config-keys | --version | --help\n\n"
	    "--check-config says all that is wrong, with its place; status 0: nothing is, 2: something is.\n"
	    "--config-keys prints the keys of all services as a table.\n\n"
	    "Keys, from the file (`key: value` a line), the environment (DOORBRAAK_KEY) or the command line (--key);\n"
	    "the last one wins:\n\n",
	    service, service, service);
	for (unsigned k = 0; k < CONFIG_KEYS; k++) {
		if (!config_key_is_of(row, k))
			continue;
		describe(&config_keys[k], range);
		fprintf(out, "  %-17s %s\n  %-17s %s; default %s\n", config_keys[k].name, config_keys[k].help, "",
			range, config_key_default(row, k, text));
	}
	fprintf(out,
		"\nexample:\n  doorbraak-%s --data /var/lib/doorbraak/%s --listen ipc:///run/doorbraak/%s "
		"--disk-reserve 1G\n",
		service, service, service);
}

/* In a cell of a table a bar must be escaped. */
static void
print_cell(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		fprintf(out, "%s%c", *text == '|' ? "\\" : "", *text);
}

/* The services that have the key; where the default differs, each with its own. */
static void
print_defaults(FILE *out, unsigned k)
{
	char text[CONFIG_TEXT_MAX + 1], before[CONFIG_TEXT_MAX + 1] = "";

	for (unsigned row = 0; row < CONFIG_SERVICES; row++) {
		if (!config_key_is_of(row, k))
			continue;
		const char *value = config_key_default(row, k, text);
		if (strcmp(value, before) != 0)
			fprintf(out, "%s`%s`", before[0] == '\0' ? "" : ", ", value);
		snprintf(before, sizeof(before), "%s", value);
	}
}

static void
print_services(FILE *out, unsigned k)
{
	unsigned count = 0, last = 0;

	for (unsigned row = 0; row < CONFIG_SERVICES; row++) {
		if (config_key_is_of(row, k)) {
			count++;
			last = row;
		}
	}
	if (count == CONFIG_SERVICES)
		fputs("all", out);
	else if (count == 1)
		fputs(config_services[last], out);
	else
		fputs("all but intake", out);
}

void
config_keys_table(FILE *out)
{
	char range[80];

	fputs("| key | of | default | range | what |\n| --- | --- | --- | --- | --- |\n", out);
	for (unsigned k = 0; k < CONFIG_KEYS; k++) {
		fprintf(out, "| `%s` | ", config_keys[k].name);
		print_services(out, k);
		fputs(" | ", out);
		print_defaults(out, k);
		fputs(" | ", out);
		describe(&config_keys[k], range);
		print_cell(out, range);
		fputs(" | ", out);
		print_cell(out, config_keys[k].help);
		fputs(" |\n", out);
	}
}
