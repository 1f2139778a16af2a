// SPDX-License-Identifier: EUPL-1.2
/* Checkpoints: what was signed is read back; whatever was changed in it is refused; keys that others may read are refused. */
#include "common/checkpoint.h"
#include "tests/unit/unit.h"

#include <sodium.h>

struct keys {
	struct temp dir;
	struct checkpoint_signer *signer;
	struct checkpoint_public key;
};

static void
write_text(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static struct keys
keys_make(void)
{
	struct keys k = {.dir = temp_make()};
	char secret[CHECKPOINT_TEXT_LEN + 1], public_key[CHECKPOINT_TEXT_LEN + 1];
	struct why why;

	assert_true(sodium_init() >= 0);
	checkpoint_keys(secret, public_key);
	write_text(temp_path(&k.dir, "a.secret").s, secret, 0400);
	write_text(temp_path(&k.dir, "a.public").s, public_key, 0444);
	assert_true(checkpoint_signer_open(&k.signer, temp_path(&k.dir, "a.secret").s, &why));
	assert_true(checkpoint_public_read(&k.key, temp_path(&k.dir, "a.public").s, &why));
	return k;
}

static void
keys_end(struct keys *k)
{
	checkpoint_signer_close(&k->signer);
	temp_remove(&k->dir);
}

static const struct checkpoint sample = {
    .origin = "monitoring", .seq = 1234, .digest = {{1, 2, 250}}, .at_ms = INT64_C(1772442895000)};

static void
test_what_was_signed_is_read_back(void **state UNUSED)
{
	struct keys k = keys_make();
	char line[CHECKPOINT_LINE_MAX];
	struct checkpoint read;
	struct why why;

	checkpoint_sign(k.signer, &sample, line);
	assert_int_equal(line[strlen(line) - 1], '\n');
	line[strlen(line) - 1] = '\0';
	assert_true(checkpoint_read(&k.key, line, &read, &why));
	assert_string_equal(read.origin, sample.origin);
	assert_int_equal(read.seq, sample.seq);
	assert_true(digest_equal(read.digest, sample.digest));
	assert_int_equal(read.at_ms, sample.at_ms);
	keys_end(&k);
}

static void
test_no_character_of_a_line_can_be_another(void **state UNUSED)
{
	struct keys k = keys_make(), other = keys_make();
	char line[CHECKPOINT_LINE_MAX];
	struct checkpoint read;
	struct why why;

	checkpoint_sign(k.signer, &sample, line);
	line[strlen(line) - 1] = '\0';
	for (size_t i = 0; i < strlen(line); i++) {
		const char kept = line[i];

		line[i] = kept == '0' ? '1' : '0';
		assert_false(checkpoint_read(&k.key, line, &read, &why));
		line[i] = kept;
	}
	assert_false(checkpoint_read(&other.key, line, &read, &why));
	assert_non_null(strstr(why.text, "not signed by this key"));
	line[strlen(line) - 1] = '\0';
	assert_false(checkpoint_read(&k.key, line, &read, &why));
	assert_false(checkpoint_read(&k.key, "", &read, &why));
	keys_end(&k);
	keys_end(&other);
}

static void
test_a_secret_is_for_its_owner_and_has_a_form(void **state UNUSED)
{
	struct keys k = keys_make();
	const struct temp_path path = temp_path(&k.dir, "b.secret");
	struct checkpoint_signer *signer;
	char text[CHECKPOINT_TEXT_LEN + 3];
	struct why why;

	memset(text, 'a', CHECKPOINT_TEXT_LEN);
	strcpy(text + CHECKPOINT_TEXT_LEN, "\n");
	write_text(path.s, text, 0400);
	assert_true(checkpoint_signer_open(&signer, path.s, &why));
	checkpoint_signer_close(&signer);
	assert_int_equal(chmod(path.s, 0440), 0);
	assert_false(checkpoint_signer_open(&signer, path.s, &why));
	assert_non_null(strstr(why.text, "chmod 0400"));
	assert_int_equal(unlink(path.s), 0);
	assert_false(checkpoint_signer_open(&signer, path.s, &why));
	text[0] = 'x';
	write_text(path.s, text, 0400);
	assert_false(checkpoint_signer_open(&signer, path.s, &why));
	assert_non_null(strstr(why.text, "is no key"));
	keys_end(&k);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_was_signed_is_read_back),
	    cmocka_unit_test(test_no_character_of_a_line_can_be_another),
	    cmocka_unit_test(test_a_secret_is_for_its_owner_and_has_a_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
