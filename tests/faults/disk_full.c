// SPDX-License-Identifier: EUPL-1.2
/* disk_full.c - the volume of one service fills up at a random moment, under load, and gets room again.
 *
 * Each service has an ext4 of its own; a file that takes the rest of it is what fills it. Half of the time there is a reserve
 * (disk_reserve), and what is left is less: the service must not end, and say so; intake accepts nothing. The other half there is none: some commit fails, the
 * service must end, and one that is started on the full volume waits for room. Half of those are killed while they wait. Once
 * there is room, all must go on by itself within RESUME_MS. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "tests/faults/faults.h"

#define VOLUME_MIB   1024u
#define RESERVE      "64M"
#define RESERVE_LEFT (48u << 20) /* of the volume: the rest of the reserve is for the second until it is noticed */
#define LEFT_MAX     (32u << 10) /* without a reserve */
#define RESUME_MS    5000
#define NOTICE_MS    20000 /* a few records at a time take a while to fill what is left */

struct full {
	struct faults *f;
	char volumes[SERVICE_COUNT][300], blockers[SERVICE_COUNT][320];
	int64_t longest_ms; /* from room to work */
	unsigned stood_still, ended;
};

/* The data folder is an empty one on the volume, by a link from the run folder. */
static bool
make_volumes(struct full *d, struct why *why)
{
	struct faults *f = d->f;

	if (!faults_own_mounts(f))
		return false;
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		const char *name = faults_name(i);
		snprintf(d->volumes[i], sizeof d->volumes[i], "%s/volume-%s", f->dir, name);
		snprintf(d->blockers[i], sizeof d->blockers[i], "%s/blocker", d->volumes[i]);
		if (!faults_volume(f, name, VOLUME_MIB, d->volumes[i]))
			return false;
		if (!faults_do("mkdir %s/data && ln -s %s/data %s/%s", d->volumes[i], d->volumes[i], f->run_dir,
			       name)) {
			why_set(why, "%s: no data folder can be made", d->volumes[i]);
			return false;
		}
	}
	return true;
}

