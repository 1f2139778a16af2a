// SPDX-License-Identifier: EUPL-1.2
#include "common/submission_json.h"

#include "common/json_wire.h"
#include "common/web.h"

/* In the order of codes.proto; then those of json_wire.h. */
static const struct {
	const char *code, *title;
} titles[] = {
    {"MALFORMED", "Niet in de juiste vorm"},
    {"UNKNOWN_SOURCE", "Onbekende bron"},
    {"SENDER_NOT_ALLOWED", "Deze afzender mag dit niet melden"},
    {"ID_REUSED", "Dit kenmerk is al gebruikt voor een ander bericht"},
    {"FORBIDDEN_CONTENT", "Dit mag hier niet staan: een onbekend veld, of iets dat op een persoonsgegeven lijkt"},
    {"MISSING_FIELD", "Een verplicht veld ontbreekt"},
    {"UNKNOWN_CODE", "Deze code bestaat niet"},
    {"OCCURRED_IN_FUTURE", "Het moment ligt in de toekomst"},
    {"UNKNOWN_CASE", "Deze casus is er niet"},
    {"NOT_JSON", "Geen geldige JSON"},
    {"TOO_LARGE", "Te groot"},
    {"DUPLICATE", "Staat er twee keer"},
    {"UNKNOWN_FIELD", "Dit veld bestaat niet"},
    {"WRONG_TYPE", "Verkeerd soort waarde"},
    {"WRONG_VALUE", "Ongeldige waarde"},
};

const char *
submission_json_title(const char *code)
{
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		if (strcmp(titles[i].code, code) == 0)
			return titles[i].title;
	}
	return "";
}

/* ---- outcomes ---- */

static struct submission_outcome
problem(struct arena *a, int status, const char *code, const char *detail, const struct http_violation *violations,
	unsigned count)
{
	const struct bytes text = http_problem_text(a, status, code, detail, violations, count);

	return (struct submission_outcome){.status = status, .json = (const char *)text.data};
}

struct submission_outcome
submission_json_problem(struct arena *a, int status, const char *code, const char *detail)
{
	return problem(a, status, code, detail, NULL, 0);
}

static struct submission_outcome
unreadable(struct arena *a, const struct json_problems *ps)
{
	struct http_violation violations[JSON_PROBLEMS_MAX];

	for (unsigned i = 0; i < ps->count; i++)
		violations[i] = (struct http_violation){.field = ps->p[i].path,
							.code = ps->p[i].code,
							.title = submission_json_title(ps->p[i].code),
							.text = ps->p[i].text};
	return problem(a, 400, "malformed", "Dit is niet te lezen als melding. Per veld staat wat er mis is.",
		       violations, ps->count);
}

static struct submission_outcome
rejected(struct arena *a, const pb_RejectedReply *reply)
{
	struct http_violation violations[RECORD_VIOLATIONS_MAX];
	unsigned count = 0;

	for (; count < reply->n_violations && count < RECORD_VIOLATIONS_MAX; count++) {
		const pb_Violation *v = reply->violations[count];
		const char *code = record_code_of("Reason", (int)v->reason);
		/* Intake names the fields as the contract does. */
		violations[count] = (struct http_violation){.field = json_name(a, v->field),
							    .code = code,
							    .title = submission_json_title(code),
							    .text = v->text};
	}
	return problem(a, 422, "rejected",
		       "De melding is afgewezen; er is niets bewaard. Per veld staat wat er mis is.", violations,
		       count);
}

static struct submission_outcome
refused(struct arena *a, const pb_RefusedReply *reply)
{
	const struct web_refusal r = web_refusal_of((int)reply->reason);

	return submission_json_problem(a, r.status, r.code, r.detail);
}

struct submission_outcome
submission_json_outcome(struct arena *a, const pb_Reply *reply)
{
	switch (reply->body_case) {
	case DOORBRAAK__V1__REPLY__BODY_ACCEPTED:
		return (struct submission_outcome){.status = reply->accepted->duplicate ? 200 : 201,
						   .json = json_from_message(a, &reply->accepted->base)};
	case DOORBRAAK__V1__REPLY__BODY_REJECTED: return rejected(a, reply->rejected);
	case DOORBRAAK__V1__REPLY__BODY_REFUSED: return refused(a, reply->refused);
	default: assert_failed("intake answers a submission with one of the three above", __FILE__, __LINE__);
	}
}

