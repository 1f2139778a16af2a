// SPDX-License-Identifier: EUPL-1.2
#include "common/gate.h"

#include <stdlib.h>

#define NO_KEY_MS 1000 /* those without a key that holds are summed up for so long */

/* Something to be told when what it shows is written down. */
struct held {
	struct held *next;
	struct peer to;
	struct bytes message;
	uint64_t request_id;
};

/* Something to be written down. */
struct noted {
	struct noted *next;
	struct access_note note;
};

struct gate {
	struct gate_options options;
	struct access_keys keys;
	struct access_log *log;
	bool own_log;
	bool changed;
	struct why why;
	struct node_now now;
	cal_day today;
	struct arena arena; /* of a turn */
	struct held *held, **held_last;
	struct noted *noted, **noted_last;
	char (*readers)[ACCESS_NAME_MAX + 1]; /* of whole journals, today, as written down */
	unsigned reader_count, reader_room;
	uint64_t no_key; /* not yet written down */
	uint64_t turned_away;
	int64_t no_key_ms;
	struct gate_figures figures;
};

/* ---- who ---- */

static const struct caller *
caller_of(const struct gate *gate, const struct peer *peer)
{
	return peer->has_key ? access_keys_find_curve(&gate->keys, &peer->key, gate->today) : NULL;
}

bool
gate_may_enter(void *ctx, enum transport_entrance at, const struct curve_key *key)
{
	const struct gate *gate = ctx;
	const struct caller *caller = access_keys_find_curve(&gate->keys, key, gate->today);

	return caller != NULL && (at == TRANSPORT_AT_DOOR || access_may_follow_stream(caller));
}

void
gate_turned_away(struct gate *gate, uint64_t connections)
{
	gate->no_key += connections - gate->turned_away;
	gate->turned_away = connections;
}

unsigned
gate_servers(const struct gate *gate, int service, struct curve_key out[CURVE_SERVERS_MAX])
{
	return access_keys_of_service(&gate->keys, service, gate->today, out, CURVE_SERVERS_MAX);
}

bool
gate_knows_us(const struct gate *gate, const struct curve_key *own, struct why *why)
{
	const struct caller *caller = access_keys_find_curve(&gate->keys, own, gate->today);

	if (caller != NULL && caller->service == gate->options.service)
		return true;
	why_set(why,
		"%s: our own key does not stand there as that of this service, or does not hold today: was `secret` "
		"made with "
		"`doorbraak keys init` or `keys rotate` for this list?",
		gate->keys.path);
	return false;
}

/* ---- what is written down ---- */

static void
note(struct gate *gate, const struct caller *caller, const char *question, int outcome, char **case_ids, size_t count)
{
	struct noted *n = ARENA_NEW(&gate->arena, struct noted);

	n->note = (struct access_note){
	    .caller = *caller,
	    .service = gate->options.service,
	    .path = arena_printf(&gate->arena, "questions/%s", question),
	    .purpose = caller->is_operator ? ACCESS_PURPOSE_OPERATION : ACCESS_PURPOSE_CARE,
	    .outcome = outcome,
	    .case_ids = case_ids,
	    .case_count = count,
	    .wall_ms = gate->now.wall_ms,
	};
	n->next = NULL;
	*gate->noted_last = n;
	gate->noted_last = &n->next;
}

static void
hold(struct gate *gate, const struct peer *to, uint64_t request_id, struct bytes message)
{
	struct held *h = ARENA_NEW(&gate->arena, struct held);

	*h = (struct held){.to = *to, .message = arena_copy(&gate->arena, message), .request_id = request_id};
	*gate->held_last = h;
	gate->held_last = &h->next;
}

static struct bytes
refusal(struct gate *gate, uint64_t request_id, int reason, const char *text, uint32_t retry_ms)
{
	pb_RefusedReply refused;
	pb_Reply reply;

	pb_RefusedReply_init(&refused);
	pb_Reply_init(&reply);
	refused.reason = (Doorbraak__V1__RefusedReason)reason;
	refused.text = record_text(&gate->arena, text);
	refused.retry_after_ms = retry_ms;
	reply.request_id = request_id;
	reply.body_case = DOORBRAAK__V1__REPLY__BODY_REFUSED;
	reply.refused = &refused;
	return RECORD_PACK(&gate->arena, &reply);
}

