// SPDX-License-Identifier: EUPL-1.2
#include "common/guard.h"

#include <stdio.h>

#include "common/service.h"

#define TELL_MS 1000 /* those who were turned away are summed up for so long */

/* The service whose journal is read; 0: none. */
static int
upstream_of(const struct service *service)
{
	for (unsigned i = 1; i < SERVICE_COUNT; i++) {
		if (service_of_row(i) == service)
			return service_of_row(i - 1)->id;
	}
	return 0;
}

static bool
find_line(struct guard *g, struct curve_line *line, int service, const char *key, struct why *why)
{
	line->own = g->own;
	line->count = gate_servers(g->gate, service, line->servers);
	if (line->count > 0)
		return true;
	why_set(
	    why,
	    "%s/%s: no key of the service at `%s` holds today: it stands there with scope service:NAME; see `doorbraak "
	    "keys list`",
	    g->config->keys, ACCESS_KEYS_FILE, key);
	return false;
}

bool
guard_open(struct guard *g, const struct gate_options *options, struct why *why)
{
	if (g->config->secret[0] == '\0')
		return true;
	g->own = curve_pair_read(g->config->secret, why);
	if (g->own == NULL || gate_open(&g->gate, options, why) != ERR_NONE ||
	    !gate_knows_us(g->gate, &g->own->public, why))
		return false;
	g->curve = (struct transport_curve){.line.own = g->own, .ctx = g->gate, .may_enter = gate_may_enter};
	if (g->config->upstream[0] != '\0' && !find_line(g, &g->curve.line, upstream_of(g->service), "upstream", why))
		return false;
	return g->config->webhooks[0] == '\0' || find_line(g, &g->intake, SERVICE_INTAKE, "intake", why);
}

bool
guard_log(struct guard *g, struct access_log *log, struct why *why)
{
	char dir[CONFIG_TEXT_MAX + 16];

	snprintf(dir, sizeof(dir), "%s/access", g->config->data);
	return g->gate == NULL || gate_log(g->gate, log, dir, g->config->map_bytes, why) == ERR_NONE;
}

const struct transport_curve *
guard_curve(const struct guard *g)
{
	return g->gate == NULL ? NULL : &g->curve;
}

const struct curve_line *
guard_intake(const struct guard *g)
{
	return g->intake.count == 0 ? NULL : &g->intake;
}

void
guard_forget(struct guard *g)
{
	curve_pair_free(&g->own);
	g->curve.line.own = NULL;
	g->intake.own = NULL;
}

void
guard_close(struct guard *g)
{
	guard_forget(g);
	gate_close(&g->gate);
}

/* ---- the turn ---- */

static void
tell(struct guard *g, const char *why, struct node_now now, uint64_t away)
{
	if (why[0] != '\0' && strcmp(why, g->told) != 0)
		log_say(g->log, LOG_LEVEL_ERROR, "keys", log_text("why", why));
	snprintf(g->told, sizeof(g->told), "%s", why);
	if (away == g->told_away || now.steady_ms - g->told_steady_ms < TELL_MS)
		return;
	log_say(g->log, LOG_LEVEL_WARN, "turned_away", log_number("connections", away - g->told_away));
	g->told_away = away;
	g->told_steady_ms = now.steady_ms;
}

enum err
guard_turn(struct guard *g, struct transport *transport, struct node_now now)
{
	struct curve_key servers[CURVE_SERVERS_MAX];
	struct why why = {{0}};
	const int upstream = upstream_of(g->service);

	if (g->gate == NULL)
		return ERR_NONE;
	gate_turned_away(g->gate, transport_figures(transport).turned_away);
	const enum err err = gate_turn(g->gate, now);
	if (err != ERR_NONE)
		return err;
	if (gate_has_changed(g->gate))
		transport_keys_changed(transport, servers,
				       upstream == 0 ? 0 : gate_servers(g->gate, upstream, servers));
	const bool tended = transport_tend(transport, now.steady_ms, &why) == ERR_NONE;
	tell(g, tended ? gate_why(g->gate) : why.text, now, transport_figures(transport).turned_away);
	return ERR_NONE;
}
