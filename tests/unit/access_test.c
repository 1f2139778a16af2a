// SPDX-License-Identifier: EUPL-1.2
/* Who may ask what: the whole matrix of roles, scopes and rights, how questions are narrowed, and the file of keys. */
#include "tests/unit/unit.h"

#include <sodium.h>

#include "common/access_keys.h"
#include "common/web.h"

/* ---- the matrix ---- */

/* What each role may at most: S submit, C cases, G signals, F figures, R rules, U subscriptions,
 * J journals as a whole, T let time pass, A the access log. */
static const char *const by_role[] = {
    [ROLE_YOUTH] = "",
    [ROLE_PARENT] = "",
    [ROLE_PROFESSIONAL] = "SCGFR",
    [ROLE_PROVIDER] = "SCGFR",
    [ROLE_LOCAL_TEAM] = "SCGFR",
    [ROLE_MUNICIPALITY] = "SCGFR",
    [ROLE_ALDERMAN] = "SGFR",
    [ROLE_CHAIR] = "SCGFR",
    [ROLE_PROCESS_DIRECTOR] = "SCGFR",
    [ROLE_TEAM_MEMBER] = "SCGFR",
    [ROLE_STEERING_GROUP] = "SGFR",
    [ROLE_EXPERTISE_CENTRE] = "SCGFR",
    [ROLE_NATIONAL_DESK] = "SCGFR",
    [ROLE_NATIONAL_TEAM] = "SCGFR",
    [ROLE_NATIONAL_SUPPORT_TEAM] = "SCGFR",
    [ROLE_CCE] = "SCGFR",
    [ROLE_CERTIFIED_BODY] = "SCGFR",
    [ROLE_PROTECTOR] = "SCGFR",
    [ROLE_CHILD_PROTECTION_BOARD] = "SCGFR",
    [ROLE_JUVENILE_COURT] = "SFR",
    [ROLE_PLACEMENT_COORDINATION] = "SCGFR",
    [ROLE_INSPECTORATE] = "SFR",
    [ROLE_PURCHASING] = "SFR",
    [ROLE_CONFIDENTIAL_ADVISER] = "SFR",
    [ROLE_SAFE_HOME] = "SFR",
    [ROLE_SCHOOL] = "SFR",
    [ROLE_BRP_ADAPTER] = "SFR",
    [ROLE_ADMINISTRATOR] = "SFRUJTA",
    [ROLE_OPERATOR] = "SFRUJTA",
    [ROLE_SYSTEM] = "SCGFRUJTA",
};

static const struct {
	const char *scope, *rights;
} by_scope[] = {
    {"region:JZ32", "CGFR"},     {"team:ET-JZ32", "CGFR"}, {"centre:EC-OOST", "CGFR"},
    {"owner:LT-GM0988", "CGFR"}, {"national", "CGFR"},     {"operator", "FRUTA"},
    {"source:portal", "SFR"},    {"source:*", "SFR"},      {"journals", "FRJ"},
};

static const struct {
	enum access_right right;
	char letter;
} rights[] = {
    {ACCESS_SUBMIT, 'S'},   {ACCESS_CASES, 'C'}, {ACCESS_SIGNALS, 'G'},
    {ACCESS_FIGURES, 'F'},  {ACCESS_RULES, 'R'}, {ACCESS_SUBSCRIPTIONS, 'U'},
    {ACCESS_JOURNALS, 'J'}, {ACCESS_TIME, 'T'},  {ACCESS_AUDIT, 'A'},
};

#define BODY(name)  DOORBRAAK__V1__SUBMISSION__BODY_##name
#define ASKED(name) DOORBRAAK__V1__REQUEST__BODY_##name

static struct caller
caller_of(int role, const char *scope)
{
	struct caller caller = {.name = "k", .role = role, .organisation = code_of("ET-JZ32")};
	struct why why;

	if (scope[0] != '\0' && !access_add_scope(&caller, scope, &why))
		fail_msg("%s", why.text);
	return caller;
}

static void
test_role_and_scope_must_both_allow_it(void **state UNUSED)
{
	const ProtobufCEnumDescriptor *all = record_enum("Role");
	unsigned looked = 0;

	assert_int_equal(COUNT_OF(by_role), all->n_values); /* a new role must be given a place here */
	for (unsigned v = 1; v < all->n_values; v++) {
		const int role = all->values[v].value;

		for (size_t s = 0; s < COUNT_OF(by_scope); s++) {
			const struct caller caller = caller_of(role, by_scope[s].scope);

			for (size_t r = 0; r < COUNT_OF(rights); r++) {
				const bool wanted = strchr(by_role[role], rights[r].letter) != NULL &&
						    strchr(by_scope[s].rights, rights[r].letter) != NULL;

				if (access_may(&caller, rights[r].right) != wanted)
					fail_msg("%s with %s: %c", all->values[v].name, by_scope[s].scope,
						 rights[r].letter);
				looked++;
			}
		}
		/* Without a scope, nothing. */
		for (size_t r = 0; r < COUNT_OF(rights); r++)
			assert_false(access_may(&(struct caller){.role = role}, rights[r].right));
	}
	assert_int_equal(looked, 30 * 9 * 9);
}

