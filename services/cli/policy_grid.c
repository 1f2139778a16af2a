// SPDX-License-Identifier: EUPL-1.2
/* policy_grid.c - which message fits which state, as tables of scope `accept`.
 *
 * The letters x and c of a line of the grid become rows that reject; the refusing rows come among them, in the order of
 * the reasons, because the first reason that applies is the answer (rules.md 4.2). The last row accepts. */
#include <ctype.h>
#include <stdio.h>

#include "services/cli/policy_reader.h"

#define ACCEPT_ROWS_MAX 128

static const char letters_known[] = "Aaxcosrtn";

/* The rows of one table while they are put in order. */
struct rows {
	pb_RuleRow *row[ACCEPT_ROWS_MAX];
	int reason[ACCEPT_ROWS_MAX];
	unsigned count;
};

/* ---- reading ---- */

static bool
take_letter(struct policy_reader *r, struct grid_line *line, unsigned at, const char *text)
{
	if (at >= GRID_STATES) {
		yaml_problem(&r->y, line->line, "%s has more than %d letters; give one for each state", line->message,
			     GRID_STATES);
		return false;
	}
	if (strlen(text) != 1 || strchr(letters_known, text[0]) == NULL) {
		yaml_problem(&r->y, line->line, "'%.20s' is no letter of the grid; known: A a x c o s r t n", text);
		return false;
	}
	line->letters[at] = text[0];
	return true;
}

/* [A, x, ..] or "A x ..". */
static bool
read_letters(struct policy_reader *r, struct grid_line *line, const struct tree *node)
{
	unsigned count = 0;

	if (node->kind == TREE_SCALAR) {
		for (const char *p = node->text; *p != '\0'; p++) {
			const char letter[2] = {*p, '\0'};

			if (!isspace((unsigned char)*p) && !take_letter(r, line, count++, letter))
				return false;
		}
	}
	for (const struct tree *item = node->first; item != NULL; item = item->next) {
		const char *text = yaml_scalar(&r->y, item, line->message);

		if (text == NULL || !take_letter(r, line, count++, text))
			return false;
	}
	if (count == GRID_STATES)
		return true;
	yaml_problem(&r->y, line->line, "%s has %u letters; give %d, one for each state from SCREENING to CLOSED",
		     line->message, count, GRID_STATES);
	return false;
}

