// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/report_print.h"

#include <stdlib.h>

#include "services/cli/columns.h"
#include "services/cli/dutch.h"
#include "services/monitoring/monitoring_csv.h"
#include "services/monitoring/monitoring_indicators.h"

static const struct indicator *
indicator_of(const pb_IndicatorValue *value)
{
	const int k = atoi(value->code + (value->code[0] == 'K'));

	return &indicators[k > 0 && k <= INDICATORS ? k : 0];
}

/* ---- text ---- */

static bool
has_days(const struct indicator *i, const char *group)
{
	if (i->form != INDICATOR_DAYS)
		return false;
	/* The whole of these three is measured; of the others a group by itself is. */
	if (strcmp(i->code, "K2") == 0 || strcmp(i->code, "K4") == 0 || strcmp(i->code, "K9") == 0)
		return true;
	return strcmp(group, "DAYS") == 0 || strcmp(group, "LATE") == 0;
}

static const char *
days_text(struct arena *a, const struct indicator *i, const pb_IndicatorValue *v)
{
	const char *unit = strcmp(i->unit, "wd") == 0 ? "werkdagen" : "dagen";

	if (v->denominator == 0)
		return "geen";
	const char *text = arena_printf(a, "mediaan %s, p90 %s, gemiddeld %s %s (n = %s)", dutch_number(a, v->median),
					dutch_number(a, v->p90), dutch_ratio(a, v->total, v->denominator), unit,
					dutch_number(a, v->denominator));
	if (strcmp(i->code, "K4") == 0)
		text =
		    arena_printf(a, "%s; te laat %s (%s van %s)", text, dutch_percent(a, v->numerator, v->denominator),
				 dutch_number(a, v->numerator), dutch_number(a, v->denominator));
	return text;
}

static const char *
value_text(struct arena *a, const struct indicator *i, const char *group, const pb_IndicatorValue *v)
{
	const bool base = strcmp(i->code, "K21") == 0 || strcmp(i->code, "K22") == 0;
	const bool count = i->form == INDICATOR_COUNT || strcmp(group, "ABSENT") == 0 ||
			   strcmp(group, "OFFICIAL") == 0 || strcmp(group, "EXECUTIVE") == 0 ||
			   (base && v->denominator == 0);

	if (v->suppressed)
		return "*";
	if (has_days(i, group))
		return days_text(a, i, v);
	if (count)
		return dutch_number(a, v->numerator);
	if (v->denominator == 0)
		return arena_printf(a, "- (%s van 0)", dutch_number(a, v->numerator));
	if (strcmp(i->code, "K22") == 0)
		return arena_printf(a, "afname %s%s (%s tegen %s in de nulmeting)",
				    v->numerator > v->denominator ? "-" : "",
				    dutch_percent(a, llabs((long long)v->denominator - v->numerator), v->denominator),
				    dutch_number(a, v->numerator), dutch_number(a, v->denominator));
	if (base)
		return arena_printf(a, "%s van de basisperiode (%s tegen %s)",
				    dutch_percent(a, v->numerator, v->denominator), dutch_number(a, v->numerator),
				    dutch_number(a, v->denominator));
	return arena_printf(a, "%s (%s van %s)", dutch_percent(a, v->numerator, v->denominator),
			    dutch_number(a, v->numerator), dutch_number(a, v->denominator));
}

/* "vraag: hulp"; reasons and supplies stand by themselves. */
static const char *
group_text(struct arena *a, const char *group)
{
	const char *slash = strchr(group, '/');

	if (slash == NULL)
		return dutch_word(group);
	return arena_printf(a, "%s: %s", dutch_word(arena_str(a, bytes_of(group, (size_t)(slash - group)))),
			    dutch_word(slash + 1));
}

static void
print_indicators(struct cli *cli, const pb_ReportPublished *r)
{
	struct columns columns;
	struct arena *a = &cli->arena;
	const char *last = "", *last_region = "";

	columns_init(&columns, a, 3);
	for (size_t n = 0; n < r->n_indicators; n++) {
		const pb_IndicatorValue *v = r->indicators[n];
		const struct indicator *i = indicator_of(v);
		const char *region, *group = report_group(a, v->group, &region);
		const bool begins = strcmp(last, v->code) != 0;
		const bool region_begins = begins || strcmp(last_region, region) != 0;
		const char *value = value_text(a, i, group, v);

		if (begins)
			columns_add(&columns, (const char *const[]){v->code, i->name, group[0] == '\0' ? value : ""});
		else if (region_begins)
			columns_add(&columns, (const char *const[]){"", arena_printf(a, "  regio %s", region),
								    group[0] == '\0' ? value : ""});
		if (group[0] != '\0')
			columns_add(&columns,
				    (const char *const[]){
					"",
					arena_printf(a, "  %s%s", region[0] == '\0' ? "" : "  ", group_text(a, group)),
					value});
		last = v->code;
		last_region = region;
	}
	columns_print(&columns, cli->out);
}