static void
test_an_unknown_role_may_nothing(void **state UNUSED)
{
	static const int roles[] = {-1, 0, 31, 1000};

	for (size_t i = 0; i < COUNT_OF(roles); i++) {
		struct caller caller = access_open_door();

		caller.role = roles[i];
		for (size_t r = 0; r < COUNT_OF(rights); r++)
			assert_false(access_may(&caller, rights[r].right));
		assert_false(access_may_publish(&caller, "portal", ROLE_CHAIR, BODY(CASE_SUBMITTED)));
		assert_false(access_may(&caller, ACCESS_HEALTH));
	}
}

/* Every question over HTTP needs a right that stands in the matrix. */
static void
test_every_endpoint_asks_for_one_right(void **state UNUSED)
{
	static const struct web_endpoint *const tables[] = {intake_endpoints, monitoring_endpoints,
							    signalling_endpoints};

	for (size_t t = 0; t < COUNT_OF(tables); t++) {
		for (const struct web_endpoint *e = tables[t]; e->path != NULL; e++) {
			bool known = false;

			for (size_t r = 0; r < COUNT_OF(rights); r++)
				known = known || e->right == rights[r].right;
			if (!known || e->query == NULL || (e->ask == NULL) != (e->feed != NULL))
				fail_msg("%s", e->path);
		}
	}
}

static void
test_a_source_is_its_own(void **state UNUSED)
{
	struct caller caller = caller_of(ROLE_CHAIR, "source:portal");
	struct caller everybody = access_open_door();

	assert_true(access_may_publish(&caller, "portal", ROLE_CHAIR, BODY(CASE_SUBMITTED)));
	assert_false(access_may_publish(&caller, "portal2", ROLE_CHAIR, BODY(CASE_SUBMITTED)));
	assert_false(access_may_publish(&caller, "porta", ROLE_CHAIR, BODY(CASE_SUBMITTED)));
	assert_false(access_may_publish(&caller, "*", ROLE_CHAIR, BODY(CASE_SUBMITTED)));
	caller.role = ROLE_YOUTH;
	assert_false(access_may_publish(&caller, "portal", ROLE_YOUTH, BODY(CASE_SUBMITTED)));
	assert_true(access_may_publish(&everybody, "portal", ROLE_CHAIR, BODY(CASE_SUBMITTED)));
}

