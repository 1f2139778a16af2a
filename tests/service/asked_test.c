// SPDX-License-Identifier: EUPL-1.2
/* Monitoring is asked over a small history: indicators, the registry and the policy, as /v1/indicators, /v1/registry and
 * /v1/policies show them, to the last character. */
#include "tests/service/counted.h"

#include "common/json_wire.h"

/* The answer as JSON, or why there is none. */
static const char *
ask(struct bench *b, const pb_Request *request)
{
	struct store_txn *txn = store_begin_read(node_store(b->node));
	struct why why = {{0}};
	pb_Reply reply;
	const char *said;

	pb_Reply_init(&reply);
	if (monitoring_service.ask(node_self(b->node), txn, request, b->now_ms, &reply, &why))
		said = json_from_message(
		    &b->arena, request->body_case == DOORBRAAK__V1__REQUEST__BODY_INDICATORS ? &reply.indicators->base
			       : request->body_case == DOORBRAAK__V1__REQUEST__BODY_REGISTRY ? &reply.registry->base
											     : &reply.policy->base);
	else
		said = arena_printf(&b->arena, "%s", why.text);
	store_abort(txn);
	return said;
}

static const char *
indicators_of(struct bench *b, char *code, char *subject, char *from, char *to)
{
	pb_IndicatorsRequest asked;
	pb_Request request;

	pb_Request_init(&request);
	pb_IndicatorsRequest_init(&asked);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_INDICATORS;
	request.indicators = &asked;
	asked.codes = &code;
	asked.n_codes = 1;
	asked.subject_id = subject;
	asked.period_from = from;
	asked.period_to = to;
	return ask(b, &request);
}

static const char *
registry_of(struct bench *b, char *date, char *region)
{
	pb_RegistryRequest asked;
	pb_Request request;

	pb_Request_init(&request);
	pb_RegistryRequest_init(&asked);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_REGISTRY;
	request.registry = &asked;
	asked.date = date;
	asked.region = region;
	return ask(b, &request);
}

static const char *
policy_of(struct bench *b, char *date, char *region, char *scope)
{
	pb_PolicyRequest asked;
	pb_Request request;

	pb_Request_init(&request);
	pb_PolicyRequest_init(&asked);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_POLICY;
	request.policy = &asked;
	asked.date = date;
	asked.region = region;
	asked.scope = scope;
	return ask(b, &request);
}

static void
adopt(struct bench *b, const char *what, const char *fields)
{
	bench_take(b, bench_say(b, "", what, "ADMINISTRATOR@NAT-VWS", fields), false, 0);
}

#define K3                                                                                                             \
	"\"definitions\":[{\"code\":\"K3\",\"name\":\"Teruggestuurd\","                                                \
	"\"formula\":\"screeningen met besluit terugsturen / alle screeningen\",\"source\":\"R17, R18; s4 5.7\"}]}"
#define VERSIONS "\"policyVersion\":\"1.0.0\",\"registryVersion\":\"1.0.0\"}"

