// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/dutch.h"

#include "services/cli/asking.h"

/* Sorted by nothing but sense; short enough to look through. */
static const struct {
	const char *code, *word;
} words[] = {
    /* families of groups */
    {"SUBMITTER", "aanmelder"},
    {"ASK", "vraag"},
    {"TRACK", "spoor"},
    {"LEVEL", "opgelost"},
    {"REACHED", "geweest bij"},
    {"KIND", "soort"},
    {"FUNCTION", "functie"},
    {"REGION", "regio"},
    {"PRESENT", "jeugdige of ouder aanwezig"},
    {"INVITED", "jeugdige of ouder uitgenodigd"},
    {"DAYS", "duur"},
    {"LATE", "vertraging"},
    {"ABSENT", "gemeente afwezig zonder mandaat"},
    {"OFFICIAL", "ambtelijk"},
    {"EXECUTIVE", "bestuurlijk"},
    {"CENTRE", "een expertisecentrum"},
    {"UNKNOWN", "onbekend"},
    {"NONE", "geen"},
    /* who, and what is asked */
    {"YOUTH", "jeugdige"},
    {"PARENT", "ouder"},
    {"PROFESSIONAL", "professional"},
    {"LOCAL_TEAM", "lokaal team"},
    {"MUNICIPALITY", "gemeente"},
    {"PROVIDER", "aanbieder"},
    {"SCHOOL", "school"},
    {"CERTIFIED_BODY", "gecertificeerde instelling"},
    {"OTHER", "anders"},
    {"CONSULTATION", "consultatie en advies"},
    {"PROCESS_DIRECTION", "procesregie"},
    {"HELP", "hulp"},
    {"REVIEW_PLACEMENT", "toetsen van een uithuisplaatsing"},
    {"SIGNALLING", "signaleren en adviseren"},
    {"LEARNING", "leren van complexe zorgvragen"},
    /* course of a case */
    {"VOLUNTARY", "vrijwillig"},
    {"COURT_MEASURE", "gedwongen kader"},
    {"CLOSED_CARE", "gesloten jeugdhulp"},
    {"LOCAL", "lokaal"},
    {"REGIONAL", "regionaal"},
    {"SUPRAREGIONAL", "bovenregionaal"},
    {"NATIONAL", "landelijk"},
    {"RECEIVED", "ontvangen"},
    {"SCREENING", "in screening"},
    {"INCOMPLETE", "teruggestuurd om aan te vullen"},
    {"ADVICE", "krijgt advies"},
    {"LOCAL_ATTEMPT", "hulp wordt lokaal gezocht"},
    {"QUEUED", "wacht op overleg"},
    {"DELIBERATION", "in overleg"},
    {"EXECUTING", "plan in uitvoering"},
    {"VERIFYING", "hulp is er; werkt zij?"},
    {"SCALED_DOWN", "afgeschaald, nazorg"},
    {"CLOSED", "gesloten"},
    {"GRANTED", "verleend"},
    {"REFUSED", "geweigerd"},
    {"GIVEN", "gegeven"},
    {"WITHDRAWN", "ingetrokken"},
    {"SOLVED", "opgelost"},
    {"MOVED_ABROAD", "verhuisd naar het buitenland"},
    {"DECEASED", "overleden"},
    {"AGED_OUT", "te oud"},
    {"WITHDRAWN_BY_FAMILY", "ingetrokken door het gezin"},
    {"DUPLICATE", "dubbel"},
    /* what it is stuck on, and what lacks */
    {"CONTENT", "inhoud"},
    {"COOPERATION", "samenwerking"},
    {"SUPPLY", "aanbod"},
    {"MONEY", "geld"},
    {"MANDATE", "mandaat"},
    {"AUTISM_BEHAVIOUR", "autisme en gedrag"},
    {"TRAUMA", "trauma"},
    {"EATING_DISORDER", "eetstoornis"},
    {"ADDICTION", "verslaving"},
    {"LVB_PSYCHIATRY", "LVB en psychiatrie"},
    {"SMALL_SCALE_LIVING", "kleinschalig wonen"},
    {"FAMILY_HOME", "gezinshuis"},
    {"CRISIS_PLACE", "crisisplek"},
    {"AMBULATORY_INTENSIVE", "intensief ambulant"},
    {"EDUCATION_CARE", "onderwijs en zorg"},
    {"SECLUSION", "separatie"},
    {"ISOLATION", "afzondering"},
    /* deadlines */
    {"MEASURE_START", "start van de maatregel"},
    {"RISK_PLAN", "risicoplan"},
    {"PROTECTOR_CONTACT", "eerste contact jeugdbeschermer"},
    {"PER_CHILD", "afspraken per kind"},
    {"AUTH_LAPSE", "uitvoeren van de machtiging"},
    {"AUTH_EXPIRY", "einde van de machtiging"},
    {"LIVING_PERSPECTIVE", "zicht op een vaste woonplek"},
    {"HELP_START", "start van passende hulp"},
    {"BRIDGING", "overbrugging"},
    {"PROTECTION_PLAN", "plan van aanpak"},
    {"ESCALATION_OFFICIAL", "ambtelijke opschaling"},
    {"ESCALATION_EXECUTIVE", "bestuurlijke opschaling"},
    {"EC_DECISION", "besluit expertisecentrum"},
    {"NATIONAL_FIRST_ANSWER", "antwoord landelijke vraagbaak"},
    {"NATIONAL_PICKUP", "oppakken door het landelijke team"},
    {"TRANSFER", "overdracht"},
    {"INVITE", "uitnodigen"},
    {"MEETING", "overleg"},
    {"PLAN", "plan"},
    {"ACTION", "actie"},
    {"PERSPECTIVE_CHECK", "vroege blik op de woonplek"},
    {"COMPLETION", "aanvullen"},
    {"REVIEW", "plan bespreken"},
    {"EFFECT_CHECK", "werkt de hulp?"},
    {"AFTERCARE_CHECK", "nazorg"},
    {"EVALUATION", "evaluatie"},
};

