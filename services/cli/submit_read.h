// SPDX-License-Identifier: EUPL-1.2
/* submit_read.h - submissions from files, from standard input and from the command line.
 *
 * A file holds one submission, or a list of them, in YAML or JSON with the fields of the contract; or JSON lines, one
 * submission a line. Every complaint names the file and the line. */
#ifndef DOORBRAAK_SUBMIT_READ_H
#define DOORBRAAK_SUBMIT_READ_H

#include "common/record.h"
#include "services/cli/cli.h"

#define SUBMIT_BYTES_MAX (64u << 20) /* of a file */

struct submit_item {
	const char *from; /* "case.yaml:3", for people */
	pb_Submission *submission;
	struct submit_item *next;
};

struct submit_list {
	struct submit_item *first, **end;
	unsigned count;
};

void submit_list_init(struct submit_list *list);
/* All of a file ("-": standard input) is added. False with *why. */
bool submit_read_file(struct arena *a, const char *path, struct submit_list *list, struct why *why);
/* One message by name, with its fields as flow YAML (NULL: none). */
bool submit_read_flags(struct arena *a, const char *message, const char *case_id, const char *by, const char *with,
		       struct submit_list *list, struct why *why);
/* 32 random hexadecimal digits: an id that nobody has used. */
char *submit_random_id(struct arena *a);

#endif