/* One of two screenings is returned in the first quarter; in the second, which goes on, none of one. */
static void
indicators_by_period(void **state UNUSED)
{
	struct bench b;

	counted_open(&b, "{key: P26, value: 0}");
	counted_case(&b, "case-1");
	counted_step(&b, "case-1", "ScreeningDecided CHAIR@ET-JZ91", "{decision: RETURN}");
	counted_step(&b, "case-1", "ScreeningDecided CHAIR@ET-JZ91", "{decision: ACCEPT_PROCESS}");
	bench_at(&b, "2021-05-03T09:00");
	counted_case(&b, "case-2");
	counted_step(&b, "case-2", "ScreeningDecided CHAIR@ET-JZ91", "{decision: ACCEPT_PROCESS}");
	assert_string_equal(indicators_of(&b, "K3", "JZ91", "2021-01-01", "2021-06-30"),
			    "{\"subjectId\":\"JZ91\",\"closing\":\"2021-05-03T07:00:00Z\",\"periods\":["
			    "{\"periodFrom\":\"2021-01-01\",\"periodTo\":\"2021-03-31\","
			    "\"indicators\":[{\"code\":\"K3\",\"numerator\":1,\"denominator\":2}]," VERSIONS ","
			    "{\"periodFrom\":\"2021-04-01\",\"periodTo\":\"2021-06-30\","
			    "\"indicators\":[{\"code\":\"K3\",\"denominator\":1}]," VERSIONS "]," K3);
	assert_string_equal(indicators_of(&b, "K3", "JZ94", "2021-01-01", "2021-03-31"),
			    "{\"subjectId\":\"JZ94\",\"closing\":\"2021-05-03T07:00:00Z\",\"periods\":["
			    "{\"periodFrom\":\"2021-01-01\",\"periodTo\":\"2021-03-31\","
			    "\"indicators\":[{\"code\":\"K3\"}]," VERSIONS "]," K3);
	assert_string_equal(indicators_of(&b, "K29", "", "2021-01-01", "2021-03-31"),
			    "codes: write K1 to K28, as in docs/indicators.md");
	assert_non_null(strstr(indicators_of(&b, "K3", "JZ77", "2021-01-01", "2021-03-31"), "does not know JZ77"));
	assert_non_null(strstr(indicators_of(&b, "K3", "", "2021-01-02", "2021-03-31"), "first and last day"));
	bench_close(&b);
}

#define ADOPTED(seq, version, from)                                                                                    \
	"{\"seq\":\"" seq "\",\"adoptedOn\":\"2021-03-01\",\"version\":\"" version "\",\"validFrom\":\"" from "\""
#define FIRST  ADOPTED("1", "1.0.0", "2016-01-01") ",\"rows\":6"
#define SECOND ADOPTED("3", "1.1.0", "2021-04-01") ",\"rows\":4"
#define HOLDS  ",\"inForce\":true}"

/* From April JZ92 has a team of its own. */
static void
the_registry_of_a_day(void **state UNUSED)
{
	struct bench b;

	counted_open(&b, "{key: P26, value: 0}");
	adopt(&b, "RegistryAdopted",
	      "{version: 1.1.0, valid_from: 2021-04-01, rows: ["
	      "{row: MUNICIPALITY, municipality: GM9902, region: JZ92},"
	      "{row: REGION, region: JZ92, expertise_centre: EC-WEST, expert_team: ET-JZ92},"
	      "{row: EXPERT_TEAM, region: JZ92, organisation: ET-JZ92, functions: [LEARNING]},"
	      "{row: FEATURE, region: JZ92, feature: CONSULTATION}]}");
	assert_string_equal(registry_of(&b, "2021-03-31", "JZ92"),
			    "{\"date\":\"2021-03-31\",\"version\":\"1.0.0\",\"regions\":["
			    "{\"region\":\"JZ92\",\"team\":\"ET-JZ91\",\"expertiseCentre\":\"EC-OOST\"}],"
			    "\"adoptions\":[" SECOND "}," FIRST HOLDS "]}");
	assert_string_equal(registry_of(&b, "2021-04-01", "JZ92"),
			    "{\"date\":\"2021-04-01\",\"version\":\"1.1.0\",\"regions\":["
			    "{\"region\":\"JZ92\",\"team\":\"ET-JZ92\",\"expertiseCentre\":\"EC-WEST\","
			    "\"functions\":[\"TEAM_FUNCTION_LEARNING\"],\"features\":[\"ASK_CONSULTATION\"],"
			    "\"municipalities\":[\"GM9902\"]}],\"adoptions\":[" SECOND HOLDS "," FIRST HOLDS "]}");
	assert_string_equal(registry_of(&b, "2015-12-31", ""),
			    "{\"date\":\"2015-12-31\",\"adoptions\":[" SECOND "}," FIRST "}]}");
	assert_string_equal(registry_of(&b, "2021-02-30", ""), "date is no date: write YYYY-MM-DD");
	bench_close(&b);
}