static const char *
name_of(const ProtobufCMessageDescriptor *d, int body_case)
{
	const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(d, (unsigned)body_case);

	return f == NULL ? "" : f->name;
}

/* ---- questions ---- */

static void
refuse_key(struct gate *gate, const struct peer *from, uint64_t request_id)
{
	gate->no_key++;
	gate->figures.no_key++;
	hold(gate, from, request_id,
	     refusal(gate, request_id, REFUSED_REASON_NOT_ALLOWED,
		     "this key is not in the list, or does not hold today; ask the operator for one that does", 0));
}

/* What is not there for the caller: the one case that it asked for, if so. */
static void
tell_nothing(struct gate *gate, const struct peer *from, const struct caller *caller, const pb_Request *request)
{
	note(gate, caller, name_of(&pb_Request_descriptor, (int)request->body_case), ACCESS_OUTCOME_NOTHING_THERE, NULL,
	     0);
	hold(gate, from, request->request_id, RECORD_PACK(&gate->arena, access_nothing(&gate->arena, request)));
}

static void
refuse_question(struct gate *gate, const struct peer *from, const struct caller *caller, const pb_Request *request)
{
	gate->figures.refused++;
	note(gate, caller, name_of(&pb_Request_descriptor, (int)request->body_case), ACCESS_OUTCOME_REFUSED, NULL, 0);
	hold(gate, from, request->request_id,
	     refusal(gate, request->request_id, REFUSED_REASON_NOT_ALLOWED,
		     "role and scopes of this key do not allow this question, source or role; `doorbraak keys list` "
		     "says what "
		     "they do allow",
		     0));
}

void
gate_take(struct gate *gate, const struct peer *from, struct bytes message)
{
	const struct caller *caller = caller_of(gate, from);
	struct why why;
	pb_Request *request = record_unpack(&gate->arena, &pb_Request_descriptor, message, RECORD_REQUEST_MAX, &why);

	if (caller == NULL) {
		refuse_key(gate, from, request == NULL ? 0 : request->request_id);
		return;
	}
	/* What cannot be read tells nothing; the node refuses it with words. */
	if (request == NULL) {
		gate->options.take(gate->options.ctx, from, message);
		return;
	}
	switch (access_judge(caller, gate->options.service, request, &gate->arena)) {
	case ACCESS_ASK: gate->options.take(gate->options.ctx, from, RECORD_PACK(&gate->arena, request)); return;
	case ACCESS_NOTHING: tell_nothing(gate, from, caller, request); return;
	case ACCESS_REFUSED: refuse_question(gate, from, caller, request); return;
	}
}

/* ---- answers ---- */

struct shown {
	struct arena *arena;
	char **ids;
	size_t count, room;
};

static void
show(struct shown *s, const char *id)
{
	if (id[0] == '\0' || (s->count > 0 && strcmp(s->ids[s->count - 1], id) == 0))
		return;
	if (s->count == s->room) {
		char **more = ARENA_ARRAY(s->arena, char *, 2 * s->room + 16);

		if (s->count > 0)
			memcpy(more, s->ids, s->count * sizeof(char *));
		s->ids = more;
		s->room = 2 * s->room + 16;
	}
	s->ids[s->count++] = record_text(s->arena, id);
}

