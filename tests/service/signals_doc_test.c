// SPDX-License-Identifier: EUPL-1.2
/* docs/signals.md, from its marker on, is what the tables and the proven cases say. `signals_doc_test --write` makes it
 * anew. */
#include "tests/service/signal_cases.h"
#include "tests/service/signal_desk.h"

#include "services/signalling/signalling_decide.h"

#define PAGE   "docs/signals.md"
#define MARKER "signals_doc_test --write -->\n"

struct doc {
	struct arena *a;
	const pb_PolicyAdopted *policy;
	FILE *out;
};

/* ---- parts of a row ---- */

static const char *
joined(struct arena *a, char *const *texts, size_t from, size_t count)
{
	const char *line = "";

	for (size_t i = from; i < count; i++)
		line = arena_printf(a, "%s%s%s", line, i == from ? "" : ", ", texts[i]);
	return line;
}

static unsigned
fact_of(const char *name)
{
	unsigned fact = 0;

	while (fact < scope_signals.fact_count && strcmp(scope_signals.facts[fact].name, name) != 0)
		fact++;
	return fact;
}

/* What the threshold is of: the first condition that counts. */
static const pb_RuleCondition *
counting(const pb_RuleRow *row)
{
	for (size_t i = 0; i < row->n_when; i++) {
		const unsigned fact = fact_of(row->when[i]->fact);

		if (row->when[i]->test == (int)RULE_TEST_AT_LEAST && fact < scope_signals.fact_count &&
		    scope_signals_unit(fact)[0] != '\0')
			return row->when[i];
	}
	return NULL;
}

static const char *
conditions(struct arena *a, const pb_RuleRow *row)
{
	const char *line = "";

	for (size_t i = 0; i < row->n_when; i++) {
		const pb_RuleCondition *when = row->when[i];
		const char *values = joined(a, when->values, 0, when->n_values);

		line = arena_printf(a, "%s%s%s %s%s", line, i == 0 ? "" : "; ", when->fact,
				    when->test == (int)RULE_TEST_AT_LEAST ? "at least "
				    : when->test == (int)RULE_TEST_HAS    ? "has "
									  : "",
				    values);
	}
	return line[0] == '\0' ? "each time" : line;
}

static const char *
unit_of(const struct doc *d, const char *key)
{
	for (size_t i = 0; i < d->policy->tables->n_terms; i++) {
		if (strcmp(d->policy->tables->terms[i]->key, key) == 0)
			return d->policy->tables->terms[i]->unit;
	}
	return "";
}

static const char *
period_of(const struct doc *d, const pb_RuleCondition *when)
{
	if (when == NULL)
		return "";
	const int fact = (int)fact_of(when->fact);
	const enum signal_window window = signalling_window_of(fact);
	const char *value = window == SIGNAL_WINDOWS ? NULL : signalling_window_value(window);

	if (fact == SIGNALS_DIRECT_PERMILLE || fact == SIGNALS_OVERDUE_PERMILLE)
		return "a quarter";
	if (value == NULL)
		return "";
	for (size_t i = 0; i < d->policy->n_values; i++) {
		if (strcmp(d->policy->values[i]->key, value) == 0)
			return arena_printf(d->a, "%d %s (`%s`)", d->policy->values[i]->value, unit_of(d, value),
					    value);
	}
	fail_msg("the policy has no value %s", value);
	return "";
}

/* ---- a signal ---- */

typedef void row_fn(const struct doc *d, const char *code, const pb_RuleTable *table, const pb_RuleRow *row,
		    const pb_RuleEffect *effect);

static void
each_effect(const struct doc *d, const char *code, row_fn *fn)
{
	for (size_t t = 0; t < d->policy->tables->n_tables; t++) {
		const pb_RuleTable *table = d->policy->tables->tables[t];

		for (size_t l = 0; l < table->n_blocks; l++) {
			for (size_t r = 0; r < table->blocks[l]->n_rows; r++) {
				const pb_RuleRow *row = table->blocks[l]->rows[r];

				for (size_t e = 0; e < row->n_then; e++)
					fn(d, code, table, row, row->then[e]);
			}
		}
	}
}

static const char *
point_of(const pb_RuleRow *row)
{
	return row->source == NULL ? "" : row->source->point;
}

static void
put_stage(const struct doc *d, const char *code, const pb_RuleTable *table, const pb_RuleRow *row,
	  const pb_RuleEffect *effect)
{
	const bool other = strcmp(effect->verb, "raise_for") == 0;
	const size_t at = other ? 1 : 0;
	const pb_RuleCondition *when = counting(row);

	if ((!other && strcmp(effect->verb, "raise") != 0) || strncmp(effect->arguments[at], code, 3) != 0)
		return;
	const int subject = signalling_subject(record_enum_value(record_enum("SignalCode"), code));

	fprintf(d->out, "| %s | %s | %s | `%s`: %s | %s | %s | %s | %s |\n", effect->arguments[at + 1],
		other ? effect->arguments[0] : record_code_of("SignalSubject", subject), point_of(row), table->event,
		conditions(d->a, row),
		when == NULL ? "once"
			     : arena_printf(d->a, "%s %s", when->values[0], scope_signals_unit(fact_of(when->fact))),
		period_of(d, when), joined(d->a, effect->arguments, at + 2, effect->n_arguments),
		arena_printf(d->a, "%s (%s)", row->source == NULL ? "" : row->source->document, row->id));
}