#define OF_2016 ADOPTED("2", "1.0.0", "2016-01-01")
#define OF_2021 ADOPTED("3", "1.1.0", "2021-04-01") ",\"rows\":1"
#define OF_JZ91 ADOPTED("4", "1.2.0", "2021-04-01") ",\"region\":\"JZ91\""

/* From April the country shows no cell below 10, and JZ91 none below 20. */
static void
the_policy_of_a_day_and_region(void **state UNUSED)
{
	struct bench b;

	counted_open(&b, "{key: P26, value: 5}");
	adopt(&b, "PolicyAdopted",
	      "{version: 1.1.0, valid_from: 2021-04-01, values: [{key: P26, value: 10}], tables: {"
	      "terms: [{key: P26, unit: count, meaning: smallest cell}], "
	      "tables: [{scope: triage, event: CaseSubmitted, blocks: [{rows: [{rule: R1}]}]}]}}");
	adopt(&b, "PolicyAdopted",
	      "{version: 1.2.0, valid_from: 2021-04-01, region: JZ91, values: [{key: P26, value: 20}]}");
	assert_string_equal(policy_of(&b, "2021-03-31", "", ""),
			    "{\"date\":\"2021-03-31\",\"version\":\"1.0.0\","
			    "\"hash\":\"623Wlqzdja2IOVZAZ3/DNkwyHanFB457DVCCdNc3/ag=\","
			    "\"values\":[{\"key\":\"P26\",\"value\":5}],"
			    "\"adoptions\":[" OF_JZ91 "}," OF_2021 "}," OF_2016 HOLDS "]}");
	assert_string_equal(policy_of(&b, "2021-04-01", "", "triage"),
			    "{\"date\":\"2021-04-01\",\"version\":\"1.1.0\","
			    "\"hash\":\"pT5v6UGS2bUdU39vG5dptV3wB8FEHe7+zfbqkYaYOaE=\",\"values\":["
			    "{\"key\":\"P26\",\"value\":10,\"unit\":\"count\",\"meaning\":\"smallest cell\"}],"
			    "\"tables\":[{\"scope\":\"triage\",\"event\":\"CaseSubmitted\",\"rows\":1}],"
			    "\"rows\":[{\"scope\":\"triage\",\"event\":\"CaseSubmitted\","
			    "\"blocks\":[{\"rows\":[{\"rule\":\"R1\"}]}]}],"
			    "\"adoptions\":[" OF_JZ91 "}," OF_2021 HOLDS "," OF_2016 "}]}");
	assert_string_equal(policy_of(&b, "2021-04-01", "JZ91", ""),
			    "{\"date\":\"2021-04-01\",\"version\":\"1.1.0+JZ91-1.2.0\","
			    "\"hash\":\"5tECVmohqXynFexNkesTMxOJupqQNSm9h/uTuHLwOJ0=\",\"values\":["
			    "{\"key\":\"P26\",\"value\":20,\"unit\":\"count\",\"meaning\":\"smallest cell\"}],"
			    "\"tables\":[{\"scope\":\"triage\",\"event\":\"CaseSubmitted\",\"rows\":1}],"
			    "\"adoptions\":[" OF_JZ91 HOLDS "," OF_2021 HOLDS "," OF_2016 "}]}");
	assert_string_equal(policy_of(&b, "2015-12-31", "", ""),
			    "{\"date\":\"2015-12-31\",\"adoptions\":[" OF_JZ91 "}," OF_2021 "}," OF_2016 "}]}");
	assert_string_equal(policy_of(&b, "", "", "all"), "scope is one of accept, effects, triage, signals");
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(indicators_by_period),
	    cmocka_unit_test(the_registry_of_a_day),
	    cmocka_unit_test(the_policy_of_a_day_and_region),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
