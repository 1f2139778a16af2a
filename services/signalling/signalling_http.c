// SPDX-License-Identifier: EUPL-1.2
/* signalling_http.c - what signalling answers over HTTP. */
#include "common/web.h"

static void
ask_signals(struct web_call *call)
{
	pb_Request request;

	pb_Request_init(&request);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SIGNALS;
	request.signals = web_question(call, &pb_SignalsRequest_descriptor, "");
	if (request.signals != NULL)
		web_ask(call, &request);
}

static void
tell_signals(struct web_call *call, const pb_Reply *const *replies, unsigned count)
{
	const pb_SignalsReply *page = replies[0]->signals;
	const ProtobufCMessage **views = ARENA_ARRAY(web_arena(call), const ProtobufCMessage *, page->n_signals + 1);

	(void)count;
	for (size_t i = 0; i < page->n_signals; i++) {
		views[i] = &page->signals[i]->base;
		if (page->signals[i]->subject == DOORBRAAK__V1__SIGNAL_SUBJECT__SIGNAL_SUBJECT_CASE)
			web_saw(call, page->signals[i]->subject_id);
	}
	web_say_page(call, "signals", views, page->n_signals, page->next);
}

static void
ask_subscriptions(struct web_call *call)
{
	pb_Request request;

	pb_Request_init(&request);
	request.body_case = DOORBRAAK__V1__REQUEST__BODY_SUBSCRIPTIONS;
	request.subscriptions = web_question(call, &pb_SubscriptionsRequest_descriptor, "");
	if (request.subscriptions != NULL)
		web_ask(call, &request);
}

static void
tell_subscriptions(struct web_call *call, const pb_Reply *const *replies, unsigned count)
{
	const pb_SubscriptionsReply *all = replies[0]->subscriptions;
	const ProtobufCMessage **views =
	    ARENA_ARRAY(web_arena(call), const ProtobufCMessage *, all->n_subscriptions + 1);

	(void)count;
	for (size_t i = 0; i < all->n_subscriptions; i++)
		views[i] = &all->subscriptions[i]->base;
	web_say_page(call, "subscriptions", views, all->n_subscriptions, "");
}

/* The whole answer: date, basis and case stand beside what it says. */
static void
signal_event(struct arena *a, const pb_Answer *answer, const char **name, const char **json, const char **case_id)
{
	*name = answer->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_RAISED    ? "signal-raised"
		: answer->body_case == DOORBRAAK__V1__ANSWER__BODY_SIGNAL_UPDATED ? "signal-updated"
										  : "signal-cleared";
	*json = json_from_message(a, &answer->base);
	*case_id = answer->case_id;
}

static const struct web_feed signals = {.kinds = "signal/S*", .event = signal_event};

const struct web_endpoint signalling_endpoints[] = {
    {
	.path = "/v1/signals",
	.methods = HTTP_METHOD_GET,
	.query = "addressee organisation code subject subjectId region unacknowledged limit pageToken",
	.right = ACCESS_SIGNALS,
	.ask = ask_signals,
	.tell = tell_signals,
    },
    {
	.path = "/v1/signals/stream",
	.methods = HTTP_METHOD_GET,
	.query = WEB_FEED_QUERY,
	.right = ACCESS_SIGNALS,
	.feed = &signals,
    },
    {
	.path = "/v1/subscriptions",
	.methods = HTTP_METHOD_GET,
	.query = "",
	.right = ACCESS_SUBSCRIPTIONS,
	.ask = ask_subscriptions,
	.tell = tell_subscriptions,
    },
    {.path = NULL},
};
