// SPDX-License-Identifier: EUPL-1.2
/* backup_set.h - what stands in a backup, and when a set of copies fits together.
 *
 * Inside the seal (sealed.h) members follow each other: a head of BACKUP_HEAD_BYTES (name, NUL to the end; length, 8 bytes
 * big-endian) and the bytes. A member is an image of an environment (store_copy.h): "monitoring", or "monitoring/access" for who
 * looked. They stand in the order in which they were copied: downstream first, intake last. So whatever a consumer had read when it
 * was copied, stands in the copy of its producer: that was copied later, and a producer never loses a record.
 *
 * The last member is "manifest": lines of JSON, first one about the whole, then one for each image with its length, BLAKE2b, and
 * what its journal says: history, head, digest of the chain, cursor, versions. Who reads a backup works out the same lines from the
 * images and compares. */
#ifndef DOORBRAAK_BACKUP_SET_H
#define DOORBRAAK_BACKUP_SET_H

#include "common/cursor.h"
#include "common/service.h"
#include "services/cli/progress.h"

#define BACKUP_FORMAT       1
#define BACKUP_NAME_MAX     48
#define BACKUP_HEAD_BYTES   (BACKUP_NAME_MAX + 8)
#define BACKUP_MEMBERS      (2 * SERVICE_COUNT)
#define BACKUP_MANIFEST     "manifest"
#define BACKUP_MANIFEST_MAX (64u << 10)
#define BACKUP_MEMBER(s, a) (2 * (s) + ((a) ? 1u : 0u)) /* service of the row; its access log? */
#define BACKUP_SERVICE(m)   ((m) / 2)
#define BACKUP_IS_ACCESS(m) ((m) % 2 == 1)

/* What is known of an image. */
struct backup_facts {
	bool there;
	uint64_t bytes;
	struct digest file; /* BLAKE2b-256 of the image */
	struct history history;
	struct journal_head head;
	struct cursor cursor;   /* {0} at intake, and for an access log */
	uint32_t logic_version; /* 0 for an access log */
	/* Of the record that its consumer in the set has read last: all zero when that is not there. */
	struct digest at_consumer;
};

/* In the order in which they are copied and stand in a backup: the member at place 0, 1, ... */
static inline unsigned
backup_member_at(unsigned place)
{
	return BACKUP_MEMBER(SERVICE_COUNT - 1 - place / 2, place % 2 == 1);
}

const char *backup_member_name(struct arena *a, unsigned member);
/* BACKUP_MEMBERS when there is none of that name. */
unsigned backup_member_of(const char *name);
/* The folder of a member's environment (asking_store). */
const char *backup_member_dir(struct arena *a, const char *data, unsigned member);

/* Walks the whole journal of the image that `path` names, each record against its digest, and takes the length and digest of
 * the file. `consumer` (may be NULL): the facts of who reads it. */
bool backup_facts_read(struct backup_facts *f, unsigned member, const char *path, const struct backup_facts *consumer,
		       const struct progress *progress, struct why *why);
/* Had no consumer read more than its producer has? Looks at pairs that are both there; false with *why. */
bool backup_set_fits(const struct backup_facts facts[BACKUP_MEMBERS], struct why *why);

/* A file without a name in `dir`, for a copy: gone with this process. -1 after telling why. */
int backup_nameless(struct cli *cli, const char *dir);

/* For people: a line for each that is there. */
void backup_facts_print(struct cli *cli, const struct backup_facts facts[BACKUP_MEMBERS]);

/* A line of the manifest. */
const char *backup_facts_line(struct arena *a, unsigned member, const struct backup_facts *f);
/* Its first line. */
const char *backup_whole_line(struct arena *a, const char *made_at, unsigned count);

#endif
