// SPDX-License-Identifier: EUPL-1.2
/* Erasure at intake: nothing that leads from a case to a child is left, in the store nor in its files; the rest stays as it
 * was; what was erased is erased again in a store that was put back. */
#include <dirent.h>

#include "services/intake/intake_erasures.h"
#include "tests/service/admit.h"

#define CASES 100u
#define HOUR  (60 * 60 * 1000)

static struct temp_path
list_path(const struct admit *a)
{
	return temp_path(&a->dir, "erasures");
}

static pb_Submission *
canary(struct admit *a, unsigned i)
{
	pb_Submission *s = admit_case(a);

	s->id = arena_printf(&a->arena, "front-%u", i);
	s->case_submitted->youth_key = arena_printf(&a->arena, "canary-%04u-abcdefghijklmnop", i);
	return s;
}

static void
erase(struct admit *a, const char *case_id)
{
	pb_Submission *s = admit_say(a, "operator", ROLE_OPERATOR, "NAT-VWS");

	s->case_id = admit_text(a, case_id);
	ADMIT_BODY(a, s, CaseErased, CASE_ERASED, case_erased)->ground =
	    (Doorbraak__V1__ErasureGround)ERASURE_GROUND_COURT_ORDER;
	admit_accept(a, s);
}

static struct node_status
quiet(struct admit *a, int64_t ms)
{
	struct node_status status;

	a->now_ms += ms;
	assert_int_equal(node_turn(a->node, (struct node_now){a->now_ms, a->now_ms}), ERR_NONE);
	node_status(a->node, &status);
	return status;
}

/* Does it stand in any file under the folder of the test, the list of erasures among them? */
static bool
on_disk(const char *dir, const void *what, size_t len)
{
	DIR *d = opendir(dir);
	bool found = false;

	assert_non_null(d);
	for (const struct dirent *e = readdir(d); e != NULL && !found; e = readdir(d)) {
		char path[PATH_MAX];
		struct stat st;

		if (e->d_name[0] == '.')
			continue;
		assert_true((size_t)snprintf(path, sizeof path, "%s/%s", dir, e->d_name) < sizeof path);
		assert_int_equal(stat(path, &st), 0);
		if (S_ISDIR(st.st_mode)) {
			found = on_disk(path, what, len);
			continue;
		}
		char *all = malloc((size_t)st.st_size + 1);
		const int fd = open(path, O_RDONLY);
		assert_int_equal(read(fd, all, (size_t)st.st_size), st.st_size);
		close(fd);
		found = memmem(all, (size_t)st.st_size, what, len) != NULL;
		free(all);
	}
	closedir(d);
	return found;
}

static bool
key_on_disk(const struct admit *a, unsigned i)
{
	char text[64];
	const int len = snprintf(text, sizeof text, "canary-%04u-", i);

	return on_disk(a->dir.dir, text, (size_t)len);
}

/* Digests of what was handed in: whoever has a key and the rest could try it. */
static bool
digest_on_disk(const struct admit *a, unsigned i, struct digest digest, const pb_Submission *s)
{
	const char *key = s->case_submitted->youth_key;
	const struct digest of_key = digest_of(bytes_str(key));

	(void)i;
	return on_disk(a->dir.dir, digest.b, DIGEST_SIZE) || on_disk(a->dir.dir, of_key.b, DIGEST_SIZE);
}

