// SPDX-License-Identifier: EUPL-1.2
/* json_parse.c - RFC 8259 text as a tree; nothing that the RFC does not have. Stops at the first mistake. */
#include "common/json_wire.h"

struct parse {
	struct arena *arena;
	struct bytes text;
	size_t at;
	unsigned line, depth, nodes;
	struct json_problems *problems;
};

/* ---- where it stands ---- */

/* Always false. */
static bool
refuse(struct parse *p, const char *code, const char *what)
{
	unsigned line = 1, column = 1;

	for (size_t i = 0; i < p->at && i < p->text.len; i++) {
		column = p->text.data[i] == '\n' ? 1 : column + 1;
		line += p->text.data[i] == '\n';
	}
	p->problems->p[0] =
	    (struct json_problem){"", code, arena_printf(p->arena, "line %u, column %u: %s", line, column, what)};
	p->problems->count = 1;
	return false;
}

static bool
not_json(struct parse *p, const char *what)
{
	return refuse(p, "NOT_JSON", what);
}

static int
next(const struct parse *p)
{
	return p->at < p->text.len ? p->text.data[p->at] : -1;
}

static void
skip_space(struct parse *p)
{
	for (int c = next(p); c == ' ' || c == '\t' || c == '\n' || c == '\r'; c = next(p)) {
		p->line += c == '\n';
		p->at++;
	}
}

static bool
take(struct parse *p, char wanted)
{
	if (next(p) != wanted)
		return false;
	p->at++;
	return true;
}

/* ---- strings ---- */

static bool
take_hex4(struct parse *p, uint32_t *value)
{
	*value = 0;
	for (unsigned i = 0; i < 4; i++, p->at++) {
		const int c = next(p);
		const int digit = c >= '0' && c <= '9'   ? c - '0'
				  : c >= 'a' && c <= 'f' ? c - 'a' + 10
				  : c >= 'A' && c <= 'F' ? c - 'A' + 10
							 : -1;

		if (digit < 0)
			return not_json(p, "\\u wants four hexadecimal digits");
		*value = *value << 4 | (uint32_t)digit;
	}
	return true;
}

static size_t
put_utf8(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	const size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = len; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(first[len] | c);
	return len;
}

