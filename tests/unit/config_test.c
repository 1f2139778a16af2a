// SPDX-License-Identifier: EUPL-1.2
/* What a service is told: four sources in order, and everything that is wrong at once, with its place. */
#include "tests/unit/unit.h"

#include "common/config_keys.h"

#define WORDS_MAX 24

struct run {
	struct config config;
	enum config_outcome outcome;
	char out[8192], errors[8192];
};

/* Lists end with NULL. */
static struct run
read_config(const char *service, const char *const *arguments, const char *const *environment)
{
	char *argv[WORDS_MAX] = {"doorbraak"}, *env[WORDS_MAX] = {NULL};
	struct run run;
	int argc = 1;

	for (; *arguments != NULL; arguments++)
		argv[argc++] = (char *)(uintptr_t)*arguments;
	for (int i = 0; environment[i] != NULL; i++)
		env[i] = (char *)(uintptr_t)environment[i];
	memset(&run, 0, sizeof(run));
	FILE *out = fmemopen(run.out, sizeof(run.out), "w"), *errors = fmemopen(run.errors, sizeof(run.errors), "w");
	run.outcome = config_read(&run.config, service, argc, argv, env, out, errors);
	fclose(out);
	fclose(errors);
	return run;
}
#define WORDS(...) ((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static unsigned
lines_of(const char *text)
{
	unsigned lines = 0;

	for (; *text != '\0'; text++)
		lines += *text == '\n';
	return lines;
}

static void
test_defaults_of_every_service(void **state UNUSED)
{
	static const struct {
		const char *service, *listen, *publish, *upstream;
		uint16_t http;
	} rows[] = {
	    {"intake", "tcp://127.0.0.1:7101", "", "", 7201},
	    {"triage", "tcp://127.0.0.1:7102", "", "tcp://127.0.0.1:7101", 7202},
	    {"routing", "tcp://127.0.0.1:7103", "", "tcp://127.0.0.1:7102", 7203},
	    {"signalling", "tcp://127.0.0.1:7104", "tcp://127.0.0.1:7114", "tcp://127.0.0.1:7103", 7204},
	    {"monitoring", "tcp://127.0.0.1:7105", "tcp://127.0.0.1:7115", "tcp://127.0.0.1:7104", 7205},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct run run = read_config(rows[i].service, WORDS(), WORDS());
		char data[64];

		snprintf(data, sizeof(data), "/var/lib/doorbraak/%s", rows[i].service);
		assert_int_equal(run.outcome, CONFIG_RUN);
		assert_string_equal(run.config.data, data);
		assert_string_equal(run.config.listen, rows[i].listen);
		assert_string_equal(run.config.publish, rows[i].publish);
		assert_string_equal(run.config.upstream, rows[i].upstream);
		assert_string_equal(run.config.http_host, "127.0.0.1");
		assert_int_equal(run.config.http_port, rows[i].http);
		assert_false(run.config.clock_driven || run.config.secret[0] != '\0' || run.config.leaves_machine);
		assert_int_equal(run.config.disk_reserve_bytes, 256 << 20);
		assert_int_equal(run.config.map_bytes, INT64_C(64) << 30);
		assert_int_equal(run.config.turn_records_max, 2048);
		assert_int_equal(run.config.log_form, LOG_FORM_AUTO);
		assert_int_equal(run.config.log_level, LOG_LEVEL_INFO);
		assert_string_equal(run.errors, "");
	}
}

static void
test_webhooks_are_signallings(void **state UNUSED)
{
	const struct run none = read_config("signalling", WORDS(), WORDS());
	const struct run some =
	    read_config("signalling", WORDS("--webhooks", "/etc/hooks/", "--intake=ipc:///run/i"), WORDS());
	const struct run away = read_config("signalling", WORDS("--webhooks=/h", "--intake=tcp://a.nl:1"), WORDS());
	const struct run unused = read_config("signalling", WORDS("--intake=tcp://a.nl:1"), WORDS());
	const struct run other = read_config("routing", WORDS("--webhooks", "/etc/hooks"), WORDS());

	assert_string_equal(none.config.webhooks, "");
	assert_string_equal(none.config.intake, "tcp://127.0.0.1:7101");
	assert_string_equal(some.config.webhooks, "/etc/hooks");
	assert_string_equal(some.config.intake, "ipc:///run/i");
	assert_int_equal(away.outcome, CONFIG_WRONG);
	assert_non_null(strstr(away.errors, "--intake: leaves this machine"));
	assert_int_equal(unused.outcome, CONFIG_RUN);
	assert_int_equal(other.outcome, CONFIG_WRONG);
	assert_non_null(strstr(other.errors, "routing has no key 'webhooks'"));
}