static bool
fill(struct full *d, unsigned service, bool reserve, struct why *why)
{
	struct statvfs fs;
	const int fd = open(d->blockers[service], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	const uint64_t left = reserve ? RESERVE_LEFT : load_below(&d->f->random, LEFT_MAX);
	bool ok = fd >= 0;

	for (unsigned tries = 0; ok && tries < 8; tries++) {
		struct stat st;
		ok = fstatvfs(fd, &fs) == 0 && fstat(fd, &st) == 0;
		const uint64_t room = (uint64_t)fs.f_bavail * fs.f_frsize;
		if (!ok || room <= left)
			break;
		if (fallocate(fd, 0, st.st_size, (off_t)(room - left)) != 0)
			break; /* somebody else took it: look again at what there is */
	}
	if (fd >= 0)
		close(fd);
	if (!ok)
		why_set(why, "%s: cannot be filled", d->volumes[service]);
	return ok;
}

/* Who ended on the full disk is started again, as a supervisor would. */
static bool
supervise(struct full *d, unsigned service, struct why *why)
{
	int status = 0;

	if (!faults_ended(d->f, service, &status))
		return true;
	if (status == 1)
		return fleet_start(&d->f->fleet, service, why) == ERR_NONE;
	why_set(why, "%s ended with status %d on a full disk", faults_name(service), status);
	return false;
}

static bool
restart(struct full *d, unsigned service, bool reserve, struct why *why)
{
	fleet_kill(&d->f->fleet, service, SIGKILL);
	setenv("DOORBRAAK_DISK_RESERVE", reserve ? RESERVE : "0", 1);
	return faults_start(d->f, service, why);
}

/* With a reserve: says that the disk is low, and lives. */
static bool
stands_still(struct full *d, unsigned service, long log, struct why *why)
{
	const int64_t until = front_steady_ms() + NOTICE_MS;
	struct faults *f = d->f;
	int status = 0;

	while (!faults_log_says(f, service, log, "disk_low") && front_steady_ms() < until)
		front_work(&f->front, 20, true);
	const uint64_t before = f->front.ack_count;
	front_work(&f->front, 300, true);
	if (faults_ended(f, service, &status)) {
		why_set(why, "%s ended with status %d on a full disk, in spite of its reserve", faults_name(service),
			status);
		return false;
	}
	if (!faults_log_says(f, service, log, "disk_low")) {
		why_set(why, "%s does not notice that the disk is low", faults_name(service));
		return false;
	}
	if (service == 0 && f->front.ack_count > before + FRONT_FLIGHTS) {
		why_set(why, "intake accepts on a full disk");
		return false;
	}
	d->stood_still++;
	return true;
}

/* Without: its commit fails, it ends, and waits for room when it is started. */
static bool
ends_and_waits(struct full *d, unsigned service, long log, struct why *why)
{
	struct faults *f = d->f;
	int status = 0;

	if (!faults_await_end(f, service, NOTICE_MS, &status)) {
		why_set(why, "%s goes on with a full disk and no reserve", faults_name(service));
		return false;
	}
	if (status != 1 || !faults_log_says(f, service, log, "failed")) {
		why_set(why, "%s ended with status %d and no sentence on a full disk", faults_name(service), status);
		return false;
	}
	d->ended++;
	for (unsigned lives = 1 + (unsigned)load_below(&f->random, 2); lives > 0; lives--) {
		fleet_kill(&f->fleet, service, SIGKILL);
		if (fleet_start(&f->fleet, service, why) != ERR_NONE)
			return false;
		front_work(&f->front, 20 + (int64_t)load_below(&f->random, 200), true);
	}
	return supervise(d, service, why);
}

/* From the moment on at which there is room: intake accepts, the others apply. */
static bool
resumes(struct full *d, unsigned service, struct why *why)
{
	struct faults *f = d->f;
	const int64_t began = front_steady_ms();
	const uint64_t acks = f->front.ack_count;
	const int64_t applied = (int64_t)f->front.acks[acks - 1].seq;

	for (;;) {
		front_work(&f->front, 20, true);
		if (!supervise(d, service, why))
			return false;
		if (service == 0 ? f->front.ack_count > acks + FRONT_FLIGHTS : faults_applied(f, service) >= applied)
			break;
		if (front_steady_ms() - began > RESUME_MS) {
			why_set(why, "%s does not go on within %d ms of getting room again", faults_name(service),
				RESUME_MS);
			return false;
		}
	}
	const int64_t took = front_steady_ms() - began;
	if (took > d->longest_ms)
		d->longest_ms = took;
	return true;
}

static bool
moment(struct full *d, unsigned service, bool reserve, struct why *why)
{
	struct faults *f = d->f;

	if (!restart(d, service, reserve, why))
		return false;
	front_work(&f->front, 10 + (int64_t)load_below(&f->random, 150), true);
	const long log = faults_log_end(f, service);
	if (!fill(d, service, reserve, why))
		return false;
	const bool stood = reserve ? stands_still(d, service, log, why) : ends_and_waits(d, service, log, why);
	unlink(d->blockers[service]);
	return stood && resumes(d, service, why) && fleet_wait(&f->fleet, service, START_MS, why) == ERR_NONE;
}

static bool
run(struct faults *f, struct why *why)
{
	struct full d = {.f = f};

	if (!make_volumes(&d, why) || !faults_begin(f, why))
		return false;
	for (unsigned i = 0; i < f->rounds; i++) {
		const unsigned service = f->service < SERVICE_COUNT ? f->service : i % SERVICE_COUNT;
		if (!moment(&d, service, i / SERVICE_COUNT % 2 == 0, why))
			return false;
	}
	printf("%u stood still with a reserve, %u ended without one; the longest from room to work: %lld ms\n",
	       d.stood_still, d.ended, (long long)d.longest_ms);
	return faults_end(f, why);
}

const struct campaign campaign_disk_full = {"disk-full", "the volume of a service fills up, and gets room again", 20,
					    run};
