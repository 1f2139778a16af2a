// SPDX-License-Identifier: EUPL-1.2
#include "common/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/err.h"

#define TAIL_ROOM 32u /* for the mark that fields were left out, and the end of the line */

struct line {
	char text[LOG_LINE_MAX];
	size_t len;
	bool full; /* something did not fit; what was written since the last good length is worthless */
};

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static const char *const level_priorities[] = {"<7>", "<6>", "<4>", "<3>"};

static void
put(struct line *line, const char *text, size_t len)
{
	if (line->full || len > sizeof(line->text) - TAIL_ROOM - line->len) {
		line->full = true;
		return;
	}
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

static void
put_str(struct line *line, const char *text)
{
	put(line, text, strlen(text));
}

/* Bytes of the well-formed UTF-8 character that `s` begins with, 0 when there is none. */
static size_t
utf8_len(const unsigned char *s)
{
	size_t len;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	else
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	const bool overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
	const bool no_character = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);

	return overlong || no_character ? 0 : len;
}

static void
put_quoted(struct line *line, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	char escaped[8];

	put(line, "\"", 1);
	while (*s != '\0') {
		const size_t len = utf8_len(s);

		if (len == 0) {
			put_str(line, "\\ufffd");
		} else if (*s == '"' || *s == '\\') {
			put(line, "\\", 1);
			put(line, (const char *)s, 1);
		} else if (*s < ' ' || *s == 0x7f) {
			snprintf(escaped, sizeof(escaped), "\\u%04x", *s);
			put_str(line, escaped);
		} else {
			put(line, (const char *)s, len);
		}
		s += len == 0 ? 1 : len;
	}
	put(line, "\"", 1);
}

/* Plain when nothing in it could be taken for the next field. */
static void
put_text(struct line *line, const char *text)
{
	bool plain = *text != '\0';

	for (const char *s = text; *s != '\0'; s++) {
		if (*s <= ' ' || *s > '~' || *s == '"' || *s == '\\' || *s == '=')
			plain = false;
	}
	if (plain)
		put_str(line, text);
	else
		put_quoted(line, text);
}

static void
put_value(struct line *line, const struct log_field *field, enum log_form form)
{
	char number[32];

	switch (field->kind) {
	case LOG_KIND_TEXT:
		if (form == LOG_FORM_JSON)
			put_quoted(line, field->text == NULL ? "" : field->text);
		else
			put_text(line, field->text == NULL ? "" : field->text);
		return;
	case LOG_KIND_UNSIGNED: snprintf(number, sizeof(number), "%" PRIu64, field->number); break;
	case LOG_KIND_SIGNED: snprintf(number, sizeof(number), "%" PRId64, field->integer); break;
	case LOG_KIND_BOOL: snprintf(number, sizeof(number), "%s", field->truth ? "true" : "false"); break;
	}
	put_str(line, number);
}

static void
put_stamp(struct line *line, enum log_form form)
{
	struct timespec now;
	struct tm tm;
	char stamp[32], text[48];

	clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &tm) == NULL || strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		stamp[0] = '\0';
	snprintf(text, sizeof(text), "%s.%03uZ", stamp, (unsigned)(now.tv_nsec / 1000000));
	if (form == LOG_FORM_JSON) {
		put_str(line, "{\"ts\":");
		put_quoted(line, text);
	} else {
		put_str(line, text);
	}
}

static void
put_fields(struct line *line, const struct log_field *fields, enum log_form form)
{
	bool cut = false;

	for (const struct log_field *field = fields; field->name != NULL; field++) {
		const size_t good = line->len;

		if (form == LOG_FORM_JSON) {
			put(line, ",", 1);
			put_quoted(line, field->name);
			put(line, ":", 1);
		} else {
			put(line, " ", 1);
			put_str(line, field->name);
			put(line, "=", 1);
		}
		put_value(line, field, form);
		if (line->full) {
			line->full = false;
			line->len = good;
			cut = true;
		}
	}
	if (!cut)
		return;
	const char *mark = form == LOG_FORM_JSON ? ",\"cut\":true" : " cut=true";

	ASSERT(strlen(mark) + 3 <= TAIL_ROOM);
	memcpy(line->text + line->len, mark, strlen(mark));
	line->len += strlen(mark);
}

/* systemd names the device and inode of the descriptor it listens to; only that one takes priorities. */
static bool
is_journal(int fd, const char *journal_stream)
{
	char ours[64];
	struct stat st;

	if (journal_stream == NULL || fstat(fd, &st) != 0)
		return false;
	snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(ours, journal_stream) == 0;
}

void
log_init(struct log *log, int fd, enum log_form form, enum log_level level, const char *service,
	 const char *journal_stream)
{
	ASSERT(level <= LOG_LEVEL_ERROR);

	if (form == LOG_FORM_AUTO)
		form = isatty(fd) ? LOG_FORM_TEXT : LOG_FORM_JSON;
	*log = (struct log){
	    .fd = fd,
	    .form = form,
	    .level = level,
	    .priorities = is_journal(fd, journal_stream),
	    .service = code_of(service),
	};
}

static void
write_line(int fd, const char *text, size_t len)
{
	while (len > 0) {
		const ssize_t written = write(fd, text, len);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		text += written;
		len -= (size_t)written;
	}
}

void
log_write(const struct log *log, enum log_level level, const struct log_field *fields)
{
	struct line line;

	ASSERT(level <= LOG_LEVEL_ERROR);
	ASSERT(fields[0].name != NULL);
	if (level < log->level)
		return;

	line.len = 0;
	line.full = false;
	if (log->priorities)
		put_str(&line, level_priorities[level]);
	put_stamp(&line, log->form);
	if (log->form == LOG_FORM_JSON) {
		put_str(&line, ",\"level\":");
		put_quoted(&line, level_names[level]);
		put_str(&line, ",\"service\":");
		put_quoted(&line, log->service.s);
		put_str(&line, ",\"event\":");
		put_quoted(&line, fields[0].name);
		put_fields(&line, fields + 1, log->form);
		line.text[line.len++] = '}';
	} else {
		put(&line, " ", 1);
		put_str(&line, level_names[level]);
		put(&line, " ", 1);
		put_str(&line, log->service.s);
		put(&line, ": ", 2);
		put_str(&line, fields[0].name);
		put_fields(&line, fields + 1, log->form);
	}
	line.text[line.len++] = '\n';
	write_line(log->fd, line.text, line.len);
}