static void
test_the_later_source_wins(void **state UNUSED)
{
	const struct temp t = temp_make();
	const struct temp_path file = temp_path(&t, "intake.conf");
	static const char text[] = "# all of it\n\n"
				   "data: /from/file   # here\n"
				   "  disk_reserve :  1G\r\n"
				   "clock: driven\n"
				   "log_level: debug";

	file_write(file.s, text, strlen(text));
	const struct run run = read_config(
	    "intake", WORDS("--log-level=warn", "--config", file.s),
	    WORDS("DOORBRAAK_DATA=/from/environment/", "DOORBRAAK_LOG_LEVEL=error", "HOME=/", "DOORBRAAK=1"));
	assert_string_equal(run.errors, "");
	assert_int_equal(run.outcome, CONFIG_RUN);
	assert_string_equal(run.config.data, "/from/environment");
	assert_int_equal(run.config.disk_reserve_bytes, 1 << 30);
	assert_true(run.config.clock_driven);
	assert_int_equal(run.config.log_level, LOG_LEVEL_WARN);
	temp_remove(&t);
}

static void
test_the_file_may_be_named_by_the_environment(void **state UNUSED)
{
	const struct temp t = temp_make();
	const struct temp_path file = temp_path(&t, "x.conf");
	char variable[PATH_MAX + 32];

	file_write(file.s, "turn_records: 7\n", 16);
	snprintf(variable, sizeof(variable), "DOORBRAAK_CONFIG=%s", file.s);
	const struct run run = read_config("routing", WORDS(), WORDS(variable));
	assert_int_equal(run.outcome, CONFIG_RUN);
	assert_int_equal(run.config.turn_records_max, 7);
	temp_remove(&t);
}

static void
test_all_that_is_wrong_is_said_at_once_with_its_place(void **state UNUSED)
{
	const struct temp t = temp_make();
	const struct temp_path file = temp_path(&t, "r.conf");
	static const char text[] = "listn: tcp://127.0.0.1:1\n"
				   "disk_reserve: many\n"
				   "just text\n"
				   "clock: driven\n"
				   "turn_records: 10\n"
				   "turn_records: 11\n"
				   "data: \"/x\"\n";

	file_write(file.s, text, strlen(text));
	const struct run run =
	    read_config("routing", WORDS("--config", file.s, "--map-size", "1K", "--speed", "9", "loose", "--http"),
			WORDS("DOORBRAAK_LISTEN=udp://127.0.0.1:1"));
	assert_int_equal(run.outcome, CONFIG_WRONG);
	static const char *const expected[] = {
	    "r.conf:1: routing has no key 'listn'; did you mean 'listen'?",
	    "r.conf:2: disk_reserve: expected bytes, 0 to 1024G; default 256M",
	    "r.conf:3: not `key: value`",
	    "r.conf:4: routing has no key 'clock'",
	    "r.conf:6: turn_records: stands on line 5 already",
	    "r.conf:7: data: values stand without quotes",
	    "environment: DOORBRAAK_LISTEN: expected tcp://ADDRESS:PORT",
	    "command line: --map_size: expected bytes, 1M to 1024G; default 64G",
	    "command line: routing has no key 'speed'",
	    "command line: 'loose' is not an option",
	    "command line: --http needs a value",
	    "11 errors in the configuration; nothing was started",
	};
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		if (strstr(run.errors, expected[i]) == NULL)
			fail_msg("missing: %s\nin:\n%s", expected[i], run.errors);
	}
	assert_int_equal(lines_of(run.errors), COUNT_OF(expected));
	temp_remove(&t);
}