/* Role of the key x role that it speaks in x kind of message, together with the contract's own table. */
static void
test_a_key_speaks_in_its_own_role(void **state UNUSED)
{
	const ProtobufCEnumDescriptor *all = record_enum("Role");
	const ProtobufCMessageDescriptor *submission = record_message("Submission");
	unsigned allowed = 0, looked = 0;

	for (unsigned k = 1; k < all->n_values; k++) {
		const int own = all->values[k].value;
		const struct caller caller = caller_of(own, "source:portal");

		for (unsigned r = 0; r < all->n_values; r++) {
			const int as = all->values[r].value;
			const bool runs = own == ROLE_ADMINISTRATOR || own == ROLE_OPERATOR;
			const bool speaks =
			    own == ROLE_SYSTEM || own == as ||
			    (runs && (as == ROLE_ADMINISTRATOR || as == ROLE_OPERATOR || as == ROLE_SYSTEM));

			for (unsigned f = 0; f < submission->n_fields; f++) {
				const int kind = (int)submission->fields[f].id;

				if ((submission->fields[f].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
					continue;
				const bool may = access_may_publish(&caller, "portal", as, kind);

				looked++;
				if (may != (speaks && by_role[own][0] == 'S'))
					fail_msg("%s as %s: %s", all->values[k].name, all->values[r].name,
						 submission->fields[f].name);
				/* At intake both must hold. */
				allowed += may && record_role_may_publish(as, kind);
			}
		}
	}
	assert_true(looked > 30 * 31 * 40 && allowed > 0 && allowed < looked / 10);
}

static void
test_of_the_services_signalling_alone_submits(void **state UNUSED)
{
	static const char *const names[] = {"intake", "triage", "routing", "signalling", "monitoring"};
	struct why why;

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct caller caller = caller_of(ROLE_SYSTEM, "source:operator");
		char scope[32];

		snprintf(scope, sizeof scope, "service:%s", names[i]);
		assert_true(access_add_scope(&caller, scope, &why));
		assert_int_equal(access_may_publish(&caller, "operator", ROLE_SYSTEM, BODY(DELIVERY_REPORTED)),
				 strcmp(names[i], "signalling") == 0);
		assert_false(access_may_publish(&caller, "operator", ROLE_SYSTEM, BODY(POLICY_ADOPTED)));
		assert_false(access_may_publish(&caller, "operator", ROLE_ADMINISTRATOR, BODY(SOURCE_REGISTERED)));
		assert_false(access_may_follow_stream(&caller));
		assert_false(access_add_scope(&caller, i == 0 ? "service:triage" : "service:intake", &why));
	}
}

/* ---- every question at every door ---- */

static const int row[] = {SERVICE_INTAKE, SERVICE_TRIAGE, SERVICE_ROUTING, SERVICE_SIGNALLING, SERVICE_MONITORING};

/* Which letter of the matrix a question takes; H: any key that holds; P: a pull, see below. */
static const struct {
	int body;
	char letter;
} questions[] = {
    {ASKED(STATUS), 'H'},     {ASKED(_NOT_SET), 'H'}, {ASKED(CLOCK), 'T'},         {ASKED(CASES), 'C'},
    {ASKED(STORY), 'C'},      {ASKED(OVERVIEW), 'C'}, {ASKED(DEADLINES), 'C'},     {ASKED(SIGNALS), 'G'},
    {ASKED(REPORT), 'F'},     {ASKED(REGISTRY), 'R'}, {ASKED(INDICATORS), 'F'},    {ASKED(POLICY), 'R'},
    {ASKED(ACCESS_LOG), 'A'}, {ASKED(PULL), 'P'},     {ASKED(SUBSCRIPTIONS), 'U'},
};

static pb_Request *
question_of(struct arena *a, int body)
{
	const ProtobufCFieldDescriptor *f =
	    protobuf_c_message_descriptor_get_field(&pb_Request_descriptor, (unsigned)body);
	pb_Request *request = ARENA_NEW(a, pb_Request);

	pb_Request_init(request);
	request->body_case = (Doorbraak__V1__Request__BodyCase)body;
	if (f != NULL) {
		const ProtobufCMessageDescriptor *d = f->descriptor;
		ProtobufCMessage *m = arena_take(a, d->sizeof_message);

		protobuf_c_message_init(d, m);
		*(ProtobufCMessage **)(void *)((char *)request + f->offset) = m;
	}
	return request;
}

/* May role and scope ask it there? Of monitoring's journal what is in reach, of any other the whole or nothing. */
static bool
expected(const char *role, const char *scope, int service, char letter)
{
	const bool cases = strchr(role, 'C') != NULL && strchr(scope, 'C') != NULL;
	const bool journals = strchr(role, 'J') != NULL && strchr(scope, 'J') != NULL;

	if (letter == 'P')
		return journals || (service == SERVICE_MONITORING && cases);
	return letter == 'H' || (strchr(role, letter) != NULL && strchr(scope, letter) != NULL);
}

static void
test_the_matrix_of_every_question_at_every_door(void **state UNUSED)
{
	const ProtobufCEnumDescriptor *all = record_enum("Role");
	unsigned looked = 0, asked = 0;
	struct arena a;

	arena_init(&a);
	/* A new question must be given a place here, and in access_right_of(): request_id is none, submitting has its own
	 * test, an empty one is one more. */
	assert_int_equal(COUNT_OF(questions), pb_Request_descriptor.n_fields - 2 + 1);
	for (unsigned v = 1; v < all->n_values; v++) {
		for (size_t s = 0; s < COUNT_OF(by_scope); s++) {
			const struct caller caller = caller_of(all->values[v].value, by_scope[s].scope);

			for (size_t i = 0; i < COUNT_OF(questions) * COUNT_OF(row); i++) {
				const size_t q = i / COUNT_OF(row);
				const int service = row[i % COUNT_OF(row)];
				pb_Request *request = question_of(&a, questions[q].body);
				const bool may = access_judge(&caller, service, request, &a) == ACCESS_ASK;

				if (may != expected(by_role[all->values[v].value], by_scope[s].rights, service,
						    questions[q].letter))
					fail_msg("%s with %s asks %d of service %d: %d", all->values[v].name,
						 by_scope[s].scope, questions[q].body, service, may);
				looked++;
				asked += may;
			}
			arena_reset(&a);
		}
	}
	assert_int_equal(looked, 30 * 9 * 15 * 5);
	assert_true(asked > 0 && asked < looked / 2);
	arena_fini(&a);
}

static void
test_services_read_the_journal_before_their_own(void **state UNUSED)
{
	struct arena a;

	arena_init(&a);
	for (size_t i = 0; i < COUNT_OF(row); i++) {
		struct caller caller = caller_of(ROLE_SYSTEM, "");

		caller.service = row[i];
		for (size_t at = 0; at < COUNT_OF(row); at++) {
			for (size_t q = 0; q < COUNT_OF(questions); q++) {
				pb_Request *request = question_of(&a, questions[q].body);
				const bool wanted =
				    questions[q].letter == 'H' || (questions[q].letter == 'P' && at + 1 == i);

				if ((access_judge(&caller, row[at], request, &a) == ACCESS_ASK) != wanted)
					fail_msg("%d asks %d of %d", row[i], questions[q].body, row[at]);
			}
		}
	}
	arena_fini(&a);
}

static void
test_signals_can_be_followed_by_whom_they_are_told(void **state UNUSED)
{
	const struct caller caller = caller_of(ROLE_STEERING_GROUP, "region:JZ32");
	char *topics[] = {(char[]){"signal/S02"}, (char[]){"signal/"}, (char[]){"kind/"}};
	struct arena a;

	arena_init(&a);
	for (size_t n = 1; n <= COUNT_OF(topics); n++) {
		pb_Request *request = question_of(&a, ASKED(PULL));

		request->pull->topics = topics;
		request->pull->n_topics = n;
		assert_int_equal(access_judge(&caller, SERVICE_SIGNALLING, request, &a),
				 n < 3 ? ACCESS_ASK : ACCESS_REFUSED);
		if (n < 3)
			assert_string_equal(request->pull->within[0], "to/ET-JZ32");
		assert_int_equal(access_judge(&caller, SERVICE_ROUTING, request, &a), ACCESS_REFUSED);
	}
	arena_fini(&a);
}

static void
test_what_is_submitted_is_judged_as_it_is_read(void **state UNUSED)
{
	const struct caller chair = caller_of(ROLE_CHAIR, "source:portal");
	Google__Protobuf__Timestamp now;
	pb_SubmitRequest submit;
	pb_Submission s;
	pb_Actor actor;
	struct arena a;

	arena_init(&a);
	pb_Submission_init(&s);
	pb_Actor_init(&actor);
	pb_SubmitRequest_init(&submit);
	record_timestamp(&now, 1);
	s.actor = &actor;
	for (int i = 0; i < 5; i++) {
		pb_Request *request = question_of(&a, ASKED(SUBMIT));

		actor.role = (Doorbraak__V1__Role)(i == 1 ? ROLE_LOCAL_TEAM : ROLE_CHAIR);
		s.source = record_text(&a, i == 2 ? "other" : "portal");
		const struct bytes packed = i == 4 ? bytes_str("\xff") : RECORD_PACK(&a, &s);
		submit.submission = (ProtobufCBinaryData){packed.len, (uint8_t *)(uintptr_t)packed.data};
		submit.now = i == 3 ? &now : NULL; /* time is the operator's */
		request->submit = &submit;
		/* What cannot be read passes: intake says what is wrong. */
		assert_int_equal(access_judge(&chair, SERVICE_INTAKE, request, &a),
				 i == 0 || i == 4 ? ACCESS_ASK : ACCESS_REFUSED);
	}
	arena_fini(&a);
}

static void
test_scopes_are_read_and_written(void **state UNUSED)
{
	static const char *const wrong[] = {"",           "region",      "region:",    "region:jz32",  "regions:JZ32",
					    "nation",     "source:",     "source:a b", "service:gate", "national:NL",
					    "operator:x", "REGION:JZ32", "case:c-1",   "region:JZ32 x"};
	struct caller caller = caller_of(ROLE_CHAIR, "region:JZ32");
	struct arena a;
	struct why why;

	arena_init(&a);
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct caller other = {.role = ROLE_CHAIR};

		if (access_add_scope(&other, wrong[i], &why))
			fail_msg("'%s' was taken", wrong[i]);
		assert_true(why.text[0] != '\0');
	}
	assert_false(access_add_scope(&caller, "national", &why)); /* one that reads cases */
	assert_int_equal(caller.reach, ACCESS_REGION);
	for (unsigned i = 0; i < ACCESS_SOURCES_MAX; i++)
		assert_true(access_add_scope(&caller, arena_printf(&a, "source:s%u", i), &why));
	assert_false(access_add_scope(&caller, "source:s9", &why));
	assert_true(access_add_scope(&caller, "operator", &why));
	assert_string_equal(access_scopes(&a, &caller), "region:JZ32 operator source:s0 source:s1 source:s2 source:s3 "
							"source:s4 source:s5 source:s6 source:s7");
	arena_fini(&a);
}

