// SPDX-License-Identifier: EUPL-1.2
/* yaml_tree.h: what is read, and what is refused with file, line and remedy. */
#include "tests/unit/unit.h"

#include "services/cli/yaml_tree.h"

struct bench {
	struct arena arena;
	struct why why;
};

static int
setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);

	assert_non_null(b);
	arena_init(&b->arena);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	arena_fini(&b->arena);
	free(b);
	return 0;
}

static const struct tree *
parse(struct bench *b, const char *text)
{
	return yaml_tree_parse(&b->arena, "file.yaml", bytes_str(text), &b->why);
}

static void
test_maps_lists_and_scalars_keep_their_order_and_lines(void **state)
{
	struct bench *b = *state;
	const struct tree *root = parse(b, "# a remark\n"
					   "version: 1.0.0\n"
					   "rows:\n"
					   "- - {id: R58.1, then: {}}\n"
					   "  - id: \"R58.2\"\n"
					   "    when: {state: [A, B]}\n"
					   "empty:\n");

	if (root == NULL)
		fail_msg("%s", b->why.text);
	assert_int_equal(root->kind, TREE_MAP);
	assert_string_equal(root->first->key, "version");
	assert_string_equal(root->first->text, "1.0.0");
	assert_int_equal(root->first->line, 2);
	assert_false(root->first->quoted);
	const struct tree *block = tree_get(root, "rows")->first;

	assert_int_equal(block->kind, TREE_LIST);
	assert_null(block->next);
	assert_int_equal(block->first->line, 4);
	assert_int_equal(tree_get(block->first, "then")->kind, TREE_MAP);
	assert_null(tree_get(block->first, "then")->first);
	const struct tree *second = block->first->next;

	assert_string_equal(tree_get(second, "id")->text, "R58.2");
	assert_true(tree_get(second, "id")->quoted);
	const struct tree *states = tree_get(tree_get(second, "when"), "state");

	assert_int_equal(states->line, 6);
	assert_string_equal(states->first->next->text, "B");
	assert_null(states->first->next->next);
	assert_string_equal(tree_get(root, "empty")->text, "");
	assert_null(tree_get(root, "nothing"));
}

/* `no` is a code here, never false. */
static void
test_scalars_stay_as_written(void **state)
{
	struct bench *b = *state;
	const struct tree *root = parse(b, "[no, null, 0x10, 2021-03-01T10:00, 'it''s', \"a\\nb\"]");

	assert_non_null(root);
	assert_string_equal(root->first->text, "no");
	assert_string_equal(root->first->next->text, "null");
	assert_string_equal(root->first->next->next->text, "0x10");
	assert_string_equal(root->first->next->next->next->text, "2021-03-01T10:00");
	assert_string_equal(root->first->next->next->next->next->text, "it's");
	assert_string_equal(root->first->next->next->next->next->next->text, "a\nb");
}