static void
put_end(const struct doc *d, const char *code, const pb_RuleTable *table, const pb_RuleRow *row,
	const pb_RuleEffect *effect)
{
	const bool other = strcmp(effect->verb, "clear_for") == 0;

	if (!other && strcmp(effect->verb, "clear") != 0 && strcmp(effect->verb, "clear_deadline") != 0)
		return;
	for (size_t i = other ? 1 : 0; i < effect->n_arguments; i++) {
		if (strncmp(effect->arguments[i], code, 3) == 0)
			fprintf(d->out, "- `%s`%s%s: %s\n", table->event, other ? ", about the " : "",
				other ? effect->arguments[0] : "",
				arena_printf(d->a, "%s (%s)", point_of(row), row->id));
	}
}

static void
put_examples(const struct doc *d, const char *code)
{
	for (size_t i = 0; i < signal_case_count; i++) {
		const struct signal_case_of *c = &signal_cases[i];

		if (strncmp(c->name, code, 3) == 0)
			fprintf(d->out, "    %s: %s, ended by %s\n", c->raised, c->counted, c->cleared);
	}
}

static void
put_signal(const struct doc *d, const char *name)
{
	const char *code = arena_printf(d->a, "%.3s", name);

	fprintf(d->out, "\n## %s %s\n\n", code, name + 4);
	fprintf(d->out, "| stage | about | pattern | event and condition | threshold | counted over | told to | source "
			"(row) |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n");
	each_effect(d, code, put_stage);
	fprintf(d->out, "\nEnds with:\n\n");
	each_effect(d, code, put_end);
	fprintf(d->out, "\nFor example, from the tests:\n\n");
	put_examples(d, code);
}

static void
put_ladder(const struct doc *d, const char *code UNUSED, const pb_RuleTable *table, const pb_RuleRow *row,
	   const pb_RuleEffect *effect)
{
	if (strcmp(table->event, "NOT_ACKNOWLEDGED") == 0 && strcmp(effect->verb, "tell") == 0)
		fprintf(d->out, "| %s | %s | %s | %s (%s) |\n", conditions(d->a, row),
			joined(d->a, effect->arguments, 0, effect->n_arguments), point_of(row), row->source->document,
			row->id);
}

static void
put_all(const struct doc *d)
{
	const ProtobufCEnumDescriptor *codes = record_enum("SignalCode");

	for (unsigned i = 0; i < codes->n_values; i++) {
		if (codes->values[i].value != 0)
			put_signal(d, record_enum_code(codes, codes->values[i].value));
	}
	fprintf(d->out, "\n## Nobody acknowledges\n\nThe first row that fits; where none does, nobody more is told.\n\n"
			"| when | told as well | why | source (row) |\n| --- | --- | --- | --- |\n");
	each_effect(d, "", put_ladder);
}

/* ---- the page ---- */

static char *
read_page(struct arena *a)
{
	char *text = arena_take(a, 1 << 20);
	FILE *page = fopen(PAGE, "r");

	assert_non_null(page);
	text[fread(text, 1, (1 << 20) - 1, page)] = '\0';
	fclose(page);
	return text;
}

/* Where the made part begins. */
static char *
made_part(char *text)
{
	char *at = strstr(text, MARKER);

	assert_non_null(at);
	return at + sizeof(MARKER) - 1;
}

static void
test_the_page_says_what_the_tables_say(void **state UNUSED)
{
	struct arena a;
	char *made = NULL;
	size_t size;

	arena_init(&a);
	const struct doc d = {&a, signal_desk_policy(&a), open_memstream(&made, &size)};

	put_all(&d);
	fclose(d.out);
	if (strcmp(made_part(read_page(&a)), made) != 0)
		fail_msg("%s is not what the tables say; run build/test/tests/service/signals_doc_test --write", PAGE);
	free(made);
	arena_fini(&a);
}

static void
write_page(void)
{
	struct arena a;

	arena_init(&a);
	char *text = read_page(&a);

	*made_part(text) = '\0';
	const struct doc d = {&a, signal_desk_policy(&a), fopen(PAGE, "w")};

	assert_non_null(d.out);
	fputs(text, d.out);
	put_all(&d);
	fclose(d.out);
	arena_fini(&a);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_page_says_what_the_tables_say)};

	if (argc == 2 && strcmp(argv[1], "--write") == 0) {
		write_page();
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
