// SPDX-License-Identifier: EUPL-1.2
/* err.h - the four kinds of trouble.
 *
 *   bad data           -> a record that says so (never an enum err, never an assert)
 *   passing trouble    -> an enum err, or sticky in a transaction
 *   final trouble      -> fatal(): the process ends, its supervisor starts it again
 *   our own bug        -> ASSERT(): never compiled out */
#ifndef DOORBRAAK_ERR_H
#define DOORBRAAK_ERR_H

enum err {
	ERR_NONE = 0,
	ERR_AGAIN,      /* nothing there now */
	ERR_STORE_FULL, /* the map is full: the batch was undone, the same batch may be tried later */
	ERR_DISK_FULL,  /* ENOSPC at commit: end the process, the store is as before */
	ERR_IO,         /* any other failed write or sync: end the process, never try again in this life */
	ERR_CORRUPT,    /* a digest does not fit its bytes */
	ERR_REFUSED,    /* wrong folder, file system, lock, version: the sentence says what to do */
	ERR_MALFORMED,  /* input that cannot be read */
};

/* A sentence for a person: what, where, and what to do. */
struct why {
	char text[512];
};

void why_set(struct why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends the process with status 1 after one line on standard error. */
_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void assert_failed(const char *what, const char *file, int line);

#define ASSERT(x) ((x) ? (void)0 : assert_failed(#x, __FILE__, __LINE__))

#define MUST_USE __attribute__((warn_unused_result))

#endif
