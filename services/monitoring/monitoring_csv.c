// SPDX-License-Identifier: EUPL-1.2
#include "services/monitoring/monitoring_csv.h"

#include "common/text.h"
#include "services/monitoring/monitoring_indicators.h"

#define HEAD "soort,onderwerp,van,tot_en_met,indicator,naam,regio,groep,teller,noemer,mediaan,p90,som,getoond\n"

const char *
report_group(struct arena *a, const char *group, const char **region)
{
	*region = "";
	if (strncmp(group, "REGION/", 7) != 0)
		return group;
	const char *slash = strchr(group + 7, '/');

	*region = slash == NULL ? group + 7 : arena_str(a, bytes_of(group + 7, (size_t)(slash - group - 7)));
	return slash == NULL ? "" : slash + 1;
}

static const char *
name_of(const char *code)
{
	for (unsigned k = 1; k <= INDICATORS; k++) {
		if (strcmp(indicators[k].code, code) == 0)
			return indicators[k].name;
	}
	return "";
}

struct bytes
report_csv(struct arena *a, const pb_ReportPublished *r)
{
	struct text text = text_in(a);

	text_add(&text, HEAD);
	for (size_t n = 0; n < r->n_indicators; n++) {
		const pb_IndicatorValue *v = r->indicators[n];
		const char *region, *group = report_group(a, v->group, &region);

		text_add(&text, arena_printf(a, "%s,%s,%s,%s,%s,\"%s\",%s,%s,",
					     record_code_of("ReportKind", (int)r->kind), r->subject_id, r->period_from,
					     r->period_to, v->code, name_of(v->code), region, group));
		if (v->suppressed)
			text_add(&text, ",,,,,nee\n");
		else
			text_add(&text, arena_printf(a, "%d,%d,%d,%d,%lld,ja\n", v->numerator, v->denominator,
						     v->median, v->p90, (long long)v->total));
	}
	return text_bytes(&text);
}
