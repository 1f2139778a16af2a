// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_ask.h"

#include "common/policy.h"
#include "common/policy_merge.h"
#include "services/monitoring/monitoring_query.h"

static bool
read_day(const char *name, const char *text, cal_day otherwise, cal_day *day, struct why *why)
{
	*day = text[0] == '\0' ? otherwise : cal_parse(text);
	if (*day != CAL_NONE || text[0] == '\0')
		return true;
	why_set(why, "%s is no date: write YYYY-MM-DD", name);
	return false;
}

/* ---- deadlines ---- */

struct span {
	cal_day from, to;
	int kind;
	bool hard;
};

static bool
lies_in(const struct span *span, const pb_OpenDeadline *d)
{
	const cal_day due = record_day(d->due);

	return (span->from == CAL_NONE || due >= span->from) && (span->to == CAL_NONE || due <= span->to) &&
	       (span->kind == 0 || (int)d->kind == span->kind) && (!span->hard || d->hard);
}

static pb_DueDeadline *
due_of(struct arena *a, const pb_CaseView *v, pb_OpenDeadline *d)
{
	pb_DueDeadline *due = ARENA_NEW(a, pb_DueDeadline);

	pb_DueDeadline_init(due);
	due->case_id = v->case_id;
	due->owner = v->owner;
	due->region = v->region;
	due->team = v->team;
	due->centre = v->expertise_centre;
	due->state = v->state;
	due->level = v->level;
	due->track = v->track;
	due->deadline = d;
	return due;
}

static void
tell_due(struct arena *a, const pb_CasesReply *page, const struct span *span, pb_DeadlinesReply *reply)
{
	size_t count = 0;

	for (size_t i = 0; i < page->n_cases; i++)
		count += page->cases[i]->case_state->n_deadlines;
	reply->deadlines = ARENA_ARRAY(a, pb_DueDeadline *, count + 1);
	for (size_t i = 0; i < page->n_cases; i++) {
		const pb_CaseView *v = page->cases[i]->case_state;

		for (size_t j = 0; j < v->n_deadlines; j++) {
			if (lies_in(span, v->deadlines[j]))
				reply->deadlines[reply->n_deadlines++] = due_of(a, v, v->deadlines[j]);
		}
	}
	reply->next = page->next;
}

bool
ask_deadlines(const struct monitoring_db *db, struct store_txn *txn, const pb_DeadlinesRequest *request,
	      pb_DeadlinesReply *reply, struct why *why)
{
	struct span span = {.kind = (int)request->kind, .hard = request->hard};
	pb_CasesRequest asked;
	pb_CasesReply page;

	if (!read_day("due_from", request->due_from, CAL_NONE, &span.from, why) ||
	    !read_day("due_to", request->due_to, CAL_NONE, &span.to, why))
		return false;
	if (span.kind != 0 && record_code_of("DeadlineKind", span.kind)[0] == '\0') {
		why_set(why, "kind %d is none of the contract's: look at DeadlineKind in codes.proto", span.kind);
		return false;
	}
	pb_CasesRequest_init(&asked);
	pb_CasesReply_init(&page);
	asked.open_only = true;
	asked.region = request->region;
	asked.owner = request->owner;
	asked.team = request->team;
	asked.centre = request->centre;
	asked.after = request->after;
	asked.limit = request->limit;
	asked.order = (Doorbraak__V1__CasesOrder)CASES_ORDER_BY_NEXT_DEADLINE;
	if (span.to != CAL_NONE)
		asked.due_before = record_date(store_arena(txn), span.to + 1);
	if (!monitoring_query(db, txn, &asked, &page, why))
		return false;
	tell_due(store_arena(txn), &page, &span, reply);
	return true;
}

/* ---- indicators ---- */

static bool
read_codes(const pb_IndicatorsRequest *request, uint32_t *mask, struct why *why)
{
	*mask = 0;
	for (size_t i = 0; i < request->n_codes; i++) {
		unsigned k = 1;

		while (k < INDICATORS && strcmp(indicators[k].code, request->codes[i]) != 0)
			k++;
		/* K29 is computed from a budget, which nobody tells here. */
		if (k == INDICATORS) {
			why_set(why, "codes: write K1 to K28, as in docs/indicators.md");
			return false;
		}
		*mask |= 1u << k;
	}
	return true;
}