static void
test_a_file_that_cannot_be_used(void **state UNUSED)
{
	const struct temp t = temp_make();
	const struct temp_path file = temp_path(&t, "large.conf"), zero = temp_path(&t, "zero.conf");
	char *large = malloc(CONFIG_FILE_MAX + 1);

	memset(large, '\n', CONFIG_FILE_MAX + 1);
	file_write(file.s, large, CONFIG_FILE_MAX);
	assert_int_equal(read_config("intake", WORDS("--config", file.s), WORDS()).outcome, CONFIG_RUN);
	file_write(file.s, large, CONFIG_FILE_MAX + 1);
	struct run run = read_config("intake", WORDS("--config", file.s), WORDS());
	assert_int_equal(run.outcome, CONFIG_WRONG);
	assert_non_null(strstr(run.errors, "larger than 65536 bytes"));
	file_write(zero.s, "log: te\0xt\n", 11);
	run = read_config("intake", WORDS("--config", zero.s), WORDS());
	assert_int_equal(run.outcome, CONFIG_WRONG);
	assert_non_null(strstr(run.errors, "zero byte"));
	run = read_config("intake", WORDS("--config=/nowhere/at/all"), WORDS());
	assert_int_equal(run.outcome, CONFIG_WRONG);
	assert_non_null(strstr(run.errors, "cannot be read"));
	free(large);
	temp_remove(&t);
}

static void
test_values_at_their_limits(void **state UNUSED)
{
	static const struct {
		const char *key, *value;
		bool right;
	} cases[] = {
	    {"--turn-records", "1", true},
	    {"--turn-records", "2048", true},
	    {"--turn-records", "0", false},
	    {"--turn-records", "2049", false},
	    {"--turn-records", "-1", false},
	    {"--turn-records", "1K", false},
	    {"--turn-records", "99999999999999999999", false},
	    {"--disk-reserve", "0", true},
	    {"--disk-reserve", "1048576M", true},
	    {"--disk-reserve", "1025G", false},
	    {"--disk-reserve", "999999999999999999G", false},
	    {"--disk-reserve", "17179869184G", false}, /* 2 to the 64th: would come round to 0 */
	    {"--disk-reserve", "G", false},
	    {"--disk-reserve", "1g", false},
	    {"--disk-reserve", "", false},
	    {"--listen", "tcp://127.0.0.1:*", true},
	    {"--listen", "tcp://[::1]:7101", true},
	    {"--listen", "tcp://127.0.0.1:65535", true},
	    {"--listen", "tcp://127.0.0.1:65536", false},
	    {"--listen", "tcp://127.0.0.1:", false},
	    {"--listen", "tcp://127.0.0.1", false},
	    {"--listen", "tcp://localhost:7101", false}, /* binding wants a number */
	    {"--listen", "tcp://::1:7101", false},
	    {"--listen", "ipc:///run/x", true},
	    {"--listen", "ipc://", false},
	    {"--listen", "ipc://@hidden", false},
	    {"--listen", "inproc://x", false},
	    {"--listen", "none", false},
	    {"--publish", "none", true},
	    {"--upstream", "tcp://localhost:7101", true},
	    {"--upstream", "tcp://127.0.0.1:*", false},
	    {"--upstream", "tcp://127.0.0.1:0", false},
	    {"--upstream", "tcp://127.0.0.1:1;tcp://127.0.0.1:2", false},
	    {"--upstream", "none", false},
	    {"--http", "none", true},
	    {"--http", "127.0.0.1:0", true},
	    {"--http", "[::1]:80", true},
	    {"--http", "127.0.0.1:*", false},
	    {"--http", "localhost:80", false},
	    {"--data", "/", false},
	    {"--data", "//", false},
	    {"--data", "relative", true},
	    {"--data", "a\nb", false},
	    {"--open-door", "true", false},
	    {"--log", "json", true},
	    {"--log", "jso", false},
	    {"--log", "json|text", false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct run run = read_config("monitoring", WORDS(cases[i].key, cases[i].value), WORDS());

		if ((run.outcome == CONFIG_RUN) != cases[i].right)
			fail_msg("%s %s: %s", cases[i].key, cases[i].value, run.errors);
	}
}

/* `--key=value` at a service that has the key. */
static void
expect_right(unsigned k, const char *value, bool right)
{
	char argument[CONFIG_TEXT_MAX + 64];
	unsigned row = 0;

	while (!config_key_is_of(row, k))
		row++;
	snprintf(argument, sizeof(argument), "--%s=%s", config_keys[k].name, value);
	/* Its own place in the row of limits, and not another's. */
	const bool warns = k == CONFIG_DISK_WARN, reserves = k == CONFIG_DISK_RESERVE;
	const struct run run =
	    read_config(config_services[row], WORDS(argument),
			WORDS(warns      ? "DOORBRAAK_DISK_RESERVE=0"
			      : reserves ? "DOORBRAAK_DISK_WARN=1024G"
					 : "HOME=/",
			      k == CONFIG_ACCESS_KEYS ? "HOME=/" : "DOORBRAAK_SECRET=/s", "DOORBRAAK_KEYS=/k"));

	if ((run.outcome == CONFIG_RUN) != right)
		fail_msg("%s: %s: %s", config_services[row], argument, run.errors);
	if (!right && strstr(run.errors, "; default ") == NULL)
		fail_msg("%s: no default in: %s", argument, run.errors);
}

static void
expect_number(unsigned k, uint64_t number, bool right)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	expect_right(k, text, right);
}

