// SPDX-License-Identifier: EUPL-1.2
/* power.c - power cuts: a real ext4 forgets all that was not flushed, under five services at work.
 *
 * The run folder is an ext4 in a file. FS_IOC_SHUTDOWN ends it at once, like a plug that is pulled: what is on the disk is what
 * was flushed to it. The services go on for a moment on what has no ground any more: whatever they still say "accepted" to must
 * be there afterwards, too. Then they are killed, the volume is mounted again (ext4 recovers), and they start. A fifth of the
 * cuts hits the very first start, two fifths of the others another time while services recover.
 *
 * Not shown here: sectors torn in two, which ext4 in a file never does (tests/faults/crash_states.c does). */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/faults/faults.h"

#define EXT4_IOC_SHUTDOWN _IOR('X', 125, uint32_t)
#define DROP_ALL          2u /* neither data nor ext4's own journal is flushed */
#define VOLUME_MIB        4096u
#define UNGROUNDED_MS     30 /* services go on for so long after the cut */

static bool
cut(struct faults *f, struct why *why)
{
	const uint32_t how = DROP_ALL;
	const int fd = open(f->run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const bool ok = fd >= 0 && ioctl(fd, EXT4_IOC_SHUTDOWN, &how) == 0;

	if (fd >= 0)
		close(fd);
	if (!ok)
		why_set(why, "the volume cannot be cut off");
	return ok;
}

static bool
power_back(struct faults *f, struct why *why)
{
	faults_kill_all(f);
	if (faults_do("umount %s && mount -o loop %s/disk.img %s", f->run_dir, f->dir, f->run_dir))
		return true;
	why_set(why, "the volume cannot be mounted again");
	return false;
}

/* All set off at once, and cut within so many milliseconds. */
static bool
cut_while_starting(struct faults *f, uint64_t within_ms, struct why *why)
{
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		if (fleet_start(&f->fleet, i, why) != ERR_NONE)
			return false;
	poll(NULL, 0, (int)load_below(&f->random, within_ms));
	return cut(f, why) && power_back(f, why);
}

/* On a new disk; afterwards all must start, whatever there is of their folders. */
static bool
cut_first_start(struct faults *f, struct why *why)
{
	if (!faults_volume(f, "disk", VOLUME_MIB, f->run_dir))
		return false;
	const bool ok = cut_while_starting(f, 60, why) && faults_start_all(f, why);
	faults_kill_all(f);
	return ok && faults_do("umount %s", f->run_dir);
}

static bool
cut_at_work(struct faults *f, struct why *why)
{
	if (!front_tell_time(&f->front, START_MS)) {
		why_set(why, "intake gives no answer");
		return false;
	}
	front_work(&f->front, 10 + (int64_t)load_below(&f->random, 150), true);
	if (load_chance(&f->random, 40))
		front_pass_time(&f->front);
	/* What was handed in last is being committed, or not yet, or already. */
	usleep((useconds_t)load_below(&f->random, 3000));
	if (!cut(f, why))
		return false;
	front_work(&f->front, UNGROUNDED_MS, true);
	if (!power_back(f, why))
		return false;
	while (load_chance(&f->random, 40))
		if (!cut_while_starting(f, 40, why))
			return false;
	return faults_start_all(f, why);
}

static bool
run(struct faults *f, struct why *why)
{
	const unsigned first_starts = f->rounds / 5;

	if (!faults_own_mounts(f))
		return false;
	f->front.width = FRONT_FLIGHTS;
	for (unsigned i = 0; i < first_starts; i++)
		if (!cut_first_start(f, why))
			return false;
	if (!faults_volume(f, "disk", VOLUME_MIB, f->run_dir) || !faults_begin(f, why))
		return false;
	for (unsigned i = first_starts; i < f->rounds; i++)
		if (!cut_at_work(f, why))
			return false;
	return faults_end(f, why);
}

const struct campaign campaign_power = {"power", "an ext4 loses what was not flushed", 50, run};