/* Every `case_id`, however deep; signals name their case as subject. */
static void
show_all(struct shown *s, const ProtobufCMessage *m)
{
	const ProtobufCMessageDescriptor *d = m->descriptor;

	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		const char *at = (const char *)m + f->offset;
		const bool many = f->label == PROTOBUF_C_LABEL_REPEATED;
		const unsigned *which = (const unsigned *)(const void *)((const char *)m + f->quantifier_offset);
		const size_t count = many ? *(const size_t *)(const void *)which : 1;

		if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 && *which != f->id)
			continue;
		if (f->type == PROTOBUF_C_TYPE_STRING && !many &&
		    (strcmp(f->name, "case_id") == 0 ||
		     (strcmp(f->name, "subject_id") == 0 && strncmp(*(char *const *)(const void *)at, "c-", 2) == 0)))
			show(s, *(char *const *)(const void *)at);
		if (f->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		const ProtobufCMessage *const *list = many ? *(const ProtobufCMessage *const *const *)(const void *)at
							   : (const ProtobufCMessage *const *)(const void *)at;
		for (size_t j = 0; j < count; j++) {
			if (list[j] != NULL)
				show_all(s, list[j]);
		}
	}
}

static void
show_entries(struct shown *s, const pb_PullReply *pull)
{
	struct record record;
	struct why why;

	for (size_t i = 0; i < pull->n_entries; i++) {
		const struct bytes raw = bytes_of(pull->entries[i]->record.data, pull->entries[i]->record.len);

		if (record_read(s->arena, raw, &record, &why))
			show_all(s, &record.journal->base);
	}
}

static bool
is_new_reader(struct gate *gate, const struct caller *caller)
{
	for (unsigned i = 0; i < gate->reader_count; i++) {
		if (strcmp(gate->readers[i], caller->name) == 0)
			return false;
	}
	if (gate->reader_count == gate->reader_room) {
		gate->reader_room = 2 * gate->reader_room + 8;
		gate->readers = realloc(gate->readers, gate->reader_room * sizeof(*gate->readers));
		if (gate->readers == NULL)
			fatal("out of memory: readers");
	}
	memcpy(gate->readers[gate->reader_count++], caller->name, sizeof(*gate->readers));
	return true;
}

/* Is it to be written down that the caller is told this? */
static bool
note_reply(struct gate *gate, const struct caller *caller, const pb_Reply *reply)
{
	struct shown s = {.arena = &gate->arena};
	const bool is_pull = reply->body_case == DOORBRAAK__V1__REPLY__BODY_PULL;

	switch (reply->body_case) {
	case DOORBRAAK__V1__REPLY__BODY_PULL:
		if (reply->pull->n_entries + reply->pull->n_snapshot == 0)
			return false;
		if (access_may(caller, ACCESS_JOURNALS) && !is_new_reader(gate, caller))
			return false;
		break;
	case DOORBRAAK__V1__REPLY__BODY_CASES:
	case DOORBRAAK__V1__REPLY__BODY_STORY:
	case DOORBRAAK__V1__REPLY__BODY_OVERVIEW:
	case DOORBRAAK__V1__REPLY__BODY_DEADLINES:
	case DOORBRAAK__V1__REPLY__BODY_SIGNALS: break;
	default: return false;
	}
	if (!is_pull || !access_may(caller, ACCESS_JOURNALS))
		show_all(&s, &reply->base);
	if (is_pull && !access_may(caller, ACCESS_JOURNALS))
		show_entries(&s, reply->pull);
	note(gate, caller, name_of(&pb_Reply_descriptor, (int)reply->body_case), ACCESS_OUTCOME_ANSWERED, s.ids,
	     s.count);
	return true;
}

void
gate_reply(struct gate *gate, const struct peer *to, struct bytes message)
{
	const struct caller *caller = caller_of(gate, to);
	const bool row = caller != NULL && caller->service != 0;
	struct why why;

	if (row) {
		gate->options.reply(gate->options.ctx, to, message);
		return;
	}
	const pb_Reply *reply = record_unpack(&gate->arena, &pb_Reply_descriptor, message, RECORD_REPLY_MAX, &why);
	if (reply == NULL)
		fatal("gate: an own reply cannot be read: %s", why.text);
	if (caller == NULL)
		refuse_key(gate, to, reply->request_id); /* it held when it asked */
	else if (note_reply(gate, caller, reply))
		hold(gate, to, reply->request_id, message);
	else
		gate->options.reply(gate->options.ctx, to, message);
}