static void
expect_choices(unsigned k)
{
	char choices[80], *rest = choices;

	snprintf(choices, sizeof(choices), "%s", config_keys[k].choices);
	for (char *choice; (choice = strsep(&rest, "|")) != NULL;)
		expect_right(k, choice, true);
	expect_right(k, config_keys[k].choices, false);
}

/* A text one byte too long, and what this kind is not. */
static void
expect_texts(unsigned k)
{
	static const struct {
		enum value_kind kind;
		const char *right, *wrong;
	} texts[] = {
	    {VALUE_PATH, "/a", "/"},
	    {VALUE_PATH_OR_NONE, "none", "\"/a\""},
	    {VALUE_BIND, "tcp://127.0.0.1:*", "none"},
	    {VALUE_BIND_OR_NONE, "none", "tcp://localhost:1"},
	    {VALUE_CONNECT, "tcp://a.example:65535", "tcp://a.example:65536"},
	    {VALUE_ADDRESS_OR_NONE, "127.0.0.1:0", "127.0.0.1"},
	    {VALUE_ORIGINS_OR_NONE, "https://a.example:1 http://b.example", "https://a.example/path"},
	};
	char large[CONFIG_TEXT_MAX + 2];
	bool known = false;

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		if (texts[i].kind != config_keys[k].kind)
			continue;
		expect_right(k, texts[i].right, true);
		expect_right(k, texts[i].wrong, false);
		known = true;
	}
	assert_true(known);
	memset(large, 'x', sizeof(large) - 1);
	large[0] = '/';
	large[sizeof(large) - 1] = '\0';
	expect_right(k, large, false);
	large[CONFIG_TEXT_MAX] = '\0';
	expect_right(k, large, config_keys[k].kind == VALUE_PATH || config_keys[k].kind == VALUE_PATH_OR_NONE);
}

static void
test_every_key_at_its_edges(void **state UNUSED)
{
	for (unsigned k = 0; k < CONFIG_KEYS; k++) {
		const struct config_key *key = &config_keys[k];

		expect_right(k, "", false);
		expect_right(k, "a\nb", false);
		if (key->kind == VALUE_BYTES || key->kind == VALUE_INT) {
			expect_number(k, key->min, true);
			expect_number(k, key->max, true);
			expect_number(k, key->max + 1, false);
			if (key->min > 0)
				expect_number(k, key->min - 1, false);
			expect_right(k, "-1", false);
			expect_right(k, "many", false);
		} else if (key->kind == VALUE_CHOICE) {
			expect_choices(k);
		} else {
			expect_texts(k);
		}
	}
}

static void
test_the_warning_comes_before_the_reserve(void **state UNUSED)
{
	const struct run given = read_config("triage", WORDS("--disk-reserve=2G", "--disk-warn=3G"), WORDS());
	const struct run gives_way = read_config("triage", WORDS("--disk-reserve=2G"), WORDS());
	const struct run wrong = read_config("triage", WORDS("--disk-reserve=2G", "--disk-warn=1G"), WORDS());

	assert_int_equal(given.config.disk_warn_bytes, INT64_C(3) << 30);
	assert_int_equal(gives_way.outcome, CONFIG_RUN);
	assert_int_equal(gives_way.config.disk_warn_bytes, INT64_C(2) << 30);
	assert_int_equal(wrong.outcome, CONFIG_WRONG);
	assert_non_null(strstr(wrong.errors, "command line: --disk_warn: is less than disk_reserve"));
}