struct submission_outcome
submission_json_answer(struct arena *a, const struct submission_batch *batch)
{
	const char *parts[2 * SUBMISSION_JSON_MAX + 1];
	unsigned count = 0;

	if (batch->one)
		return batch->items[0].outcome;
	for (unsigned i = 0; i < batch->count; i++) {
		const struct submission_outcome *o = &batch->items[i].outcome;

		ASSERT(o->status != 0);
		parts[count++] =
		    arena_printf(a, "%s{\"index\":%u,\"status\":%d,", i == 0 ? "{\"results\":[" : ",", i, o->status);
		/* An AcceptedReply has a seq: it is never {}. */
		parts[count++] = o->status < 300 ? o->json + 1 : arena_printf(a, "\"problem\":%s}", o->json);
	}
	parts[count++] = "]}";
	return (struct submission_outcome){.status = 200, .json = arena_join(a, parts, count)};
}

/* ---- reading ---- */

/* RFC draft on Idempotency-Key: a text in quotes; without them it is understood, too. */
static const char *
unquoted(struct arena *a, const char *key)
{
	const size_t len = strlen(key);

	return len >= 2 && key[0] == '"' && key[len - 1] == '"' ? arena_str(a, bytes_of(key + 1, len - 2)) : key;
}

static void
read_item(struct arena *a, const struct tree *tree, const char *key, struct submission_item *item)
{
	struct json_problems ps = {.count = 0};
	pb_Submission *submission;

	*item = (struct submission_item){.source = ""};
	if (!json_fill(a, &pb_Submission_descriptor, tree, (ProtobufCMessage **)&submission, &ps)) {
		item->outcome = unreadable(a, &ps);
		return;
	}
	if (key != NULL && submission->id[0] == '\0')
		submission->id = record_text(a, key);
	if (key != NULL && strcmp(submission->id, key) != 0)
		item->outcome =
		    submission_json_problem(a, 400, "idempotency_key_differs",
					    "Idempotency-Key en id van de melding verschillen. Laat een van "
					    "beide weg, of maak ze gelijk.");
	item->source = submission->source;
	item->role = submission->actor == NULL ? 0 : (int)submission->actor->role;
	item->kind = (int)submission->body_case;
	item->packed = RECORD_PACK(a, submission);
}

/* The list of `{"submissions": [..]}`; NULL for anything else. */
static const struct tree *
list_of(const struct tree *root)
{
	const struct tree *list = tree_get(root, "submissions");

	return list != NULL && root->first == list && list->next == NULL && list->kind == TREE_LIST ? list : NULL;
}

static struct submission_outcome
read_list(struct arena *a, const struct tree *list, struct submission_batch *batch)
{
	unsigned count = 0;

	for (const struct tree *node = list->first; node != NULL; node = node->next)
		count++;
	if (count == 0 || count > SUBMISSION_JSON_MAX)
		return submission_json_problem(
		    a, 400, "wrong_count",
		    arena_printf(a, "Stuur 1 tot en met %d meldingen tegelijk.", SUBMISSION_JSON_MAX));
	batch->items = ARENA_ARRAY(a, struct submission_item, count);
	for (const struct tree *node = list->first; node != NULL; node = node->next)
		read_item(a, node, NULL, &batch->items[batch->count++]);
	return (struct submission_outcome){0};
}

struct submission_outcome
submission_json_read(struct arena *a, struct bytes body, const char *key, struct submission_batch *batch)
{
	struct json_problems ps = {.count = 0};
	const struct tree *root = json_parse(a, body, &ps);

	*batch = (struct submission_batch){0};
	if (root == NULL)
		return unreadable(a, &ps);
	if (tree_get(root, "submissions") == NULL) {
		batch->one = true;
		batch->count = 1;
		batch->items = ARENA_NEW(a, struct submission_item);
		read_item(a, root, key == NULL ? NULL : unquoted(a, key), batch->items);
		return (struct submission_outcome){0};
	}
	const struct tree *list = list_of(root);

	if (list == NULL)
		return submission_json_problem(a, 400, "malformed",
					       "Naast submissions mag er niets staan, en het is een lijst: "
					       "{\"submissions\": [..]}.");
	if (key != NULL)
		return submission_json_problem(
		    a, 400, "idempotency_key_with_batch",
		    "Idempotency-Key hoort bij een enkele melding. Geef in een lijst elke melding "
		    "een eigen id.");
	return read_list(a, list, batch);
}