static void
test_what_is_not_used_here_is_refused_with_line_and_remedy(void **state)
{
	static const struct {
		const char *text, *says;
	} wrong[] = {
	    {"a: &x 1\n", "file.yaml:1: anchors (&) are not used here; write the value out"},
	    {"a: 1\nb: &x [1]\n", "file.yaml:2: anchors"},
	    {"a: &x {b: 1}\n", "file.yaml:1: anchors"},
	    {"a: 1\nb: *x\n", "file.yaml:2: aliases (*) are not used here"},
	    {"a: !!str 1\n", "file.yaml:1: tags"},
	    {"a: !x [1]\n", "file.yaml:1: tags"},
	    {"a: 1\nb: 2\na: 3\n", "file.yaml:3: 'a' stands twice in this map, first on line 1; keep one"},
	    {"? [a, b]\n: 1\n", "file.yaml:1: a key is a map or list"},
	    {"{? {a: 1} : 2}\n", "file.yaml:1: a key is a map or list"},
	    {"a: 1\n---\nb: 2\n", "file.yaml:2: a second document"},
	    {"a: 1\n  b: 2\n", "file.yaml:2: mapping values are not allowed"},
	    {"a: [1, 2\nb: 3\n", "file.yaml:2: "},
	    {"a: 1\n\tb: 2\n", "file.yaml:2: "},
	    {"a: 1\n\xff\xfe\n", "file.yaml:2: "},
	    {"a: \"x\\0y\"\n", "file.yaml:1: a NUL inside a text"},
	    {"", "file.yaml:1: the file is empty"},
	    {"# only a remark\n", "file.yaml:1: the file is empty"},
	    {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]\n", "file.yaml:1: more than 16 levels; nest less"},
	};
	struct bench *b = *state;

	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		b->why = (struct why){0};
		if (parse(b, wrong[i].text) != NULL)
			fail_msg("was taken: %s", wrong[i].text);
		if (strncmp(b->why.text, wrong[i].says, strlen(wrong[i].says)) != 0)
			fail_msg("says '%s', not '%s'", b->why.text, wrong[i].says);
	}
}

static void
test_sixteen_levels_are_taken(void **state)
{
	struct bench *b = *state;

	assert_non_null(parse(b, "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]\n"));
}

static void
test_too_many_values_are_refused(void **state)
{
	struct bench *b = *state;
	const size_t len = 2 * (YAML_NODES_MAX + 1) + 2;
	char *text = arena_take(&b->arena, len);

	memset(text, ',', len);
	text[0] = '[';
	for (size_t i = 1; i + 1 < len; i += 2)
		text[i] = '1';
	text[len - 1] = ']';
	assert_null(yaml_tree_parse(&b->arena, "file.yaml", bytes_of(text, len), &b->why));
	assert_non_null(strstr(b->why.text, "more than 200000 values; divide the file"));
}

static void
test_too_many_keys_are_refused(void **state)
{
	struct bench *b = *state;
	char *text = arena_take(&b->arena, 16 * (YAML_KEYS_MAX + 2));
	size_t len = 0;

	for (int i = 0; i <= YAML_KEYS_MAX; i++)
		len += (size_t)sprintf(text + len, "k%d: 1\n", i);
	assert_null(yaml_tree_parse(&b->arena, "file.yaml", bytes_of(text, len), &b->why));
	assert_non_null(strstr(b->why.text, "file.yaml:1001: more than 1000 keys"));
}

static void
test_a_file_is_looked_at_before_it_is_read(void **state)
{
	struct bench *b = *state;
	const struct temp t = temp_make();
	const struct temp_path path = temp_path(&t, "big.yaml");

	file_write(path.s, "a: 1\n", 5);
	assert_non_null(yaml_tree_file(&b->arena, path.s, &b->why));
	assert_int_equal(truncate(path.s, (off_t)YAML_FILE_MAX + 1), 0);
	assert_null(yaml_tree_file(&b->arena, path.s, &b->why));
	assert_non_null(strstr(b->why.text, "big.yaml:1: 4194305 bytes; at most 4194304, divide the file"));
	assert_null(yaml_tree_file(&b->arena, t.dir, &b->why));
	assert_non_null(strstr(b->why.text, "is no file"));
	assert_null(yaml_tree_file(&b->arena, temp_path(&t, "none.yaml").s, &b->why));
	assert_non_null(strstr(b->why.text, "none.yaml: cannot be opened"));
	temp_remove(&t);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_maps_lists_and_scalars_keep_their_order_and_lines),
	    TEST(test_scalars_stay_as_written),
	    TEST(test_what_is_not_used_here_is_refused_with_line_and_remedy),
	    TEST(test_sixteen_levels_are_taken),
	    TEST(test_too_many_values_are_refused),
	    TEST(test_too_many_keys_are_refused),
	    TEST(test_a_file_is_looked_at_before_it_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