static void
test_a_variable_with_a_slip_of_the_pen_is_warned_of(void **state UNUSED)
{
	const struct run run = read_config("routing", WORDS(), WORDS("DOORBRAAK_CLOCK=x", "DOORBRAAK_LOGLEVEL=debug"));
	const struct run check = read_config("routing", WORDS("--check-config"), WORDS("DOORBRAAK_DISK_RESERV=1"));

	assert_int_equal(run.outcome, CONFIG_RUN);
	assert_string_equal(run.config.odd, "DOORBRAAK_LOGLEVEL is no key; did you mean 'log_level'?");
	assert_non_null(strstr(check.out, "DOORBRAAK_DISK_RESERV in the environment is no key of routing; did you mean "
					  "'disk_reserve'?"));
	assert_string_equal(read_config("routing", WORDS(), WORDS("DOORBRAAK_INTAKE_PORT=1")).config.odd, "");
}

static void
test_the_table_names_every_key_once(void **state UNUSED)
{
	const struct run run = read_config("triage", WORDS("--config-keys"), WORDS("DOORBRAAK_LISTEN=wrong"));
	char row[64];

	assert_int_equal(run.outcome, CONFIG_DONE);
	assert_int_equal(lines_of(run.out), CONFIG_KEYS + 2);
	for (unsigned k = 0; k < CONFIG_KEYS; k++) {
		snprintf(row, sizeof(row), "\n| `%s` | ", config_keys[k].name);
		assert_non_null(strstr(run.out, row));
	}
	assert_non_null(strstr(run.out, "| `disk_warn` | all | `1G` | bytes, 0 to 1024G |"));
}

static void
test_a_path_of_a_socket_must_fit(void **state UNUSED)
{
	char endpoint[160] = "ipc:///";

	memset(endpoint + 7, 'x', 107 - 1);
	assert_int_equal(read_config("intake", WORDS("--listen", endpoint), WORDS()).outcome, CONFIG_RUN);
	memset(endpoint + 7, 'x', 108 - 1);
	const struct run run = read_config("intake", WORDS("--listen", endpoint), WORDS());
	assert_int_equal(run.outcome, CONFIG_WRONG);
	assert_non_null(strstr(run.errors, "at most 107 bytes, this one 108"));
}

static void
test_nothing_leaves_the_machine_without_keys(void **state UNUSED)
{
	static const char *const far[][2] = {
	    {"--listen", "tcp://0.0.0.0:7103"},  {"--listen", "tcp://*:7103"},
	    {"--listen", "tcp://[::]:7103"},     {"--publish", "tcp://10.0.0.1:7114"},
	    {"--upstream", "tcp://triage:7102"}, {"--upstream", "tcp://128.0.0.1:1"},
	    {"--http", "0.0.0.0:7203"},          {"--upstream", "tcp://127.evil.example:1"},
	};

	for (size_t i = 0; i < COUNT_OF(far); i++) {
		struct run run = read_config("routing", WORDS(far[i][0], far[i][1]), WORDS());
		assert_int_equal(run.outcome, CONFIG_WRONG);
		assert_non_null(strstr(run.errors, "leaves this machine"));
		assert_non_null(strstr(run.errors, "doorbraak keys"));
		/* Tokens protect HTTP, not ZeroMQ. */
		run = read_config("routing", WORDS(far[i][0], far[i][1]), WORDS("DOORBRAAK_KEYS=/keys"));
		assert_int_equal(run.outcome, strcmp(far[i][0], "--http") == 0 ? CONFIG_RUN : CONFIG_WRONG);

		run = read_config("routing", WORDS(far[i][0], far[i][1]),
				  WORDS("DOORBRAAK_KEYS=/keys", "DOORBRAAK_SECRET=/secret"));
		assert_int_equal(run.outcome, CONFIG_RUN);
		assert_true(run.config.leaves_machine);
	}
	struct run run = read_config("routing", WORDS("--secret", "/secret"), WORDS());
	assert_int_equal(run.outcome, CONFIG_WRONG);
	assert_non_null(strstr(run.errors, "secret goes with `keys`"));
	assert_true(config_is_local("ipc:///x") && config_is_local("tcp://127.9.9.9:1") &&
		    config_is_local("tcp://[::1]:1"));
	assert_false(config_is_local("tcp://1.2.3.4:1") || config_is_local("tcp://[::]:1") ||
		     config_is_local("nonsense"));
}