/* The periods in order; 0 with *why when they are none. */
static unsigned
read_periods(const pb_IndicatorsRequest *request, struct report_period periods[PERIODS_MAX], struct why *why)
{
	const int months = request->months == 0 ? 3 : request->months > 12 ? -1 : (int)request->months;
	const cal_day from = cal_parse(request->period_from), to = cal_parse(request->period_to);
	unsigned count = 0;

	if (from != CAL_NONE && to != CAL_NONE && months > 0) {
		for (cal_day begins = from; begins <= to && count < PERIODS_MAX; count++) {
			const struct report_period p = {begins, cal_add_months(begins, months) - 1};

			if (report_period_months(p) != months)
				break;
			periods[count] = p;
			begins = p.to + 1;
		}
	}
	if (count > 0 && periods[count - 1].to == to)
		return count;
	why_set(
	    why,
	    "period_from and period_to are the first and last day of a row of at most %d periods of `months` months: "
	    "1, 3, 4 (from January, May or September), 6 or 12",
	    PERIODS_MAX);
	return 0;
}

static pb_IndicatorPeriod *
period_of(struct arena *a, const pb_Answer *made)
{
	const pb_ReportPublished *report = made->report_published;
	pb_IndicatorPeriod *p = ARENA_NEW(a, pb_IndicatorPeriod);

	pb_IndicatorPeriod_init(p);
	p->period_from = report->period_from;
	p->period_to = report->period_to;
	p->indicators = report->indicators;
	p->n_indicators = report->n_indicators;
	p->themes = report->themes;
	p->n_themes = report->n_themes;
	p->smallest_cell = report->smallest_cell;
	p->policy_version = made->basis->policy_version;
	p->registry_version = made->basis->registry_version;
	return p;
}

static void
tell_definitions(struct arena *a, uint32_t mask, pb_IndicatorsReply *reply)
{
	reply->definitions = ARENA_ARRAY(a, pb_IndicatorDefinition *, INDICATORS);
	for (unsigned k = 1; k < INDICATORS; k++) {
		const struct indicator *i = &indicators[k];

		if ((mask >> k & 1u) == 0)
			continue;
		pb_IndicatorDefinition *d = ARENA_NEW(a, pb_IndicatorDefinition);

		pb_IndicatorDefinition_init(d);
		d->code = record_text(a, i->code);
		d->name = record_text(a, i->name);
		d->formula = record_text(a, i->formula);
		d->unit = record_text(a, i->unit);
		d->source = record_text(a, i->source);
		d->groups = record_text(a, i->groups);
		d->of_the_moment = i->form == INDICATOR_NOW || k == 25;
		reply->definitions[reply->n_definitions++] = d;
	}
}

bool
ask_indicators(const struct report_sources *from, struct store_txn *txn, const pb_IndicatorsRequest *request,
	       int64_t closing_ms, pb_IndicatorsReply *reply, struct why *why)
{
	struct arena *a = store_arena(txn);
	struct report_form form = *report_form(REPORT_KIND_INDICATORS);
	struct report_period periods[PERIODS_MAX];
	uint32_t mask;
	const unsigned count = read_periods(request, periods, why);

	if (count == 0 || !read_codes(request, &mask, why))
		return false;
	form.by_region = 0;
	if (mask != 0)
		form.indicators &= mask;
	form.themes = (form.indicators >> 26 & 1u) != 0;
	reply->subject_id = request->subject_id;
	reply->closing = ARENA_NEW(a, Google__Protobuf__Timestamp);
	record_timestamp(reply->closing, closing_ms);
	tell_definitions(a, form.indicators, reply);
	reply->periods = ARENA_ARRAY(a, pb_IndicatorPeriod *, count);
	for (unsigned i = 0; i < count; i++) {
		const struct report_rows rows = report_rows(from, txn, periods[i], form.indicators);

		/* Known in one of the periods is enough: a team may be new, or gone. */
		if (!report_can(from, txn, &form, request->subject_id, &rows, why)) {
			if (i + 1 == count && reply->n_periods == 0)
				return false;
			continue;
		}
		reply->periods[reply->n_periods++] =
		    period_of(a, report_make(from, txn, &form, request->subject_id, &rows, closing_ms));
	}
	return true;
}

