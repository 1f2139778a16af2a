// SPDX-License-Identifier: EUPL-1.2
/* log.h - one line per event on standard error.
 *
 * A line is a JSON object {"ts", "level", "service", "event", and the fields}; on a terminal it is plain text for
 * people. Under systemd (JOURNAL_STREAM names our descriptor) every line begins with its priority, <3> to <7>. A line
 * leaves in one write and is at most LOG_LINE_MAX bytes: fields that do not fit are left out whole and "cut" is true.
 *
 * Fields are typed and named by the programmer. They hold endpoints, counts, codes and sentences of our own; never
 * content of a message, never an id of a case. A line that cannot be written is lost: the log never holds up the work.
 *
 * A `struct log` is a value that is handed around; nothing is global. The clock is read here for the stamp only. */
#ifndef DOORBRAAK_LOG_H
#define DOORBRAAK_LOG_H

#include "common/bytes.h"

#define LOG_LINE_MAX 4096u

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_form { LOG_FORM_AUTO, LOG_FORM_JSON, LOG_FORM_TEXT };

struct log {
	int fd;
	enum log_form form;   /* JSON or TEXT */
	enum log_level level; /* what is less is left out */
	bool priorities;      /* <N> in front of a line */
	struct code service;
};

enum log_kind { LOG_KIND_TEXT, LOG_KIND_UNSIGNED, LOG_KIND_SIGNED, LOG_KIND_BOOL };

struct log_field {
	const char *name; /* a-z 0-9 _ */
	enum log_kind kind;
	union {
		const char *text; /* NULL is written as "" */
		uint64_t number;
		int64_t integer;
		bool truth;
	};
};

/* AUTO becomes TEXT on a terminal, else JSON. `journal_stream` is the value of JOURNAL_STREAM, NULL when not set. */
void log_init(struct log *log, int fd, enum log_form form, enum log_level level, const char *service,
	      const char *journal_stream);

/* log_say(log, LOG_LEVEL_INFO, "started", log_text("door", endpoint), log_number("pid", pid)) */
#define log_say(log, level, event, ...)                                                                                \
	log_write((log), (level), (const struct log_field[]){{.name = (event)}, ##__VA_ARGS__, {.name = NULL}})

static inline struct log_field
log_text(const char *name, const char *text)
{
	return (struct log_field){.name = name, .kind = LOG_KIND_TEXT, .text = text};
}

static inline struct log_field
log_number(const char *name, uint64_t number)
{
	return (struct log_field){.name = name, .kind = LOG_KIND_UNSIGNED, .number = number};
}

static inline struct log_field
log_integer(const char *name, int64_t integer)
{
	return (struct log_field){.name = name, .kind = LOG_KIND_SIGNED, .integer = integer};
}

static inline struct log_field
log_bool(const char *name, bool truth)
{
	return (struct log_field){.name = name, .kind = LOG_KIND_BOOL, .truth = truth};
}

/* The name of the first field is the event; the last has no name. Called through log_say. */
void log_write(const struct log *log, enum log_level level, const struct log_field *fields);

#endif
