// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_publish.h"

#include "common/fields.h"
#include "common/order.h"
#include "common/policy.h"

#define DUE_KEY   "due"
#define DUE_BYTES (4 + 8 + 8)

struct publishing
publishing_open(struct store_txn *txn)
{
	struct publishing p = {.db = store_db_open(txn, "monitoring_due"), .due = {.day = CAL_NONE}};
	struct bytes value;

	if (store_get(txn, p.db, bytes_str(DUE_KEY), &value)) {
		struct fields_in in = {value};

		p.due.day = in_day(&in);
		p.due.cause = in_u64(&in);
		p.due.at_ms = (int64_t)in_u64(&in);
	}
	return p;
}

void
publishing_tick(struct publishing *p, struct turn *turn, cal_day day)
{
	uint8_t bytes[DUE_BYTES];
	struct fields_out out = {bytes, 0, sizeof bytes};

	if (day == CAL_NONE || cal_to_date(day).day != 1)
		return;
	p->due = (struct publish_due){day, turn->cause, turn->at_ms};
	out_day(&out, p->due.day);
	out_u64(&out, p->due.cause);
	out_u64(&out, (uint64_t)p->due.at_ms);
	store_put(turn->txn, p->db, bytes_str(DUE_KEY), out_done(&out));
}

/* ---- for whom ---- */

/* Whom a kind of report is published for; each once, in order. */
static const char *const *
subjects_of(const struct report_sources *from, struct turn *turn, enum report_subject subject, cal_day day,
	    size_t *count)
{
	size_t region_count, n = 0;
	const struct code *regions = registry_regions(from->registry, turn->txn, day, &region_count);
	const void **list = ARENA_ARRAY(turn->arena, const void *, 2 * region_count + 1);
	const char **subjects = ARENA_ARRAY(turn->arena, const char *, 2 * region_count + 1);

	if (subject == REPORT_OF_NATION)
		list[n++] = "";
	for (size_t i = 0; i < region_count && subject != REPORT_OF_NATION; i++) {
		struct registry_place *place = ARENA_NEW(turn->arena, struct registry_place);

		*place = (struct registry_place){0};
		registry_region(from->registry, turn->txn, regions[i].s, day, place);
		if (subject == REPORT_OF_REGION)
			list[n++] = regions[i].s;
		else if (subject == REPORT_OF_CENTRE && !code_is_empty(place->centre))
			list[n++] = place->centre.s;
		else if (subject == REPORT_OF_STEERING_GROUP && strncmp(place->team.s, "ET-", 3) == 0)
			list[n++] = arena_printf(turn->arena, "SG-%s", place->team.s + 3);
		if (subject == REPORT_OF_TEAM && !code_is_empty(place->team))
			list[n++] = place->team.s;
		if (subject == REPORT_OF_TEAM && !code_is_empty(place->landing))
			list[n++] = place->landing.s;
	}
	order_stable(turn->arena, list, n, order_of_texts);
	*count = 0;
	for (size_t i = 0; i < n; i++) {
		if (*count == 0 || strcmp(subjects[*count - 1], list[i]) != 0)
			subjects[(*count)++] = list[i];
	}
	return subjects;
}

/* ---- publishing ---- */

/* The months of a period: a steering group is told two or three times a year, as its policy says. */
static int
months_of(const struct report_sources *from, struct turn *turn, const struct report_form *form, cal_day day)
{
	const struct policy_view *view = policy_on(from->policies, turn->txn, day, "");
	int32_t a_year;

	if (form->kind == REPORT_KIND_STEERING_GROUP && view != NULL && policy_value(view, "P22_steering", &a_year) &&
	    a_year == 2)
		return 6;
	return form->months;
}

static void
publish(struct turn *turn, const struct report_sources *from, const struct report_form *form,
	const struct report_rows *rows, const struct publish_due *due)
{
	size_t count;
	const char *const *subjects = subjects_of(from, turn, form->subject, rows->period.to, &count);

	for (size_t i = 0; i < count; i++) {
		pb_Answer *answer = report_make(from, turn->txn, form, subjects[i], rows, due->at_ms);

		answer->effect_date = record_date(turn->arena, due->day);
		turn_answer(turn, answer);
	}
}

static void
publish_all(struct turn *turn, const struct report_sources *from, const struct publish_due *due)
{
	static const int kinds[] = {
	    REPORT_KIND_TEAM_QUARTER,     REPORT_KIND_STEERING_GROUP,  REPORT_KIND_PURCHASING,
	    REPORT_KIND_EXPERTISE_CENTRE, REPORT_KIND_NATIONAL_THEMES, REPORT_KIND_INSPECTORATES,
	};
	struct report_rows rows = {.period = {CAL_NONE, CAL_NONE}};
	size_t count;

	/* Before there is a registry there is nobody to report to. */
	registry_regions(from->registry, turn->txn, due->day - 1, &count);
	if (count == 0)
		return;
	for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const struct report_form *form = report_form(kinds[i]);
		const int months = months_of(from, turn, form, due->day - 1);
		const struct report_period period = report_period_before(due->day, months);

		if (period.to != due->day - 1)
			continue;
		if (rows.period.from != period.from)
			rows = report_rows(from, turn->txn, period, REPORT_ALL);
		publish(turn, from, form, &rows, due);
	}
}

void
publishing_turn(struct publishing *p, struct turn *turn, const struct report_sources *from)
{
	if (p->due.day == CAL_NONE || p->due.cause == turn->cause)
		return;
	publish_all(turn, from, &p->due);
	p->due.day = CAL_NONE;
	store_delete(turn->txn, p->db, bytes_str(DUE_KEY));
}