/* ---- the turn ---- */

static void
follow_keys(struct gate *gate)
{
	const cal_day today = cal_local_day(gate->now.wall_ms);
	const struct stat seen = gate->keys.seen;

	if (access_keys_follow(&gate->keys, gate->now.steady_ms, &gate->why)) {
		const bool read = memcmp(&seen, &gate->keys.seen, sizeof(seen)) != 0;

		gate->changed = gate->changed || read;
		if (read)
			gate->why.text[0] = '\0';
	}
	if (today != gate->today) {
		gate->changed = true;
		gate->reader_count = 0;
	}
	gate->today = today;
}

/* Those are many when somebody knocks on all doors: summed up. */
static void
note_no_key(struct gate *gate)
{
	if (gate->no_key == 0 || gate->now.steady_ms - gate->no_key_ms < NO_KEY_MS)
		return;
	const struct access_note n = {
	    .service = gate->options.service,
	    .path = "",
	    .outcome = ACCESS_OUTCOME_NO_TOKEN,
	    .times = gate->no_key > UINT32_MAX ? UINT32_MAX : (uint32_t)gate->no_key,
	    .wall_ms = gate->now.wall_ms,
	};

	access_log_note(gate->log, &gate->arena, &n);
	gate->no_key = 0;
	gate->no_key_ms = gate->now.steady_ms;
}

enum err
gate_turn(struct gate *gate, struct node_now now)
{
	gate->now = now;
	follow_keys(gate);
	for (const struct noted *n = gate->noted; n != NULL; n = n->next)
		access_log_note(gate->log, &gate->arena, &n->note);
	note_no_key(gate);
	const enum err err = access_log_commit(gate->log);

	if (err != ERR_NONE && err != ERR_STORE_FULL)
		return err;
	for (const struct held *h = gate->held; h != NULL; h = h->next) {
		const struct bytes message =
		    err == ERR_NONE ? h->message
				    : refusal(gate, h->request_id, REFUSED_REASON_DISK_LOW,
					      "who looks cannot be written down now: try again later", 1000);

		gate->options.reply(gate->options.ctx, &h->to, message);
	}
	gate->held = NULL;
	gate->held_last = &gate->held;
	gate->noted = NULL;
	gate->noted_last = &gate->noted;
	arena_reset(&gate->arena);
	return ERR_NONE;
}

bool
gate_has_changed(struct gate *gate)
{
	const bool changed = gate->changed;

	gate->changed = false;
	return changed;
}

/* ---- open and close ---- */

enum err
gate_open(struct gate **out, const struct gate_options *options, struct why *why)
{
	struct gate *gate = calloc(1, sizeof(*gate));

	if (gate == NULL)
		fatal("out of memory");
	gate->options = *options;
	gate->now = options->now;
	gate->today = cal_local_day(options->now.wall_ms);
	gate->held_last = &gate->held;
	gate->noted_last = &gate->noted;
	arena_init(&gate->arena);
	*out = gate;
	if (access_keys_open(&gate->keys, options->keys_dir, why))
		return ERR_NONE;
	gate_close(out);
	return ERR_REFUSED;
}

enum err
gate_log(struct gate *gate, struct access_log *shared, const char *dir, size_t map_bytes, struct why *why)
{
	gate->log = shared;
	gate->own_log = shared == NULL;
	return gate->own_log ? access_log_open(&gate->log, dir, map_bytes, why) : ERR_NONE;
}

void
gate_close(struct gate **out)
{
	struct gate *gate = *out;

	*out = NULL;
	if (gate == NULL)
		return;
	if (gate->own_log)
		access_log_close(&gate->log);
	access_keys_close(&gate->keys);
	arena_fini(&gate->arena);
	free(gate->readers);
	free(gate);
}

const char *
gate_why(const struct gate *gate)
{
	return gate->why.text;
}

struct access_log *
gate_access_log(struct gate *gate)
{
	return gate == NULL ? NULL : gate->log;
}

struct gate_figures
gate_figures(const struct gate *gate)
{
	return gate->figures;
}