/* ---- narrowing ---- */

static enum access_narrowed
narrow(struct arena *a, const struct caller *caller, enum access_right right, int body_case, void *body)
{
	pb_Request request;

	pb_Request_init(&request);
	request.body_case = (Doorbraak__V1__Request__BodyCase)body_case;
	request.cases = body;
	return access_narrow(caller, right, &request, a);
}

static void
test_a_question_about_cases_gets_the_scope_as_a_condition(void **state UNUSED)
{
	static const char *const scopes[] = {"region:JZ32", "team:JZ32", "centre:JZ32", "owner:JZ32"};
	struct arena a;

	arena_init(&a);
	for (size_t s = 0; s < COUNT_OF(scopes); s++) {
		const struct caller caller = caller_of(ROLE_CHAIR, scopes[s]);
		char *fields[4];
		pb_CasesRequest cases;

		pb_CasesRequest_init(&cases);
		assert_int_equal(narrow(&a, &caller, ACCESS_CASES, DOORBRAAK__V1__REQUEST__BODY_CASES, &cases),
				 ACCESS_ASK);
		fields[0] = cases.region, fields[1] = cases.team, fields[2] = cases.centre, fields[3] = cases.owner;
		for (size_t f = 0; f < COUNT_OF(fields); f++)
			assert_string_equal(fields[f], f == s ? "JZ32" : "");
		/* Asked for by itself: the same. Another: there is nothing. */
		assert_int_equal(narrow(&a, &caller, ACCESS_CASES, DOORBRAAK__V1__REQUEST__BODY_CASES, &cases),
				 ACCESS_ASK);
		cases.region = cases.team = cases.centre = cases.owner = (char[]){"JZ33"};
		assert_int_equal(narrow(&a, &caller, ACCESS_CASES, DOORBRAAK__V1__REQUEST__BODY_CASES, &cases),
				 ACCESS_NOTHING);
		cases.region = cases.team = cases.centre = cases.owner = (char[]){"JZ3"};
		assert_int_equal(narrow(&a, &caller, ACCESS_CASES, DOORBRAAK__V1__REQUEST__BODY_CASES, &cases),
				 ACCESS_NOTHING);
	}
	arena_fini(&a);
}

