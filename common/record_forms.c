// SPDX-License-Identifier: EUPL-1.2
#include "common/record_forms.h"

/* No locale: the letters and digits of the contract, and no others. */
static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_alphanumeric(char c)
{
	return is_digit(c) || is_upper(c) || is_lower(c);
}

bool
record_is_code(const char *s)
{
	size_t len = 0;

	for (; len <= CODE_MAX && s[len] != '\0'; len++) {
		if (!is_upper(s[len]) && !is_digit(s[len]) && s[len] != '-')
			return false;
	}
	return len >= 1 && len <= CODE_MAX;
}

bool
record_is_id(const char *s)
{
	size_t len = 0;

	for (; len <= ID_MAX && s[len] != '\0'; len++) {
		if (!is_alphanumeric(s[len]) && s[len] != '-')
			return false;
	}
	return len >= 1 && len <= ID_MAX;
}

bool
record_is_name(const char *s)
{
	size_t len = 0;

	for (; len <= CODE_MAX && s[len] != '\0'; len++) {
		if (!is_lower(s[len]) && !is_digit(s[len]) && s[len] != '_')
			return false;
	}
	return len >= 1 && len <= CODE_MAX;
}

/* ---- semantic versions: 1.2.3, 1.2.3-rc.1, 1.2.3+build.5 (semver.org 2.0.0) ---- */

/* Length of a number without leading zeros; 0 when there is none. */
static size_t
number_length(const char *s)
{
	size_t len = 0;

	while (is_digit(s[len]))
		len++;
	return len > 1 && s[0] == '0' ? 0 : len;
}

/* One identifier between dots: not empty; in a pre-release a number has no leading zeros. */
static size_t
identifier_length(const char *s, bool prerelease)
{
	size_t len = 0, digits = 0;

	for (; is_alphanumeric(s[len]) || s[len] == '-'; len++)
		digits += is_digit(s[len]) ? 1 : 0;
	return prerelease && digits == len && len > 1 && s[0] == '0' ? 0 : len;
}

static bool
take_identifiers(const char **s, bool prerelease)
{
	for (;;) {
		const size_t len = identifier_length(*s, prerelease);

		if (len == 0)
			return false;
		*s += len;
		if (**s != '.')
			return true;
		++*s;
	}
}

bool
record_is_semver(const char *s)
{
	const char *p = s;

	if (strnlen(s, CODE_MAX + 1) > CODE_MAX)
		return false;
	for (int part = 0; part < 3; part++) {
		const size_t len = number_length(p);

		if (len == 0 || (part < 2 && p[len] != '.'))
			return false;
		p += part < 2 ? len + 1 : len;
	}
	if (*p == '-' && (p++, !take_identifiers(&p, true)))
		return false;
	if (*p == '+' && (p++, !take_identifiers(&p, false)))
		return false;
	return *p == '\0';
}

/* ---- what no text may look like ---- */

#define BSN_DIGITS      9
#define POSTCODE_LENGTH 6

/* The eleven test: 9 a + 8 b + .. + 2 h - 1 i is a multiple of 11. */
static bool
looks_like_bsn(const char *token, size_t len)
{
	int sum = 0;

	if (len != BSN_DIGITS)
		return false;
	for (int i = 0; i < BSN_DIGITS; i++) {
		if (!is_digit(token[i]))
			return false;
		sum += (token[i] - '0') * (i == BSN_DIGITS - 1 ? -1 : BSN_DIGITS - i);
	}
	return sum % 11 == 0;
}

static bool
looks_like_postcode(const char *token, size_t len)
{
	if (len != POSTCODE_LENGTH || token[0] == '0')
		return false;
	for (int i = 0; i < 4; i++) {
		if (!is_digit(token[i]))
			return false;
	}
	return (is_upper(token[4]) || is_lower(token[4])) && (is_upper(token[5]) || is_lower(token[5]));
}

