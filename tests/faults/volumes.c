// SPDX-License-Identifier: EUPL-1.2
/* volumes.c - data folders that must not be used: each is refused with status 3 and a sentence of its own.
 *
 * All five run under load. Beside them a second process is started on a folder that is another's, damaged, or on the wrong
 * volume; what runs must not notice, and the folder must stay as it was. Two processes with the same number, each alone in its
 * namespace (as in two containers), are no exception. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "tests/faults/faults.h"

/* Of the shell: $RUN the run folder, $SVC the service, $D a folder of its own, $SERVICE the program with addresses of its own.
 * `keeps` is compared before and after. */
static const struct trial {
	const char *what, *prepare, *command, *says, *keeps;
} trials[] = {
    {"another process has it", "", "$SERVICE --data=$RUN/$SVC", "is in use: another process holds", NULL},
    {"another process has it, and both are number 1",
     "unshare --pid --fork --kill-child --mount-proc $SERVICE --data=$D/data 2>$D/first.log &"
     "for i in $(seq 200); do [ -e $D/data.address ] && break; sleep 0.05; done; [ -e $D/data.address ]",
     "unshare --pid --fork --kill-child --mount-proc $SERVICE --data=$D/data --listen=ipc://$D/second",
     "is in use: another process holds", NULL},
    {"something else holds the lock", "mkdir $D/data; flock $D/data.lock sleep 30 & sleep 0.1",
     "$SERVICE --data=$D/data", "is in use: another process holds", NULL},
    {"in memory that no file system keeps", "mkdir $D/m && mount -t ramfs none $D/m", "$SERVICE --data=$D/m/data",
     "type ramfs", NULL},
    {"no file system for data", "", "$SERVICE --data=/proc/data", "type proc", NULL},
    {"read-only", "mkdir $D/m && mount -t tmpfs -o ro none $D/m", "$SERVICE --data=$D/m/data", "Read-only file system",
     NULL},
    {"no folder above it", "", "$SERVICE --data=$D/not/there", "make it first", NULL},
    {"a file", "echo mine >$D/data", "$SERVICE --data=$D/data", "is no folder", "$D/data"},
    {"something of others in it", "mkdir $D/data && echo mine >$D/data/letter", "$SERVICE --data=$D/data",
     "is not empty", "$D/data/letter"},
    {"its data file is empty", "mkdir $D/data && : >$D/data/data.mdb", "$SERVICE --data=$D/data", "Restore a backup",
     "$D/data/data.mdb"},
    {"its data file is something else", "mkdir $D/data && head -c 1M /dev/urandom >$D/data/data.mdb",
     "$SERVICE --data=$D/data", "restore a backup", "$D/data/data.mdb"},
    {"its data file begins with zeros",
     "cp -r $COPY $D/data && dd if=/dev/zero of=$D/data/data.mdb bs=4096 count=2 conv=notrunc status=none",
     "$SERVICE --data=$D/data", "restore a backup", "$D/data/data.mdb"},
    {"its data file was cut off", "cp -r $COPY $D/data && truncate -s 64K $D/data/data.mdb", "$SERVICE --data=$D/data",
     "is cut off", "$D/data/data.mdb"},
};
#define TRIALS (sizeof trials / sizeof trials[0])

/* Prepares, notes what must be kept, starts the service, and looks at what it left. 90: it could not be prepared. */
static const char script[] = "D=$(mktemp -d $RUN/../trial.XXXXXX) || exit 90\n"
			     "SERVICE=\"timeout -s KILL 15 $BIN/doorbraak-$SVC --listen=ipc://$D/door --http=none\"\n"
			     "[ $SVC = intake ] || SERVICE=\"$SERVICE --upstream=ipc://$D/none\"\n"
			     "case $SVC in signalling|monitoring) SERVICE=\"$SERVICE --publish=none\";; esac\n"
			     "eval \"$PREPARE\" || exit 90\n"
			     "[ -z \"$KEEPS\" ] || eval cat $KEEPS >$D/kept\n"
			     "eval $COMMAND 2>$D/said\n"
			     "status=$?\n"
			     "jobs -p | xargs -r kill 2>/dev/null\n"
			     "[ $status = 3 ] || { tail -n 2 $D/said; exit 91; }\n"
			     "eval grep -qF \"'$SAYS'\" $D/said || { tail -n 2 $D/said; exit 92; }\n"
			     "[ -z \"$KEEPS\" ] || eval cmp -s $KEEPS $D/kept || exit 93\n";

static bool
try(struct faults *f, const struct trial *t, unsigned service, struct why *why)
{
	static const char *const wrong[] = {"cannot be prepared", "does not end with status 3", "does not say why",
					    "is not left as it was"};
	setenv("RUN", f->run_dir, 1);
	setenv("BIN", f->bin, 1);
	setenv("SVC", faults_name(service), 1);
	setenv("PREPARE", t->prepare, 1);
	setenv("COMMAND", t->command, 1);
	setenv("SAYS", t->says, 1);
	setenv("KEEPS", t->keeps == NULL ? "" : t->keeps, 1);
	const int raw = system(script);
	const int status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 90;
	if (status == 0)
		return true;
	why_set(why, "%s, %s: %s", faults_name(service), t->what, wrong[status >= 90 && status < 94 ? status - 90 : 0]);
	return false;
}

/* A folder with something in it, to be damaged. */
static bool
make_copy(struct faults *f, unsigned service, struct why *why)
{
	char path[300];

	snprintf(path, sizeof path, "%s/copy", f->dir);
	setenv("COPY", path, 1);
	fleet_kill(&f->fleet, service, 15);
	if (faults_do("rm -rf %s && cp -r %s/%s %s", path, f->run_dir, faults_name(service), path))
		return faults_start(f, service, why);
	why_set(why, "%s: cannot be copied", path);
	return false;
}

static bool
run(struct faults *f, struct why *why)
{
	if (!faults_own_mounts(f) || !faults_begin(f, why))
		return false;
	for (unsigned i = 0; i < f->rounds; i++) {
		const unsigned service =
		    f->service < SERVICE_COUNT ? f->service : (unsigned)((i + i / TRIALS) % SERVICE_COUNT);
		front_work(&f->front, 30, true);
		if (!make_copy(f, service, why) || !try(f, &trials[i % TRIALS], service, why))
			return false;
	}
	return faults_end(f, why);
}

const struct campaign campaign_volumes = {"volumes", "folders that must not be used", TRIALS, run};