const char *
dutch_word(const char *code)
{
	for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i].code, code) == 0)
			return words[i].word;
	}
	return code;
}

const char *
dutch_code(const char *enum_name, int value)
{
	return value == 0 ? "" : dutch_word(record_code_of(enum_name, value));
}

const char *
dutch_number(struct arena *a, int64_t value)
{
	char text[40];
	size_t at = sizeof text;
	unsigned digits = 0;
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

	text[--at] = '\0';
	do {
		if (digits > 0 && digits % 3 == 0)
			text[--at] = '.';
		text[--at] = (char)('0' + left % 10);
		left /= 10;
		digits++;
	} while (left > 0);
	if (value < 0)
		text[--at] = '-';
	return arena_str(a, bytes_str(text + at));
}

const char *
dutch_ratio(struct arena *a, int64_t numerator, int64_t denominator)
{
	const int64_t tenths = (20 * numerator + denominator) / (2 * denominator);

	return arena_printf(a, "%s,%d", dutch_number(a, tenths / 10), (int)(tenths % 10));
}

const char *
dutch_percent(struct arena *a, int64_t numerator, int64_t denominator)
{
	return arena_printf(a, "%s%%", dutch_ratio(a, 100 * numerator, denominator));
}

const char *
dutch_date(struct arena *a, cal_day day)
{
	static const char *const months[] = {"januari", "februari", "maart",     "april",   "mei",      "juni",
					     "juli",    "augustus", "september", "oktober", "november", "december"};
	const struct cal_date date = cal_to_date(day);

	return arena_printf(a, "%d %s %d", date.day, months[date.month - 1], date.year);
}

const char *
dutch_moment(struct arena *a, int64_t at_ms)
{
	return arena_printf(a, "%s, %s uur", dutch_date(a, cal_local_day(at_ms)), asking_moment(a, at_ms) + 11);
}
