// SPDX-License-Identifier: EUPL-1.2
/* submit_read.h - submissions from files, from standard input and from the command line, one after the other.
 *
 * A file holds one submission, a list of them, or {"submissions": [..]}, in YAML or JSON, with the fields of the contract
 * in either spelling (case_id, caseId); it is read as a whole. Or it holds JSON lines, a submission a line: then its first
 * line is a whole JSON object, and it is read line by line, as far as it comes. Every complaint names the file and the
 * line. */
#ifndef DOORBRAAK_SUBMIT_READ_H
#define DOORBRAAK_SUBMIT_READ_H

#include "common/record.h"
#include "services/cli/cli.h"

#define SUBMIT_BYTES_MAX (64u << 20) /* of a file that is read as a whole */

struct submit_item {
	const char *from; /* "case.yaml:3", for people */
	unsigned line;    /* of JSON lines; else 0 */
	pb_Submission *submission;
	struct submit_item *next;
};

struct submit_list {
	struct submit_item *first, *last;
	unsigned count;
};

struct submit_file {
	const char *name;
	struct submit_list list; /* what was read as a whole */
	bool lines;              /* or: read line by line */
	int fd;                  /* -1: none */
	uint8_t *buffer;         /* malloc; read, but not yet taken: from `begin` to `end` */
	size_t begin, end, room;
	bool at_end;        /* of the input */
	struct bytes text;  /* of the last line that was taken, in the buffer */
	unsigned line;      /* its number */
	uint64_t read, all; /* bytes; all is 0 when it is not known */
};

/* One message by name, with its fields as flow YAML (--with) and each as NAME=VALUE (--set). */
bool submit_read_flags(struct submit_file *file, struct cli *cli, struct why *why);

/* Opens a file ("-": standard input); reads it, when it is no JSON lines. False with *why. To be closed in both cases. */
bool submit_file_open(struct submit_file *file, struct arena *a, const char *path, struct why *why);
enum submit_next { SUBMIT_ITEM, SUBMIT_WRONG, SUBMIT_END, SUBMIT_BROKEN };
/* The next line of JSON lines; WRONG with *why: this line is passed over; BROKEN with *why: it cannot be read on. */
enum submit_next submit_file_next(struct submit_file *file, struct arena *a, struct submit_item *item, struct why *why);
/* True while the next line has not come yet. */
bool submit_file_waits(const struct submit_file *file);
void submit_file_close(struct submit_file *file);

/* 32 random hexadecimal digits: an id that nobody has used. */
char *submit_random_id(struct arena *a);

#endif