static void
test_a_question_that_cannot_be_narrowed_is_refused(void **state UNUSED)
{
	const struct caller caller = caller_of(ROLE_CHAIR, "region:JZ32");
	pb_ReportRequest report;
	struct arena a;

	arena_init(&a);
	pb_ReportRequest_init(&report);
	/* As if it were about cases: it has no such condition. */
	assert_int_equal(narrow(&a, &caller, ACCESS_CASES, DOORBRAAK__V1__REQUEST__BODY_REPORT, &report),
			 ACCESS_REFUSED);
	assert_int_equal(narrow(&a, &caller, ACCESS_FIGURES, DOORBRAAK__V1__REQUEST__BODY_REPORT, &report), ACCESS_ASK);
	assert_int_equal(narrow(&a, &caller, ACCESS_SUBSCRIPTIONS, DOORBRAAK__V1__REQUEST__BODY_REPORT, &report),
			 ACCESS_REFUSED);
	arena_fini(&a);
}

static void
test_a_stream_is_held_within_a_topic(void **state UNUSED)
{
	const struct caller region = caller_of(ROLE_CHAIR, "region:JZ32");
	const struct caller national = caller_of(ROLE_CHAIR, "national");
	char *kind = (char[]){"kind/CaseView"};
	pb_PullRequest pull;
	struct arena a;

	arena_init(&a);
	pb_PullRequest_init(&pull);
	pull.within = &kind;
	pull.n_within = 1;
	assert_int_equal(narrow(&a, &region, ACCESS_CASES, DOORBRAAK__V1__REQUEST__BODY_PULL, &pull), ACCESS_ASK);
	assert_int_equal(pull.n_within, 2);
	assert_string_equal(pull.within[0], "kind/CaseView");
	assert_string_equal(pull.within[1], "region/JZ32");
	pull.n_within = 1;
	assert_int_equal(narrow(&a, &region, ACCESS_SIGNALS, DOORBRAAK__V1__REQUEST__BODY_PULL, &pull), ACCESS_ASK);
	assert_string_equal(pull.within[1], "to/ET-JZ32");
	pull.n_within = 1;
	assert_int_equal(narrow(&a, &national, ACCESS_SIGNALS, DOORBRAAK__V1__REQUEST__BODY_PULL, &pull), ACCESS_ASK);
	assert_int_equal(pull.n_within, 1);
	arena_fini(&a);
}

static void
test_signals_are_read_by_whom_they_were_told(void **state UNUSED)
{
	struct caller caller = caller_of(ROLE_STEERING_GROUP, "region:JZ32");
	pb_SignalsRequest signals;
	struct arena a;

	arena_init(&a);
	pb_SignalsRequest_init(&signals);
	assert_int_equal(narrow(&a, &caller, ACCESS_SIGNALS, DOORBRAAK__V1__REQUEST__BODY_SIGNALS, &signals),
			 ACCESS_ASK);
	assert_string_equal(signals.organisation, "ET-JZ32");
	signals.organisation = (char[]){"ET-JZ33"};
	assert_int_equal(narrow(&a, &caller, ACCESS_SIGNALS, DOORBRAAK__V1__REQUEST__BODY_SIGNALS, &signals),
			 ACCESS_NOTHING);
	caller.organisation = code_of("");
	pb_SignalsRequest_init(&signals);
	assert_int_equal(narrow(&a, &caller, ACCESS_SIGNALS, DOORBRAAK__V1__REQUEST__BODY_SIGNALS, &signals),
			 ACCESS_NOTHING);
	arena_fini(&a);
}

/* ---- keys ---- */

#define DAY 20000 /* any day */

static struct access_key
key_of(const char *name, const char *token)
{
	struct access_key key = {.caller = caller_of(ROLE_CHAIR, "region:JZ32"),
				 .has_token = true,
				 .digest = access_token_digest(token),
				 .from = CAL_NONE,
				 .to = CAL_NONE};

	snprintf(key.caller.name, sizeof key.caller.name, "%s", name);
	return key;
}

static void
save(const struct temp *dir, struct arena *a, const struct access_keys *keys)
{
	const char *text = access_keys_text(a, keys);
	const struct temp_path path = temp_path(dir, "keys.json"), new = temp_path(dir, "new");

	file_write(new.s, text, strlen(text));
	assert_int_equal(rename(new.s, path.s), 0);
}