static void
test_of_a_hundred_youths_the_erased_fifty_leave_no_trace_and_the_others_stay(void **state)
{
	struct admit *a = *state;
	const char *ids[CASES];
	struct digest digests[CASES];
	pb_Submission *said[CASES];
	unsigned left = 0;

	for (unsigned i = 0; i < CASES; i++) {
		said[i] = canary(a, i);
		digests[i] = digest_of(RECORD_PACK(&a->arena, said[i]));
		ids[i] = admit_text(a, admit_accept(a, said[i])->case_id);
	}
	for (unsigned i = 0; i < CASES; i += 2)
		erase(a, ids[i]);
	/* The test can see: freed pages still hold them. */
	for (unsigned i = 0; i < CASES; i += 2)
		left += key_on_disk(a, i);
	assert_true(left > 0);
	assert_int_equal(quiet(a, 1000).erasures_pending, CASES / 2);
	const struct node_status done = quiet(a, HOUR);

	assert_int_equal(done.erasures_pending, 0);
	assert_int_equal(done.erasures_done, CASES / 2);
	assert_int_equal(done.copies, 1);
	for (unsigned i = 0; i < CASES; i++) {
		assert_int_equal(key_on_disk(a, i), i % 2 == 1);
		if (i % 10 < 2)
			assert_false(digest_on_disk(a, i, digests[i], said[i]));
	}
	/* A repetition is still one, and brings nothing back. */
	for (unsigned i = 0; i < CASES; i++) {
		const pb_Reply *reply = admit_send(a, said[i]);

		assert_int_equal(reply->body_case, DOORBRAAK__V1__REPLY__BODY_ACCEPTED);
		assert_true(reply->accepted->duplicate);
		assert_string_equal(reply->accepted->case_id, ids[i]);
	}
	assert_false(key_on_disk(a, 0));
	assert_true(key_on_disk(a, 1));
}

static uint64_t
last_youth(struct admit *a)
{
	struct record records[512];
	const size_t count = admit_journal(a, records, 512);

	return records[count - 2].intake->accepted->youth;
}

static void
test_a_youth_that_comes_back_gets_a_new_number_and_another_keeps_its_own(void **state)
{
	struct admit *a = *state;
	const char *first = admit_text(a, admit_accept(a, canary(a, 1))->case_id);

	admit_accept(a, canary(a, 2));
	erase(a, first);
	quiet(a, HOUR);
	pb_Submission *again = canary(a, 1), *other = canary(a, 2);
	again->id = admit_text(a, "again-1");
	other->id = admit_text(a, "again-2");
	admit_accept(a, again);
	assert_int_equal(last_youth(a), 3);
	admit_accept(a, other);
	assert_int_equal(last_youth(a), 2);
}

static void
test_a_message_with_the_key_about_an_erased_case_does_not_link_it_again(void **state)
{
	struct admit *a = *state;
	const char *case_id = admit_text(a, admit_accept(a, canary(a, 1))->case_id);

	erase(a, case_id);
	pb_Submission *s = admit_say(a, "front", ROLE_LOCAL_TEAM, "LT-GM9901");
	s->case_id = admit_text(a, case_id);
	ADMIT_BODY(a, s, ClosedPlacementRequested, CLOSED_PLACEMENT_REQUESTED, closed_placement_requested)->youth_key =
	    admit_text(a, "canary-0001-abcdefghijklmnop");
	(void)admit_send(a, s);
	quiet(a, HOUR);
	assert_false(key_on_disk(a, 1));
}

static void
test_the_same_id_with_another_youth_key_is_another_message(void **state)
{
	struct admit *a = *state;
	pb_Submission *s = canary(a, 1);

	admit_accept(a, s);
	s->case_submitted->youth_key = admit_text(a, "canary-0002-abcdefghijklmnop");
	assert_int_equal(admit_send(a, s)->rejected->reason, REASON_ID_REUSED);
	s->case_submitted->youth_key = admit_text(a, "");
	assert_int_equal(admit_send(a, s)->rejected->reason, REASON_ID_REUSED);
}

static void
test_what_is_pending_when_the_process_ends_is_done_in_the_next_life(void **state)
{
	struct admit *a = *state;

	erase(a, admit_text(a, admit_accept(a, canary(a, 1))->case_id));
	admit_restart(a);
	assert_int_equal(quiet(a, 1000).erasures_pending, 1);
	assert_int_equal(quiet(a, HOUR).erasures_pending, 0);
	assert_false(key_on_disk(a, 1));
}

