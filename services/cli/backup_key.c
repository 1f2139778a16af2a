// SPDX-License-Identifier: EUPL-1.2
/* backup_key.c - `doorbraak backup keygen`, and reading what it made. */
#include "services/cli/backup_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PUBLIC_WORD "doorbraak-backup-public:"
#define SECRET_WORD "doorbraak-backup-secret:"
#define KEY_LINE    160

/* One line of a file; false with errno, or 0 when there is none. */
static bool
read_line(const char *path, char line[KEY_LINE], mode_t *mode)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n = -1;

	if (fd >= 0 && fstat(fd, &st) == 0)
		n = read(fd, line, KEY_LINE - 1);
	const int e = fd < 0 || n < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	if (n > 0) {
		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		*mode = st.st_mode;
	}
	errno = e;
	return n > 0;
}

static bool
read_half(const char *line, const char *word, uint8_t *out, size_t len)
{
	const size_t word_len = strlen(word);
	size_t got;

	return strncmp(line, word, word_len) == 0 && strlen(line + word_len) == 2 * len &&
	       sodium_hex2bin(out, len, line + word_len, 2 * len, NULL, &got, NULL) == 0 && got == len;
}

bool
backup_key_public(struct cli *cli, const char *given, uint8_t out[SEALED_PUBLIC])
{
	char line[KEY_LINE] = "";
	mode_t mode;

	if (read_half(given, PUBLIC_WORD, out, SEALED_PUBLIC))
		return true;
	if (!read_line(given, line, &mode) && errno != 0)
		cli_fail(cli, CLI_USAGE, "%s: cannot be read: %s", given, strerror(errno));
	else if (read_half(line, SECRET_WORD, out, SEALED_PUBLIC))
		cli_fail(cli, CLI_USAGE,
			 "%s is the secret half: keep it off this machine, and give the public one (FILE.pub)", given);
	else if (!read_half(line, PUBLIC_WORD, out, SEALED_PUBLIC))
		cli_fail(cli, CLI_USAGE, "%s: no public key for backups; `doorbraak backup keygen` makes one", given);
	else
		return true;
	sodium_memzero(line, sizeof line);
	return false;
}

bool
backup_key_secret(struct cli *cli, const char *path, uint8_t out[SEALED_SECRET])
{
	char line[KEY_LINE] = "";
	mode_t mode = 0;
	bool fine = false;

	if (!read_line(path, line, &mode) && errno != 0)
		cli_fail(cli, CLI_USAGE, "%s: cannot be read: %s", path, strerror(errno));
	else if (!read_half(line, SECRET_WORD, out, SEALED_SECRET))
		cli_fail(cli, CLI_USAGE, "%s: no secret key for backups; `doorbraak backup keygen` made one", path);
	else if ((mode & (S_IRWXG | S_IRWXO)) != 0)
		cli_fail(cli, CLI_USAGE, "%s: others may read it; chmod 400 it first", path);
	else
		fine = true;
	sodium_memzero(line, sizeof line);
	return fine;
}

/* ---- backup keygen ---- */

/* A new file; what is there stays. */
static bool
write_new(struct cli *cli, const char *path, const char *text, mode_t mode)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	const size_t len = strlen(text);
	const bool fine = fd >= 0 && write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
	const int e = errno;

	if (fd >= 0)
		close(fd);
	if (!fine)
		cli_fail(cli, CLI_USAGE, "%s: cannot be made: %s", path,
			 e == EEXIST ? "it is there; a key that is lost cannot be had again, take another name"
				     : strerror(e));
	return fine;
}

static int
keygen_run(struct cli *cli)
{
	uint8_t public[SEALED_PUBLIC], secret[SEALED_SECRET];
	char hex[2 * SEALED_SECRET + 1];

	if (cli->argument_count != 1)
		return cli_fail(cli, CLI_USAGE,
				"name one file for the secret half; the public one stands beside it as FILE.pub");
	if (sodium_init() < 0)
		fatal("libsodium cannot begin");
	crypto_box_keypair(public, secret);
	bytes_hex(bytes_of(public, sizeof public), hex);
	const char *open_line = arena_printf(&cli->arena, PUBLIC_WORD "%s\n", hex);
	bytes_hex(bytes_of(secret, sizeof secret), hex);
	char line[KEY_LINE];
	snprintf(line, sizeof line, SECRET_WORD "%s\n", hex);
	const char *path = cli->arguments[0], *pub = arena_printf(&cli->arena, "%s.pub", path);
	const bool made = write_new(cli, path, line, 0400) && write_new(cli, pub, open_line, 0444);
	sodium_memzero(line, sizeof line);
	sodium_memzero(hex, sizeof hex);
	sodium_memzero(secret, sizeof secret);
	if (!made)
		return CLI_USAGE;
	if (cli->json)
		fprintf(cli->out, "{\"public\":\"%.*s\"}\n", (int)strcspn(open_line, "\n"), open_line);
	else
		fprintf(cli->out,
			"%s\n%s reads every backup made with it: keep it, and a copy of it, away from this machine; "
			"without it no "
			"backup can be read. Backups need %s alone.\n",
			open_line, path, pub);
	return CLI_OK;
}

const struct command command_backup_keygen = {
    .name = "backup keygen",
    .summary = "a key for backups: the public half makes them, the secret one reads them",
    .usage = "FILE",
    .options = NULL,
    .help = "Writes the secret half to FILE (0400) and the public one to FILE.pub. Make it on a machine that is not "
	    "the one\n"
	    "that is backed up, or take FILE away from there. Keep two copies of FILE in different places.\n\n"
	    "Status 2: the file is there already, or cannot be made.\n\n"
	    "example:\n  doorbraak backup keygen ./escrow/doorbraak-backup\n",
    .run = keygen_run,
};