static void
test_a_key_holds_on_its_days_until_it_is_revoked(void **state UNUSED)
{
	const struct temp dir = temp_make();
	struct access_keys keys;
	struct arena a;
	struct why why;

	arena_init(&a);
	assert_true(access_keys_open(&keys, dir.dir, &why)); /* no file: no keys */
	assert_int_equal(keys.count, 0);
	assert_null(access_keys_find(&keys, "dbk_a", DAY));
	keys.list[keys.count++] = key_of("a", "dbk_a");
	keys.list[keys.count++] = key_of("b", "dbk_b");
	keys.list[1].from = DAY;
	keys.list[1].to = DAY + 1;
	keys.list[keys.count++] = key_of("c", "dbk_c");
	keys.list[2].revoked = true;
	save(&dir, &a, &keys);
	access_keys_close(&keys);

	assert_true(access_keys_open(&keys, dir.dir, &why));
	assert_int_equal(keys.count, 3);
	const struct caller *found = access_keys_find(&keys, "dbk_a", DAY);
	assert_non_null(found);
	assert_string_equal(found->name, "a");
	assert_string_equal(found->within.s, "JZ32");
	assert_true(access_keys_hold(&keys, found, DAY));
	assert_null(access_keys_find(&keys, "dbk_A", DAY));
	assert_null(access_keys_find(&keys, "", DAY));
	assert_null(access_keys_find(&keys, "dbk_b", DAY - 1));
	assert_non_null(access_keys_find(&keys, "dbk_b", DAY));
	assert_non_null(access_keys_find(&keys, "dbk_b", DAY + 1));
	assert_null(access_keys_find(&keys, "dbk_b", DAY + 2));
	assert_null(access_keys_find(&keys, "dbk_c", DAY));
	/* No token is in the file. */
	assert_null(strstr(access_keys_text(&a, &keys), "dbk_"));
	access_keys_close(&keys);
	arena_fini(&a);
	temp_remove(&dir);
}

static void
test_the_file_is_followed(void **state UNUSED)
{
	const struct temp dir = temp_make();
	struct access_keys keys, written = {.list = (struct access_key[3]){{.revoked = false}}};
	struct arena a;
	struct why why;
	int64_t now_ms = 1;

	arena_init(&a);
	assert_true(access_keys_open(&keys, dir.dir, &why));
	written.list[written.count++] = key_of("a", "dbk_a");
	save(&dir, &a, &written);
	assert_true(access_keys_follow(&keys, now_ms, &why)); /* not yet looked at */
	assert_null(access_keys_find(&keys, "dbk_a", DAY));
	assert_true(access_keys_follow(&keys, now_ms += ACCESS_KEYS_CHECK_MS, &why));
	assert_non_null(access_keys_find(&keys, "dbk_a", DAY));
	const struct caller before = *access_keys_find(&keys, "dbk_a", DAY);
	/* A file that is broken changes nothing, and is told once. */
	file_write(temp_path(&dir, "keys.json").s, "{", 1);
	assert_false(access_keys_follow(&keys, now_ms += ACCESS_KEYS_CHECK_MS, &why));
	assert_non_null(strstr(why.text, "keys.json"));
	assert_non_null(access_keys_find(&keys, "dbk_a", DAY));
	assert_true(access_keys_follow(&keys, now_ms += ACCESS_KEYS_CHECK_MS, &why));
	/* Another scope under the same name is another caller: its streams end. */
	assert_true(access_keys_hold(&keys, &before, DAY));
	written.list[0].caller.within = code_of("JZ33");
	save(&dir, &a, &written);
	assert_true(access_keys_follow(&keys, now_ms += ACCESS_KEYS_CHECK_MS, &why));
	assert_false(access_keys_hold(&keys, &before, DAY));
	assert_int_equal(unlink(temp_path(&dir, "keys.json").s), 0);
	assert_true(access_keys_follow(&keys, now_ms += ACCESS_KEYS_CHECK_MS, &why));
	assert_null(access_keys_find(&keys, "dbk_a", DAY));
	access_keys_close(&keys);
	arena_fini(&a);
	temp_remove(&dir);
}