static void
test_while_messages_keep_coming_it_waits_but_no_longer_than_an_hour(void **state)
{
	struct admit *a = *state;
	struct node_status status = {.erasures_pending = 1};
	const int64_t begin = a->now_ms;
	unsigned i = 2;

	erase(a, admit_text(a, admit_accept(a, canary(a, 1))->case_id));
	while (status.erasures_pending > 0 && i < 200) {
		a->now_ms += 30 * 1000;
		admit_accept(a, canary(a, i++));
		node_status(a->node, &status);
	}
	assert_int_equal(status.erasures_pending, 0);
	assert_true(a->now_ms - begin >= NODE_ERASE_WITHIN_MS && a->now_ms - begin <= NODE_ERASE_WITHIN_MS + 60 * 1000);
}

/* ---- the list ---- */

static uint64_t
apply(struct admit *a)
{
	uint64_t count;
	struct why why;

	if (!intake_erasures_apply(a->node, list_path(a).s, (struct node_now){a->now_ms, a->now_ms}, &count, &why))
		fail_msg("%s", why.text);
	return count;
}

static void
write_list(struct admit *a, const char *text)
{
	FILE *file = fopen(list_path(a).s, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

static void
test_a_store_put_back_erases_what_the_list_says_and_nothing_else(void **state)
{
	struct admit *a = *state;
	const char *gone = admit_text(a, admit_accept(a, canary(a, 1))->case_id);

	admit_accept(a, canary(a, 2));
	write_list(a, arena_printf(&a->arena,
				   "2024-03-05T09:14:55Z %s COURT_ORDER\n"
				   "2024-03-05T09:14:55Z c-never-heard-of-here1-00000 RETENTION_ENDED\n"
				   "2024-03-06T09:14:55Z %s RETENTION_ENDED\n2024-03-0",
				   gone, gone));
	assert_int_equal(apply(a), 1);
	assert_int_equal(admit_last(a).submission->body_case, DOORBRAAK__V1__SUBMISSION__BODY_CASE_ERASED);
	assert_string_equal(admit_last(a).submission->case_id, gone);
	quiet(a, HOUR);
	assert_false(key_on_disk(a, 1));
	assert_true(key_on_disk(a, 2));
	assert_int_equal(apply(a), 0);
}

static void
test_a_list_that_cannot_be_read_is_told_with_its_line(void **state)
{
	struct admit *a = *state;
	uint64_t count;
	struct why why;

	write_list(a, "2024-03-05T09:14:55Z c-1 COURT_ORDER\n2024-03-05 c-1 COURT_ORDER\n");
	assert_false(intake_erasures_apply(a->node, list_path(a).s, (struct node_now){0, 0}, &count, &why));
	assert_non_null(strstr(why.text, "erasures:2: is no line"));
	assert_int_equal(unlink(list_path(a).s), 0);
	assert_int_equal(apply(a), 0);
}

static int
setup(void **state)
{
	struct admit *a = calloc(1, sizeof *a);
	static const int roles[] = {ROLE_LOCAL_TEAM, 0};

	admit_open(a);
	admit_register(a, "front", "LT-GM9901", roles);
	*state = a;
	return 0;
}

static int
teardown(void **state)
{
	admit_close(*state);
	free(*state);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(test_of_a_hundred_youths_the_erased_fifty_leave_no_trace_and_the_others_stay),
	    TEST(test_a_youth_that_comes_back_gets_a_new_number_and_another_keeps_its_own),
	    TEST(test_a_message_with_the_key_about_an_erased_case_does_not_link_it_again),
	    TEST(test_the_same_id_with_another_youth_key_is_another_message),
	    TEST(test_what_is_pending_when_the_process_ends_is_done_in_the_next_life),
	    TEST(test_while_messages_keep_coming_it_waits_but_no_longer_than_an_hour),
	    TEST(test_a_store_put_back_erases_what_the_list_says_and_nothing_else),
	    TEST(test_a_list_that_cannot_be_read_is_told_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
