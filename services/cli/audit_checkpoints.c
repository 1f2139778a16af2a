// SPDX-License-Identifier: EUPL-1.2
#include "services/cli/audit_checkpoints.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
add(struct cli *cli, struct audit_checkpoints *c, unsigned *room, const struct checkpoint *checkpoint)
{
	if (c->count == *room) {
		struct checkpoint *more = ARENA_ARRAY(&cli->arena, struct checkpoint, 2 * *room + 64);

		if (c->count > 0)
			memcpy(more, c->list, c->count * sizeof *more);
		c->list = more;
		*room = 2 * *room + 64;
	}
	c->list[c->count++] = *checkpoint;
}

static int
read_lines(struct cli *cli, FILE *file, const char *path, const struct checkpoint_public *key, const char *service,
	   struct audit_checkpoints *c)
{
	char line[CHECKPOINT_LINE_MAX];
	struct checkpoint checkpoint;
	unsigned room = 0;
	struct why why;

	while (fgets(line, sizeof line, file) != NULL) {
		char *end = strchr(line, '\n');

		c->lines++;
		if (end == NULL && feof(file))
			return CLI_OK; /* cut off by a crash */
		if (end != NULL)
			*end = '\0';
		if (!checkpoint_read(key, line, &checkpoint, &why))
			return cli_fail(cli, CLI_FAILED, "%s:%u: %s", path, c->lines, why.text);
		if (strcmp(checkpoint.origin, service) != 0)
			return cli_fail(cli, CLI_FAILED, "%s:%u: is a checkpoint of %s", path, c->lines,
					checkpoint.origin);
		if (c->count > 0 && checkpoint.seq < c->list[c->count - 1].seq)
			return cli_fail(cli, CLI_FAILED,
					"%s:%u: the log had %" PRIu64 " records before, and %" PRIu64
					" now: it was cut short, or a line was put elsewhere",
					path, c->lines, c->list[c->count - 1].seq, checkpoint.seq);
		if (c->count == AUDIT_CHECKPOINTS_MAX)
			return cli_fail(cli, CLI_USAGE, "%s: more than %u checkpoints", path, AUDIT_CHECKPOINTS_MAX);
		add(cli, c, &room, &checkpoint);
	}
	return CLI_OK;
}

int
audit_checkpoints_read(struct cli *cli, const char *folder, const char *key_path, const char *service,
		       struct audit_checkpoints *c)
{
	const char *path = arena_printf(&cli->arena, "%s/%s.checkpoints", folder, service);
	struct checkpoint_public key;
	struct why why;

	*c = (struct audit_checkpoints){0};
	if (!checkpoint_public_read(&key, key_path, &why))
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return cli_fail(cli, CLI_FAILED, "%s: no checkpoints of %s: %s; --service leaves a service out", path,
				service, strerror(errno));
	const int code = read_lines(cli, file, path, &key, service, c);

	fclose(file);
	return code;
}

int
audit_checkpoints_meet(struct cli *cli, struct audit_checkpoints *c, const char *service, uint64_t seq,
		       struct digest digest)
{
	for (; c->at < c->count && c->list[c->at].seq == seq; c->at++) {
		if (!digest_equal(c->list[c->at].digest, digest))
			return cli_fail(
			    cli, CLI_FAILED,
			    "%s: the access log up to record %" PRIu64
			    " is another than the one that was signed: it was written anew%s",
			    service, seq,
			    c->at == 0 ? ""
				       : arena_printf(&cli->arena, ", behind record %" PRIu64, c->list[c->at - 1].seq));
	}
	return CLI_OK;
}

int
audit_checkpoints_end(struct cli *cli, const struct audit_checkpoints *c, const char *service, uint64_t seq)
{
	if (c->at == c->count)
		return CLI_OK;
	return cli_fail(cli, CLI_FAILED,
			"%s: the access log ends at record %" PRIu64 ", and record %" PRIu64
			" was signed: it was cut short, or restored from an older copy",
			service, seq, c->list[c->count - 1].seq);
}