/* Whole tokens, not parts of them: a UUID must pass. */
bool
record_is_forbidden(const char *s)
{
	while (*s != '\0') {
		size_t len = 0;

		while (is_alphanumeric(s[len]))
			len++;
		if (looks_like_bsn(s, len) || looks_like_postcode(s, len) || s[len] == '@')
			return true;
		s += len;
		s += *s != '\0' ? 1 : 0;
	}
	return false;
}

/* ---- forms by field ---- */

static bool
is_one_of(const char *s, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (strcmp(s, *list) == 0)
			return true;
	}
	return false;
}

static bool
ends_with(const char *s, const char *end)
{
	const size_t len = strlen(s), end_len = strlen(end);

	return len >= end_len && strcmp(s + len - end_len, end) == 0;
}

bool
form_is_policy(const ProtobufCMessageDescriptor *d)
{
	static const ProtobufCMessageDescriptor *const policy[] = {
	    &pb_PolicyTables_descriptor,   &pb_RuleTable_descriptor,     &pb_RuleBlock_descriptor,
	    &pb_RuleRow_descriptor,        &pb_RuleCondition_descriptor, &pb_RuleEffect_descriptor,
	    &pb_RuleSource_descriptor,     &pb_DeadlineRule_descriptor,  &pb_DeadlineTerm_descriptor,
	    &pb_PolicyTermRule_descriptor,
	};

	for (size_t i = 0; i < sizeof(policy) / sizeof(policy[0]); i++) {
		if (d == policy[i])
			return true;
	}
	return false;
}

enum form
form_of(const ProtobufCMessageDescriptor *d, const char *field)
{
	static const char *const ids[] = {"source", "id",         "case_id",      "youth_key",
					  "action", "subject_id", "subscription", NULL};
	static const char *const dates[] = {"valid_from", "valid_to",       "valid_until", "period_from",
					    "period_to",  "extra_holidays", NULL};

	if (form_is_policy(d))
		return FORM_TEXT;
	if (is_one_of(field, ids))
		return FORM_ID;
	if (is_one_of(field, dates) || ends_with(field, "_on") || ends_with(field, "due"))
		return FORM_DATE;
	if (strcmp(field, "version") == 0)
		return FORM_VERSION;
	return strcmp(field, "key") == 0 ? FORM_KEY : FORM_CODE;
}

static bool
is_key(const char *s)
{
	if (s[0] == 'P' && is_digit(s[1]))
		return record_is_name(s + 1) && strlen(s) <= CODE_MAX;
	return record_is_name(s);
}

static bool
is_table_text(const char *s)
{
	size_t len = 0;

	for (; len <= FORM_TEXT_MAX && s[len] != '\0'; len++) {
		if ((unsigned char)s[len] < ' ' || s[len] == 0x7f)
			return false;
	}
	return len <= FORM_TEXT_MAX;
}

bool
form_fits(enum form form, const char *text)
{
	switch (form) {
	case FORM_CODE: return record_is_code(text);
	case FORM_ID: return record_is_id(text);
	case FORM_DATE: return cal_parse(text) != CAL_NONE;
	case FORM_VERSION: return record_is_semver(text);
	case FORM_KEY: return is_key(text);
	case FORM_TEXT: return is_table_text(text);
	}
	return false;
}

const char *
form_remedy(enum form form)
{
	switch (form) {
	case FORM_CODE: return "write a code: A-Z 0-9 -, at most 40 characters";
	case FORM_ID: return "write an id: letters, digits and -, at most 64 characters";
	case FORM_DATE: return "write a day that exists as YYYY-MM-DD, from 1996 to 2199";
	case FORM_VERSION: return "write a semantic version such as 1.0.0, at most 40 characters";
	case FORM_KEY: return "write P1 to P26, or a name: a-z 0-9 _, at most 40 characters";
	case FORM_TEXT: return "write at most 240 bytes without control characters";
	}
	return "";
}

bool
form_moment_fits(const Google__Protobuf__Timestamp *t)
{
	if (t->nanos < 0 || t->nanos > 999999999)
		return false;
	const int year = cal_to_date(cal_local_day(record_at_ms(t))).year;

	return year >= CAL_YEAR_MIN && year <= CAL_YEAR_MAX;
}