static bool
is_message(struct policy_reader *r, const char *name, unsigned line)
{
	const ProtobufCMessageDescriptor *submission = &pb_Submission_descriptor;
	struct nearest nearest;

	nearest_begin(&nearest, name);
	for (unsigned i = 0; i < submission->n_fields; i++) {
		const ProtobufCMessageDescriptor *body = submission->fields[i].descriptor;

		if (submission->fields[i].type != PROTOBUF_C_TYPE_MESSAGE ||
		    (submission->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
			continue;
		if (strcmp(body->short_name, name) == 0)
			return true;
		nearest_offer(&nearest, body->short_name);
	}
	yaml_problem(&r->y, line, "'%.60s' is no message; %s", name, nearest_remedy(&nearest));
	return false;
}

static struct grid_line *
find_line(struct policy_reader *r, const char *message)
{
	for (unsigned i = 0; i < r->grid_count; i++) {
		if (strcmp(r->grid[i].message, message) == 0)
			return &r->grid[i];
	}
	return NULL;
}

static void
read_line(struct policy_reader *r, const struct tree *node)
{
	struct grid_line line = {.message = node->key, .file = r->y.file, .line = node->line};
	const struct grid_line *earlier = find_line(r, node->key);

	if (!is_message(r, node->key, node->line) || !read_letters(r, &line, node))
		return;
	if (earlier != NULL)
		yaml_problem(&r->y, node->line, "%s stands in the grid at %s:%u already; keep one", node->key,
			     earlier->file, earlier->line);
	else if (r->grid_count == GRID_MAX)
		yaml_problem(&r->y, node->line, "more than %d lines in the grid", GRID_MAX);
	else
		r->grid[r->grid_count++] = line;
}

void
policy_grid_read(struct policy_reader *r, const struct tree *grid)
{
	if (grid->kind != TREE_MAP) {
		yaml_problem(&r->y, grid->line, "'grid' is no map; write 'PlanAgreed: [x, x, ..]'");
		return;
	}
	for (const struct tree *node = grid->first; node != NULL; node = node->next)
		read_line(r, node);
}

void
policy_refuse_read(struct policy_reader *r, const struct tree *rows)
{
	if (rows->kind != TREE_LIST) {
		yaml_problem(&r->y, rows->line, "'refuse' is no list; begin each row with '- '");
		return;
	}
	for (const struct tree *row = rows->first; row != NULL; row = row->next) {
		if (r->refusing_count == REFUSING_MAX) {
			yaml_problem(&r->y, row->line, "more than %d refusing rows", REFUSING_MAX);
			return;
		}
		r->refusing[r->refusing_count++] = (struct refusing){row, r->y.file};
	}
}

/* ---- the letters as rows ---- */

static pb_RuleRow *
grid_row(struct policy_reader *r, const struct grid_line *line, char letter, const char *verb)
{
	pb_RuleRow *row = ARENA_NEW(r->y.arena, pb_RuleRow);

	pb_RuleRow_init(row);
	row->id = arena_printf(r->y.arena, "GRID.%s.%c", line->message, letter);
	row->rule = yaml_text(&r->y, "GRID");
	row->when = ARENA_ARRAY(r->y.arena, pb_RuleCondition *, 2);
	row->then = ARENA_ARRAY(r->y.arena, pb_RuleEffect *, 1);
	row->then[row->n_then++] = policy_effect(r, verb, 1);
	row->source = ARENA_NEW(r->y.arena, pb_RuleSource);
	pb_RuleSource_init(row->source);
	row->source->document = yaml_text(&r->y, "project");
	row->source->point = yaml_text(&r->y, "Which message fits which state of a case.");
	row->source->nl = yaml_text(&r->y, "Niet elk bericht past bij elke stand van een casus.");
	reader_place(r, row->id, line->line);
	return row;
}

static void
reject_with(struct policy_reader *r, pb_RuleRow *row, int reason)
{
	row->then[0]->arguments[row->then[0]->n_arguments++] = yaml_text(&r->y, record_code_of("Reason", reason));
}

static pb_RuleCondition *
states_with(struct policy_reader *r, const struct grid_line *line, char letter)
{
	pb_RuleCondition *states = policy_condition(r, "state", RULE_TEST_ONE_OF, GRID_STATES);

	for (unsigned i = 0; i < GRID_STATES; i++) {
		if (line->letters[i] == letter)
			states->values[states->n_values++] =
			    yaml_text(&r->y, record_code_of("CaseState", CASE_STATE_SCREENING + (int)i));
	}
	return states;
}

static void
put_row(struct policy_reader *r, struct rows *rows, pb_RuleRow *row, int reason)
{
	unsigned i = rows->count;

	if (rows->count == ACCEPT_ROWS_MAX) {
		yaml_problem(&r->y, 1, "more than %d grounds of refusal for one message", ACCEPT_ROWS_MAX);
		return;
	}
	for (; i > 0 && rows->reason[i - 1] > reason; i--) {
		rows->row[i] = rows->row[i - 1];
		rows->reason[i] = rows->reason[i - 1];
	}
	rows->row[i] = row;
	rows->reason[i] = reason;
	rows->count++;
}

static void
put_letter(struct policy_reader *r, struct rows *rows, const struct grid_line *line, char letter, int reason)
{
	if (memchr(line->letters, letter, GRID_STATES) == NULL)
		return;
	pb_RuleRow *row = grid_row(r, line, letter, "reject");

	reject_with(r, row, reason);
	row->when[row->n_when++] = states_with(r, line, letter);
	put_row(r, rows, row, reason);
}

/* A letter that leaves it to a refusing row, and a message that has no such row. */
static void
check_letters(struct policy_reader *r, const struct rows *rows, const struct grid_line *line)
{
	static const struct {
		char letter;
		int reason, other;
	} promises[] = {{'o', REASON_NO_OPEN_REQUEST, REASON_NO_OPEN_REQUEST},
			{'s', REASON_WRONG_STATE, REASON_WRONG_STATE},
			{'r', REASON_WRONG_STATE, REASON_WRONG_STATE},
			{'n', REASON_WRONG_STATE, REASON_WRONG_STATE},
			{'t', REASON_WRONG_TRACK, REASON_NO_OPEN_REQUEST}};

	for (unsigned i = 0; i < sizeof promises / sizeof promises[0]; i++) {
		bool kept = memchr(line->letters, promises[i].letter, GRID_STATES) == NULL;

		for (unsigned j = 0; j < rows->count; j++) {
			const bool fits = rows->reason[j] == promises[i].reason || rows->reason[j] == promises[i].other;

			kept = kept || (fits && strncmp(rows->row[j]->id, "GRID.", 5) != 0);
		}
		if (!kept)
			yaml_problem(
			    &r->y, line->line,
			    "%s has the letter '%c', but nothing refuses it; add a row to 'refuse' with reason %s",
			    line->message, promises[i].letter, record_code_of("Reason", promises[i].reason));
	}
}

/* ---- refusing rows ---- */

static bool
is_for(const struct tree *messages, const char *message)
{
	if (messages->kind == TREE_SCALAR)
		return strcmp(messages->text, "all") == 0 || strcmp(messages->text, message) == 0;
	for (const struct tree *item = messages->first; item != NULL; item = item->next) {
		if (item->kind == TREE_SCALAR && strcmp(item->text, message) == 0)
			return true;
	}
	return false;
}

static bool
check_messages(struct policy_reader *r, const struct tree *row)
{
	const struct tree *messages = tree_get(row, "messages");
	bool good = true;

	if (messages == NULL || messages->kind == TREE_MAP) {
		yaml_problem(&r->y, row->line,
			     "a refusing row is for no message; write messages: [..], or messages: all");
		return false;
	}
	if (messages->kind == TREE_SCALAR && strcmp(messages->text, "all") == 0)
		return true;
	const struct tree *item = messages->kind == TREE_SCALAR ? messages : messages->first;

	for (; item != NULL; item = messages->kind == TREE_SCALAR ? NULL : item->next) {
		const char *name = yaml_scalar(&r->y, item, "messages");

		if (name == NULL || !is_message(r, name, item->line)) {
			good = false;
		} else if (find_line(r, name) == NULL) {
			yaml_problem(&r->y, item->line, "%s has no line in the grid; add one", name);
			good = false;
		}
	}
	return good;
}

static int
read_reason(struct policy_reader *r, const struct tree *row)
{
	const struct tree *node = tree_get(row, "reason");
	const char *text = node == NULL ? NULL : yaml_scalar(&r->y, node, "reason");

	if (node == NULL)
		yaml_problem(&r->y, row->line, "a refusing row has no reason; write reason: WRONG_STATE");
	return text == NULL ? -1 : yaml_enum(&r->y, "Reason", text, node->line);
}

struct ground {
	pb_RuleRow *row; /* NULL: it could not be read */
	int reason;
};

static struct ground
read_refusing(struct policy_reader *r, const struct tree *node)
{
	static const char *const keys[] = {"id", "rule", "messages", "when", "reason", "source", "point", "nl", NULL};
	struct ground ground = {NULL, -1};

	if (node->kind != TREE_MAP) {
		yaml_problem(&r->y, node->line,
			     "a row is no map; write {id: .., messages: [..], when: {..}, reason: ..}");
		return ground;
	}
	ground.reason = read_reason(r, node);
	if (!check_messages(r, node) || ground.reason < 0)
		return ground;
	pb_RuleRow *row = policy_row(r, node, "accept", keys);

	if (row == NULL)
		return ground;
	if (row->n_when == 0) {
		yaml_problem(&r->y, node->line, "row %s refuses always; add a 'when', or write x in the grid", row->id);
		return ground;
	}
	row->then = ARENA_ARRAY(r->y.arena, pb_RuleEffect *, 1);
	row->then[row->n_then++] = policy_effect(r, "reject", 1);
	reject_with(r, row, ground.reason);
	ground.row = row;
	return ground;
}

/* ---- tables ---- */

static void
compile_line(struct policy_reader *r, const struct grid_line *line, const struct ground *grounds)
{
	pb_RuleTable *table = ARENA_NEW(r->y.arena, pb_RuleTable);
	pb_RuleBlock *block = ARENA_NEW(r->y.arena, pb_RuleBlock);
	struct rows rows = {.count = 0};

	r->y.file = line->file;
	put_letter(r, &rows, line, 'c', REASON_CASE_CLOSED);
	put_letter(r, &rows, line, 'x', REASON_WRONG_STATE);
	for (unsigned i = 0; i < r->refusing_count; i++) {
		if (grounds[i].row != NULL && is_for(tree_get(r->refusing[i].row, "messages"), line->message))
			put_row(r, &rows, grounds[i].row, grounds[i].reason);
	}
	check_letters(r, &rows, line);
	pb_RuleBlock_init(block);
	block->rows = ARENA_ARRAY(r->y.arena, pb_RuleRow *, rows.count + 1);
	for (unsigned i = 0; i < rows.count; i++)
		block->rows[block->n_rows++] = rows.row[i];
	block->rows[block->n_rows++] = grid_row(r, line, 'A', "accept");
	pb_RuleTable_init(table);
	table->scope = yaml_text(&r->y, "accept");
	table->event = yaml_text(&r->y, line->message);
	table->blocks = ARENA_ARRAY(r->y.arena, pb_RuleBlock *, 1);
	table->blocks[table->n_blocks++] = block;
	reader_place(r, arena_printf(r->y.arena, "accept/%s", line->message), line->line);
	policy_table_add(r, table);
}

void
policy_grid_compile(struct policy_reader *r)
{
	struct ground *grounds = ARENA_ARRAY(r->y.arena, struct ground, r->refusing_count + 1);

	for (unsigned i = 0; i < r->refusing_count; i++) {
		r->y.file = r->refusing[i].file;
		grounds[i] = read_refusing(r, r->refusing[i].row);
	}
	for (unsigned i = 0; i < r->grid_count; i++)
		compile_line(r, &r->grid[i], grounds);
}