static void
test_a_wrong_file_is_told_with_what_is_wrong(void **state UNUSED)
{
	static const struct {
		const char *text, *why;
	} table[] = {
	    {"", "keys.json"},
	    {"[]", "{\"keys\":[..]}"},
	    {"{}", "{\"keys\":[..]}"},
	    {"{\"keys\":{}}", "{\"keys\":[..]}"},
	    {"{\"keys\":[1]}", "needs a name"},
	    {"{\"keys\":[{\"name\":\"a b\"}]}", "needs a name"},
	    {"{\"keys\":[{\"name\":\"a\"}]}", "is no role"},
	    {"{\"keys\":[{\"name\":\"a\",\"role\":\"KING\"}]}", "'KING' is no role"},
	    {"{\"keys\":[{\"name\":\"a\",\"role\":\"CHAIR\"}]}", "organisation"},
	    {"{\"keys\":[{\"name\":\"a\",\"role\":\"CHAIR\",\"organisation\":\"X\"}]}", "digest"},
	    {"{\"keys\":[{\"name\":\"a\",\"role\":\"CHAIR\",\"organisation\":\"X\",\"digest\":\"00\"}]}", "digest"},
	    {"{\"keys\":[{\"name\":\"a\",\"role\":\"CHAIR\",\"organisation\":\"X\",\"digest\":"
	     "\"0000000000000000000000000000000000000000000000000000000000000000\",\"validTo\":\"soon\"}]}",
	     "validTo"},
	    {"{\"keys\":[{\"name\":\"a\",\"role\":\"CHAIR\",\"organisation\":\"X\",\"digest\":"
	     "\"0000000000000000000000000000000000000000000000000000000000000000\",\"scopes\":[\"all\"]}]}",
	     "'all' is no scope"},
	};
	const struct temp dir = temp_make();
	struct access_keys keys;
	struct arena a;
	struct why why;

	arena_init(&a);
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		file_write(temp_path(&dir, "keys.json").s, table[i].text, strlen(table[i].text));
		assert_false(access_keys_open(&keys, dir.dir, &why));
		if (strstr(why.text, table[i].why) == NULL)
			fail_msg("%s: %s", table[i].text, why.text);
	}
	/* Twice the same name, twice the same token. */
	struct access_keys two = {.list = (struct access_key[]){key_of("a", "t1"), key_of("a", "t2")}, .count = 2};
	save(&dir, &a, &two);
	assert_false(access_keys_open(&keys, dir.dir, &why));
	assert_non_null(strstr(why.text, "twice"));
	two.list[1] = key_of("b", "t1");
	save(&dir, &a, &two);
	assert_false(access_keys_open(&keys, dir.dir, &why));
	arena_fini(&a);
	temp_remove(&dir);
}

static void
test_a_token_is_forty_seven_characters(void **state UNUSED)
{
	uint8_t random[ACCESS_TOKEN_BYTES];
	char token[ACCESS_TOKEN_LEN + 1];

	memset(random, 0xff, sizeof random);
	access_token(random, token);
	assert_string_equal(token, "dbk___________________________________________8");
	assert_int_equal(strlen(token), ACCESS_TOKEN_LEN);
}

/* ---- keys of CURVE ---- */

static struct access_key
pair_of(const char *name, struct curve_key *public)
{
	struct access_key key = key_of(name, "");
	struct curve_pair *pair = curve_pair_new();

	*public = pair->public;
	key.has_token = false;
	key.curves[0] = (struct access_curve){.public = pair->public, .from = CAL_NONE, .to = CAL_NONE};
	key.curve_count = 1;
	curve_pair_free(&pair);
	return key;
}

static void
test_two_keys_of_one_name_hold_beside_each_other(void **state UNUSED)
{
	const struct temp dir = temp_make();
	struct curve_key old, new;
	struct access_key key = pair_of("portal", &old), other = pair_of("x", &new);
	struct access_keys written = {.list = &key, .count = 1}, read;
	struct arena a;
	struct why why;

	arena_init(&a);
	key.curves[0].to = DAY + 7;
	key.curves[1] = (struct access_curve){.public = other.curves[0].public, .from = DAY, .to = CAL_NONE};
	key.curve_count = 2;
	save(&dir, &a, &written);
	assert_true(access_keys_open(&read, dir.dir, &why));
	assert_non_null(access_keys_find_curve(&read, &old, DAY - 1));
	assert_null(access_keys_find_curve(&read, &new, DAY - 1));
	assert_string_equal(access_keys_find_curve(&read, &old, DAY + 7)->name, "portal");
	assert_string_equal(access_keys_find_curve(&read, &new, DAY + 7)->name, "portal");
	assert_null(access_keys_find_curve(&read, &old, DAY + 8));
	assert_non_null(access_keys_find_curve(&read, &new, DAY + 8));
	/* Revoked by itself, or with its name. */
	read.list[0].curves[1].revoked = true;
	assert_null(access_keys_find_curve(&read, &new, DAY));
	assert_non_null(access_keys_find_curve(&read, &old, DAY));
	read.list[0].revoked = true;
	assert_null(access_keys_find_curve(&read, &old, DAY));
	/* No token: nobody has an empty one. */
	assert_null(access_keys_find(&read, "", DAY));
	access_keys_close(&read);
	arena_fini(&a);
	temp_remove(&dir);
}

static void
test_a_key_of_curve_stands_once_and_has_forty_characters(void **state UNUSED)
{
	static const char *const wrong[] = {
	    "[{\"public\":\"short\"}]",
	    "[{\"public\":"
	    "\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\""
	    "\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\"}]",
	    "[{\"public\":\"########################################\"}]", /* a number too large */
	    "[{}]",
	    "{}",
	    "[]",
	};
	const struct temp dir = temp_make();
	struct access_keys keys;
	struct curve_key one;
	struct arena a;
	struct why why;

	arena_init(&a);
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		const char *text = arena_printf(&a,
						"{\"keys\":[{\"name\":\"a\",\"role\":\"CHAIR\",\"organisation\":\"X\","
						"\"scopes\":[],\"curve\":%s}]}",
						wrong[i]);

		file_write(temp_path(&dir, "keys.json").s, text, strlen(text));
		assert_false(access_keys_open(&keys, dir.dir, &why));
		if (strstr(why.text, "curve") == NULL)
			fail_msg("%s: %s", wrong[i], why.text);
	}
	struct access_keys two = {.list = (struct access_key[]){pair_of("a", &one), pair_of("b", &one)}, .count = 2};
	save(&dir, &a, &two);
	assert_true(access_keys_open(&keys, dir.dir, &why));
	access_keys_close(&keys);
	two.list[1].curves[0] = two.list[0].curves[0];
	save(&dir, &a, &two);
	assert_false(access_keys_open(&keys, dir.dir, &why));
	assert_non_null(strstr(why.text, "twice"));
	arena_fini(&a);
	temp_remove(&dir);
}