/* ---- the registry ---- */

static pb_RegistryRegion *
region_of(const struct report_sources *from, struct store_txn *txn, const char *code, cal_day day)
{
	struct arena *a = store_arena(txn);
	pb_RegistryRegion *r = ARENA_NEW(a, pb_RegistryRegion);
	const ProtobufCEnumDescriptor *asks = record_enum("Ask");
	struct registry_place place = {0};
	unsigned bits = 0;

	registry_region(from->registry, txn, code, day, &place);
	pb_RegistryRegion_init(r);
	r->region = record_text(a, code);
	r->team = record_text(a, place.team.s);
	r->landing_place = record_text(a, place.landing.s);
	r->expertise_centre = record_text(a, place.centre.s);
	r->coordination = record_text(a, place.coordination.s);
	registry_functions(from->registry, txn, code, day, &bits);
	r->functions = ARENA_ARRAY(a, Doorbraak__V1__TeamFunction, 32);
	for (unsigned f = 1; f < 32; f++) {
		if ((bits >> f & 1u) != 0)
			r->functions[r->n_functions++] = (Doorbraak__V1__TeamFunction)f;
	}
	r->features = ARENA_ARRAY(a, Doorbraak__V1__Ask, asks->n_values + 1);
	for (unsigned i = 0; i < asks->n_values; i++) {
		if (asks->values[i].value != 0 &&
		    registry_feature(from->registry, txn, code, asks->values[i].value, day))
			r->features[r->n_features++] = (Doorbraak__V1__Ask)asks->values[i].value;
	}
	return r;
}

/* Each municipality to its region. */
static void
add_municipalities(const struct report_sources *from, struct store_txn *txn, cal_day day, pb_RegistryReply *reply)
{
	struct arena *a = store_arena(txn);
	size_t count;
	const struct registry_municipality *all = registry_municipalities(from->registry, txn, day, &count);

	for (size_t r = 0; r < reply->n_regions; r++) {
		pb_RegistryRegion *region = reply->regions[r];

		region->municipalities = ARENA_ARRAY(a, char *, count + 1);
		for (size_t i = 0; i < count; i++) {
			if (code_is(all[i].region, region->region))
				region->municipalities[region->n_municipalities++] =
				    record_text(a, all[i].municipality.s);
		}
	}
}

bool
ask_registry(const struct report_sources *from, const struct adopted_log *adopted, struct store_txn *txn,
	     const pb_RegistryRequest *request, cal_day today, pb_RegistryReply *reply, struct why *why)
{
	struct arena *a = store_arena(txn);
	cal_day day;
	size_t count;

	if (!read_day("date", request->date, today, &day, why))
		return false;
	const struct code *regions = registry_regions(from->registry, txn, day, &count);

	reply->date = record_date(a, day);
	reply->version = record_text(a, registry_version(from->registry, txn, day).s);
	reply->regions = ARENA_ARRAY(a, pb_RegistryRegion *, count + 1);
	for (size_t i = 0; i < count; i++) {
		if (request->region[0] == '\0' || code_is(regions[i], request->region))
			reply->regions[reply->n_regions++] = region_of(from, txn, regions[i].s, day);
	}
	add_municipalities(from, txn, day, reply);
	reply->adoptions = adopted_log_tell(adopted, txn, false, &reply->n_adoptions);
	for (size_t i = 0; i < reply->n_adoptions; i++)
		reply->adoptions[i]->in_force = record_day(reply->adoptions[i]->valid_from) <= day &&
						record_day(reply->adoptions[i]->adopted_on) <= day;
	return true;
}

/* ---- the policy ---- */

static uint32_t
row_count(const pb_RuleTable *table)
{
	size_t rows = 0;

	for (size_t b = 0; b < table->n_blocks; b++)
		rows += table->blocks[b]->n_rows;
	return (uint32_t)rows;
}