static void
test_what_orchestrators_put_in_the_environment_is_left_alone(void **state UNUSED)
{
	const char *const *environment = WORDS("DOORBRAAK_INTAKE_PORT=tcp://10.0.0.1:80", "DOORBRAAK_CLOCK=nonsense");
	struct run run = read_config("routing", WORDS(), environment);

	assert_int_equal(run.outcome, CONFIG_RUN);
	run = read_config("routing", WORDS("--check-config"), environment);
	assert_int_equal(run.outcome, CONFIG_DONE);
	assert_non_null(strstr(run.out, "DOORBRAAK_INTAKE_PORT in the environment is no key"));
	assert_non_null(strstr(run.out, "DOORBRAAK_CLOCK in the environment is no key"));
}

static void
test_check_config_says_right_or_wrong(void **state UNUSED)
{
	struct run run = read_config("intake", WORDS("--check-config"), WORDS());
	assert_int_equal(run.outcome, CONFIG_DONE);
	assert_string_equal(run.out, "configuration is right\n");

	run = read_config("intake", WORDS("--check-config", "--upstream", "tcp://127.0.0.1:1"), WORDS());
	assert_int_equal(run.outcome, CONFIG_WRONG);
	assert_string_equal(run.out, "");
	assert_non_null(strstr(run.errors, "intake has no key 'upstream'"));
}

static void
test_help_and_version_need_nothing_right(void **state UNUSED)
{
	struct run run = read_config("signalling", WORDS("--nonsense", "--help"), WORDS());
	assert_int_equal(run.outcome, CONFIG_DONE);
	static const char *const expected[] = {"usage:",
					       "upstream",
					       "default tcp://127.0.0.1:7114",
					       "bytes, 0 to 1024G; default 256M",
					       "number, 1 to 2048; default 2048",
					       "auto|json|text; default auto",
					       "example:"};
	for (size_t i = 0; i < COUNT_OF(expected); i++) {
		if (strstr(run.out, expected[i]) == NULL)
			fail_msg("missing: %s\nin:\n%s", expected[i], run.out);
	}
	assert_null(strstr(run.out, "  clock "));
	for (const char *line = run.out; *line != '\0'; line = strchr(line, '\n') + 1)
		assert_true(strchr(line, '\n') - line <= 120);

	run = read_config("signalling", WORDS("--version"), WORDS("DOORBRAAK_LISTEN=wrong"));
	assert_int_equal(run.outcome, CONFIG_DONE);
	assert_non_null(strstr(run.out, "doorbraak-signalling "));
	assert_non_null(strstr(run.out, "logic version "));
}

static void
test_many_errors_are_counted_and_not_all_printed(void **state UNUSED)
{
	const struct temp t = temp_make();
	const struct temp_path file = temp_path(&t, "x.conf");
	char *text = calloc(1, 8192);

	for (int i = 0; i < 1000; i++)
		strcat(text, "wrong\n");
	file_write(file.s, text, strlen(text));
	const struct run run = read_config("intake", WORDS("--config", file.s), WORDS());
	assert_int_equal(lines_of(run.errors), 33);
	assert_non_null(strstr(run.errors, "1000 errors in the configuration"));
	free(text);
	temp_remove(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults_of_every_service),
	    cmocka_unit_test(test_webhooks_are_signallings),
	    cmocka_unit_test(test_the_later_source_wins),
	    cmocka_unit_test(test_the_file_may_be_named_by_the_environment),
	    cmocka_unit_test(test_all_that_is_wrong_is_said_at_once_with_its_place),
	    cmocka_unit_test(test_a_file_that_cannot_be_used),
	    cmocka_unit_test(test_values_at_their_limits),
	    cmocka_unit_test(test_every_key_at_its_edges),
	    cmocka_unit_test(test_the_warning_comes_before_the_reserve),
	    cmocka_unit_test(test_a_variable_with_a_slip_of_the_pen_is_warned_of),
	    cmocka_unit_test(test_the_table_names_every_key_once),
	    cmocka_unit_test(test_a_path_of_a_socket_must_fit),
	    cmocka_unit_test(test_nothing_leaves_the_machine_without_keys),
	    cmocka_unit_test(test_what_orchestrators_put_in_the_environment_is_left_alone),
	    cmocka_unit_test(test_check_config_says_right_or_wrong),
	    cmocka_unit_test(test_help_and_version_need_nothing_right),
	    cmocka_unit_test(test_many_errors_are_counted_and_not_all_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