/* Behind \u: one character, of one or of two halves. */
static bool
take_unicode(struct parse *p, char *out, size_t *len)
{
	uint32_t c, low;

	if (!take_hex4(p, &c))
		return false;
	if (c == 0)
		return not_json(p, "\\u0000 has no place in text; leave it out");
	if (c >= 0xd800 && c < 0xdc00) {
		if (!take(p, '\\') || !take(p, 'u'))
			return not_json(p, "half a character: \\ud8.. wants \\udc.. behind it");
		if (!take_hex4(p, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return not_json(p, "half a character: \\ud8.. wants \\udc.. behind it");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	} else if (c >= 0xdc00 && c <= 0xdfff) {
		return not_json(p, "half a character: \\udc.. wants \\ud8.. before it");
	}
	*len += put_utf8(out + *len, c);
	return true;
}

static bool
take_escape(struct parse *p, char *out, size_t *len)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const int c = next(p);

	p->at++;
	if (c == 'u')
		return take_unicode(p, out, len);
	const char *hit = c <= 0 ? NULL : strchr(from, c);
	if (hit == NULL)
		return not_json(p, "no such escape; there are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
	out[(*len)++] = to[hit - from];
	return true;
}

/* The closing quote, from here: as much room as the text can need. 0 when there is none. */
static size_t
quoted_length(const struct parse *p)
{
	for (size_t i = p->at; i < p->text.len; i++) {
		if (p->text.data[i] == '"')
			return i - p->at + 1;
		i += p->text.data[i] == '\\';
	}
	return 0;
}

/* Behind the opening quote. */
static bool
take_string(struct parse *p, const char **text)
{
	const size_t room = quoted_length(p);
	size_t len = 0;

	if (room == 0)
		return not_json(p, "a text without its closing quote");
	char *out = arena_take(p->arena, room);

	while (!take(p, '"')) {
		const size_t one = bytes_utf8_length(bytes_of(p->text.data + p->at, p->text.len - p->at));

		if (one == 0)
			return not_json(p, "not UTF-8");
		if (p->text.data[p->at] < ' ')
			return not_json(p, "a control character inside a text; write it as \\n, \\t or \\u00XX");
		if (take(p, '\\')) {
			if (!take_escape(p, out, &len))
				return false;
			continue;
		}
		memcpy(out + len, p->text.data + p->at, one);
		len += one;
		p->at += one;
	}
	*text = out;
	return true;
}

/* ---- numbers and words ---- */

static bool
take_digits(struct parse *p)
{
	const size_t from = p->at;

	while (next(p) >= '0' && next(p) <= '9')
		p->at++;
	return p->at > from;
}

static bool
take_number(struct parse *p)
{
	take(p, '-');
	if (!take(p, '0') && !take_digits(p))
		return not_json(p, "no value; write a number, a text in quotes, true, false, null, {..} or [..]");
	if (take(p, '.') && !take_digits(p))
		return not_json(p, "digits are missing behind the point");
	if (take(p, 'e') || take(p, 'E')) {
		if (!take(p, '+'))
			take(p, '-');
		if (!take_digits(p))
			return not_json(p, "digits are missing in the exponent");
	}
	return true;
}

static bool
take_word(struct parse *p)
{
	static const char *const words[] = {"true", "false", "null"};
	const struct bytes rest = bytes_of(p->text.data + p->at, p->text.len - p->at);

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (bytes_begin_with(rest, bytes_str(words[i]))) {
			p->at += strlen(words[i]);
			return true;
		}
	}
	return false;
}

/* ---- values ---- */

static struct tree *take_value(struct parse *p);

static bool
take_key(struct parse *p, const char **key)
{
	skip_space(p);
	if (!take(p, '"'))
		return not_json(p, "a name in quotes is wanted here");
	if (!take_string(p, key))
		return false;
	skip_space(p);
	return take(p, ':') || not_json(p, "a colon is wanted behind the name");
}

static bool
take_children(struct parse *p, struct tree *parent)
{
	const bool map = parent->kind == TREE_MAP;
	const char end = map ? '}' : ']';
	struct tree **link = &parent->first;

	skip_space(p);
	if (take(p, end))
		return true;
	for (;;) {
		const char *key = NULL;

		if (map && !take_key(p, &key))
			return false;
		*link = take_value(p);
		if (*link == NULL)
			return false;
		(*link)->key = key;
		link = &(*link)->next;
		skip_space(p);
		if (take(p, end))
			return true;
		if (!take(p, ','))
			return not_json(p, map ? "a comma or } is wanted here" : "a comma or ] is wanted here");
	}
}

static bool
take_nested(struct parse *p, struct tree *node, enum tree_kind kind)
{
	node->kind = kind;
	if (p->depth == JSON_DEPTH_MAX)
		return refuse(
		    p, "TOO_LARGE",
		    arena_printf(p->arena, "too deep: at most %u lists and objects inside each other", JSON_DEPTH_MAX));
	p->depth++;
	const bool good = take_children(p, node);

	p->depth--;
	return good;
}

static bool
take_scalar(struct parse *p, struct tree *node)
{
	const size_t from = p->at;

	if (take(p, '"')) {
		node->quoted = true;
		return take_string(p, &node->text);
	}
	if (!take_word(p) && !take_number(p))
		return false;
	node->text = arena_str(p->arena, bytes_of(p->text.data + from, p->at - from));
	return true;
}

static struct tree *
take_value(struct parse *p)
{
	struct tree *node = ARENA_NEW(p->arena, struct tree);
	bool good;

	skip_space(p);
	node->line = p->line;
	if (p->nodes++ == JSON_NODES_MAX)
		good = refuse(p, "TOO_LARGE", arena_printf(p->arena, "more than %u values; divide it", JSON_NODES_MAX));
	else if (take(p, '{'))
		good = take_nested(p, node, TREE_MAP);
	else if (take(p, '['))
		good = take_nested(p, node, TREE_LIST);
	else
		good = take_scalar(p, node);
	return good ? node : NULL;
}

const struct tree *
json_parse(struct arena *a, struct bytes text, struct json_problems *problems)
{
	/* Nothing at all has an address too, for the reader to stand on. */
	struct parse p = {.arena = a, .text = text.len == 0 ? bytes_str("") : text, .line = 1, .problems = problems};

	ASSERT(problems->count == 0);
	if (text.len > JSON_BYTES_MAX) {
		refuse(&p, "TOO_LARGE", arena_printf(a, "more than %u bytes; divide it", JSON_BYTES_MAX));
		return NULL;
	}
	const struct tree *root = take_value(&p);

	if (root == NULL)
		return NULL;
	skip_space(&p);
	if (p.at < text.len) {
		not_json(&p, "something stands behind the value; one value is wanted");
		return NULL;
	}
	return root;
}
