// SPDX-License-Identifier: EUPL-1.2
/* judge_guard.c - I10 by other means than intake's guard: every text of a record, token by token. */
#include "tests/sim/judge_internal.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Nine digits whose weighted sum (9..2, -1) is a multiple of eleven. */
static bool
is_citizen_number(const char *s, size_t len)
{
	int sum = 0;

	if (len != 9)
		return false;
	for (int i = 0; i < 9; i++) {
		if (!is_digit(s[i]))
			return false;
		sum += (s[i] - '0') * (i == 8 ? -1 : 9 - i);
	}
	return sum % 11 == 0;
}

static bool
is_postcode(const char *s, size_t len)
{
	if (len != 6 || s[0] == '0')
		return false;
	for (int i = 0; i < 4; i++)
		if (!is_digit(s[i]))
			return false;
	return is_letter(s[4]) && is_letter(s[5]);
}

bool
judge_text_is_clean(const char *text)
{
	if (strchr(text, '@') != NULL)
		return false;
	while (*text != '\0') {
		size_t len = 0;
		while (is_digit(text[len]) || is_letter(text[len]))
			len++;
		if (is_citizen_number(text, len) || is_postcode(text, len))
			return false;
		text += len == 0 ? 1 : len;
	}
	return true;
}

static const char *
unclean_value(const ProtobufCFieldDescriptor *f, const void *value)
{
	if (f->type == PROTOBUF_C_TYPE_STRING) {
		const char *text = *(const char *const *)value;
		return text == NULL || judge_text_is_clean(text) ? NULL : f->name;
	}
	if (f->type == PROTOBUF_C_TYPE_MESSAGE && *(const ProtobufCMessage *const *)value != NULL)
		return judge_unclean_field(*(const ProtobufCMessage *const *)value);
	return NULL;
}

const char *
judge_unclean_field(const ProtobufCMessage *m)
{
	for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
		const char *at = (const char *)m + f->offset;
		const void *quantifier = (const char *)m + f->quantifier_offset;
		size_t count = 1;

		if (f->type != PROTOBUF_C_TYPE_STRING && f->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 && *(const uint32_t *)quantifier != f->id)
			continue;
		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			count = *(const size_t *)quantifier;
			at = *(const char *const *)(const void *)at;
		}
		for (size_t k = 0; k < count; k++) {
			const char *name = unclean_value(f, at + k * sizeof(void *));
			if (name != NULL)
				return name;
		}
	}
	return NULL;
}