static void
test_a_secret_that_others_can_read_is_refused(void **state UNUSED)
{
	const struct temp dir = temp_make();
	const struct temp_path path = temp_path(&dir, "secret");
	struct curve_pair *pair = curve_pair_new(), *read;
	static const struct {
		mode_t mode;
		bool good;
	} modes[] = {{0400, true},  {0600, true},  {0700, true}, {0440, true},
		     {0404, false}, {0420, false}, {0444, false}};
	struct why why;

	assert_true(curve_pair_write(pair, path.s));
	assert_false(curve_pair_write(pair, path.s)); /* never over another */
	for (size_t i = 0; i < COUNT_OF(modes); i++) {
		/* Readable for a group, as systemd and Kubernetes hand secrets over. */
		assert_int_equal(chmod(path.s, modes[i].mode), 0);
		read = curve_pair_read(path.s, &why);
		if ((read != NULL) != modes[i].good)
			fail_msg("%04o: %s", (unsigned)modes[i].mode, read == NULL ? why.text : "taken");
		if (read != NULL)
			assert_memory_equal(read->secret, pair->secret, CURVE_KEY_SIZE);
		curve_pair_free(&read);
	}
	assert_int_equal(chmod(path.s, 0400), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path.s, 12345, 0), 0);
		assert_null(curve_pair_read(path.s, &why));
		assert_non_null(strstr(why.text, "another user"));
	}
	assert_null(curve_pair_read(dir.dir, &why));
	assert_null(curve_pair_read("/nowhere/secret", &why));
	curve_pair_free(&pair);
	temp_remove(&dir);
}

static void
test_a_secret_file_that_does_not_fit_is_refused(void **state UNUSED)
{
	static const char *const wrong[] = {"", "public: x\nsecret: y\n", "secret: only\n"};
	const struct temp dir = temp_make();
	const struct temp_path path = temp_path(&dir, "secret");
	struct curve_pair *a = curve_pair_new(), *b = curve_pair_new();
	struct why why;

	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		file_write(path.s, wrong[i], strlen(wrong[i]));
		assert_int_equal(chmod(path.s, 0600), 0);
		assert_null(curve_pair_read(path.s, &why));
	}
	/* A public key of another pair. */
	assert_int_equal(unlink(path.s), 0);
	a->public = b->public;
	assert_true(curve_pair_write(a, path.s));
	assert_null(curve_pair_read(path.s, &why));
	assert_non_null(strstr(why.text, "that fit"));
	curve_pair_free(&a);
	curve_pair_free(&b);
	temp_remove(&dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_role_and_scope_must_both_allow_it),
	    cmocka_unit_test(test_an_unknown_role_may_nothing),
	    cmocka_unit_test(test_every_endpoint_asks_for_one_right),
	    cmocka_unit_test(test_a_source_is_its_own),
	    cmocka_unit_test(test_a_key_speaks_in_its_own_role),
	    cmocka_unit_test(test_of_the_services_signalling_alone_submits),
	    cmocka_unit_test(test_the_matrix_of_every_question_at_every_door),
	    cmocka_unit_test(test_services_read_the_journal_before_their_own),
	    cmocka_unit_test(test_signals_can_be_followed_by_whom_they_are_told),
	    cmocka_unit_test(test_what_is_submitted_is_judged_as_it_is_read),
	    cmocka_unit_test(test_two_keys_of_one_name_hold_beside_each_other),
	    cmocka_unit_test(test_a_key_of_curve_stands_once_and_has_forty_characters),
	    cmocka_unit_test(test_a_secret_that_others_can_read_is_refused),
	    cmocka_unit_test(test_a_secret_file_that_does_not_fit_is_refused),
	    cmocka_unit_test(test_scopes_are_read_and_written),
	    cmocka_unit_test(test_a_question_about_cases_gets_the_scope_as_a_condition),
	    cmocka_unit_test(test_a_question_that_cannot_be_narrowed_is_refused),
	    cmocka_unit_test(test_a_stream_is_held_within_a_topic),
	    cmocka_unit_test(test_signals_are_read_by_whom_they_were_told),
	    cmocka_unit_test(test_a_key_holds_on_its_days_until_it_is_revoked),
	    cmocka_unit_test(test_the_file_is_followed),
	    cmocka_unit_test(test_a_wrong_file_is_told_with_what_is_wrong),
	    cmocka_unit_test(test_a_token_is_forty_seven_characters),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