/* The number is that of the view: what a region says of a value that it cannot change does not count. */
static void
tell_values(struct arena *a, const pb_PolicyAdopted *policy, const struct policy_view *view, pb_PolicyReply *reply)
{
	reply->values = ARENA_ARRAY(a, pb_PolicyNumber *, policy->n_values + 1);
	for (size_t i = 0; i < policy->n_values; i++) {
		const pb_PolicyTermRule *term = policy_find_term(policy, policy->values[i]->key);
		pb_PolicyNumber *n = ARENA_NEW(a, pb_PolicyNumber);

		pb_PolicyNumber_init(n);
		n->key = policy->values[i]->key;
		if (!policy_value(view, n->key, &n->value))
			n->value = policy->values[i]->value;
		if (term != NULL) {
			n->unit = term->unit;
			n->meaning = term->meaning;
			n->hard = term->hard;
		}
		reply->values[reply->n_values++] = n;
	}
}

static void
tell_tables(struct arena *a, const pb_PolicyTables *tables, const pb_PolicyRequest *request, pb_PolicyReply *reply)
{
	reply->tables = ARENA_ARRAY(a, pb_PolicyTableView *, tables->n_tables + 1);
	reply->rows = ARENA_ARRAY(a, pb_RuleTable *, tables->n_tables + 1);
	for (size_t i = 0; i < tables->n_tables; i++) {
		pb_RuleTable *table = tables->tables[i];
		pb_PolicyTableView *v = ARENA_NEW(a, pb_PolicyTableView);

		pb_PolicyTableView_init(v);
		v->scope = table->scope;
		v->event = table->event;
		v->rows = row_count(table);
		reply->tables[reply->n_tables++] = v;
		if (request->scope[0] != '\0' && strcmp(request->scope, table->scope) == 0 &&
		    (request->event[0] == '\0' || strcmp(request->event, table->event) == 0))
			reply->rows[reply->n_rows++] = table;
	}
}

/* Of each part of the version the last that was adopted up to the day. */
static void
mark_in_force(pb_PolicyReply *reply)
{
	bool found[2] = {false, false};

	for (size_t i = 0; i < reply->n_adoptions; i++) {
		pb_Adoption *one = reply->adoptions[i];
		const unsigned part = one->region[0] == '\0' ? 0 : 1;

		if (found[part] || !decided_has_part(reply->version, one->version, one->region))
			continue;
		found[part] = true;
		one->in_force = true;
	}
}

static bool
is_scope(const char *name)
{
	return name[0] == '\0' || strcmp(name, "accept") == 0 || strcmp(name, "effects") == 0 ||
	       strcmp(name, "triage") == 0 || strcmp(name, "signals") == 0;
}

bool
ask_policy(const struct report_sources *from, const struct adopted_log *adopted, struct store_txn *txn,
	   const pb_PolicyRequest *request, cal_day today, pb_PolicyReply *reply, struct why *why)
{
	struct arena *a = store_arena(txn);
	cal_day day;

	if (!read_day("date", request->date, today, &day, why))
		return false;
	if (!is_scope(request->scope)) {
		why_set(why, "scope is one of accept, effects, triage, signals");
		return false;
	}
	const struct policy_view *view = policy_on(from->policies, txn, day, request->region);

	reply->date = record_date(a, day);
	reply->adoptions = adopted_log_tell(adopted, txn, true, &reply->n_adoptions);
	if (view == NULL)
		return true;
	struct adopted_search search = adopted_search_begin(adopted, txn);
	const struct decided_by by = adopted_search_by(&search, view->version, UINT64_MAX);

	if (by.count == 0)
		return true;
	const pb_PolicyAdopted *policy = by.count == 1 ? by.policy[0] : policy_merge(a, by.policy[1], by.policy[0]);
	const struct bytes hash = arena_copy(a, bytes_of(view->hash.b, DIGEST_SIZE));

	reply->version = record_text(a, view->version);
	reply->hash = (ProtobufCBinaryData){hash.len, (uint8_t *)(uintptr_t)hash.data};
	mark_in_force(reply);
	tell_values(a, policy, view, reply);
	if (policy->tables != NULL) {
		reply->deadlines = policy->tables->deadlines;
		reply->n_deadlines = policy->tables->n_deadlines;
		tell_tables(a, policy->tables, request, reply);
	}
	return true;
}