static void
print_themes(struct cli *cli, const pb_ReportPublished *r)
{
	struct columns columns;
	struct arena *a = &cli->arena;

	if (r->n_themes == 0)
		return;
	fprintf(cli->out, "\nRode draden: waarop casussen vastliepen, en het verschil met de periode ervoor\n");
	columns_init(&columns, a, 3);
	for (size_t i = 0; i < r->n_themes; i++) {
		const pb_Theme *t = r->themes[i];
		const char *supply = dutch_code("MissingSupply", (int)t->missing_supply);
		const char *name = arena_printf(a, "  %s%s%s", dutch_code("StuckOn", (int)t->stuck_on),
						supply[0] == '\0' ? "" : ": ", supply);
		const char *trend = t->trend_suppressed ? "*"
				    : t->trend == 0
					? "gelijk"
					: arena_printf(a, "%s%s", t->trend > 0 ? "+" : "", dutch_number(a, t->trend));

		columns_add(&columns,
			    (const char *const[]){name, t->suppressed ? "*" : dutch_number(a, t->count), trend});
	}
	columns_print(&columns, cli->out);
}

static void
print_notes(struct cli *cli, const pb_ReportPublished *r)
{
	const char *last = "";
	bool star = false;

	for (size_t i = 0; i < r->n_indicators; i++)
		star |= r->indicators[i]->suppressed;
	for (size_t i = 0; i < r->n_themes; i++)
		star |= r->themes[i]->suppressed || r->themes[i]->trend_suppressed;
	fputc('\n', cli->out);
	if (star)
		fprintf(cli->out,
			"* Niet getoond: over minder dan %d gevallen, of uit de andere cijfers af te leiden. Ze tellen "
			"mee\n"
			"  in het totaal.\n",
			(int)r->smallest_cell);
	fprintf(cli->out, "Hoe het is berekend:\n");
	for (size_t n = 0; n < r->n_indicators; n++) {
		const struct indicator *i = indicator_of(r->indicators[n]);

		if (strcmp(last, r->indicators[n]->code) == 0 || i->formula == NULL)
			continue;
		last = r->indicators[n]->code;
		fprintf(cli->out, "  %-3s  %s\n", i->code, i->formula);
	}
}

static const char *
title(struct arena *a, const pb_ReportPublished *r)
{
	switch ((int)r->kind) {
	case REPORT_KIND_TEAM_QUARTER: return arena_printf(a, "Rapportage van expertteam %s", r->subject_id);
	case REPORT_KIND_STEERING_GROUP: return arena_printf(a, "Rapportage voor stuurgroep %s", r->subject_id);
	case REPORT_KIND_PURCHASING: return arena_printf(a, "Terugkoppeling aan de inkoop van regio %s", r->subject_id);
	case REPORT_KIND_EXPERTISE_CENTRE: return arena_printf(a, "Vragen bij expertisecentrum %s", r->subject_id);
	case REPORT_KIND_NATIONAL_THEMES: return "Landelijke rode draden";
	case REPORT_KIND_INSPECTORATES: return "Rapportage aan de inspecties";
	default:
		return arena_printf(a, "Indicatoren van %s",
				    r->subject_id[0] == '\0' ? "het hele land" : r->subject_id);
	}
}

void
report_print_text(struct cli *cli, const pb_Answer *answer)
{
	const pb_ReportPublished *r = answer->report_published;
	struct arena *a = &cli->arena;
	const pb_Basis *basis = answer->basis;

	fprintf(cli->out, "%s\n", title(a, r));
	fprintf(cli->out, "Periode  %s tot en met %s\n", dutch_date(a, record_day(r->period_from)),
		dutch_date(a, record_day(r->period_to)));
	fprintf(cli->out, "Stand    %s\n", dutch_moment(a, record_at_ms(r->closing)));
	if (basis != NULL)
		fprintf(cli->out, "Versies  beleid %s, register %s\n",
			basis->policy_version[0] == '\0' ? "geen" : basis->policy_version,
			basis->registry_version[0] == '\0' ? "geen" : basis->registry_version);
	fputc('\n', cli->out);
	print_indicators(cli, r);
	print_themes(cli, r);
	print_notes(cli, r);
	fprintf(cli->out, "Kenmerk  %s\n", r->content_hash);
}

void
report_print_csv(struct cli *cli, const pb_Answer *answer)
{
	const struct bytes text = report_csv(&cli->arena, answer->report_published);

	fwrite(text.data, 1, text.len, cli->out);
}
