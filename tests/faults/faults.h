// SPDX-License-Identifier: EUPL-1.2
/* faults.h - five services as processes, under load, and the world going wrong around them: what all campaigns share.
 *
 * A campaign begins (services, front ends), does its harm for a number of rounds, and ends: all caught up, all stopped with
 * status 0, the oracle (tests/sim/oracle.h) content. Time is driven unless a campaign is about time. What mounts and
 * networks it makes live in namespaces of its own, and are gone with the process, however that ends. */
#ifndef DOORBRAAK_FAULTS_H
#define DOORBRAAK_FAULTS_H

#include "tests/end_to_end/front.h"

#define START_MS 20000

struct faults {
	struct fleet fleet;
	struct front front;
	struct system *system;
	struct load_random random;
	const char *bin;
	const char *failing; /* the library of failing.c */
	unsigned rounds;
	unsigned service; /* of which the campaign is; SERVICE_COUNT: of all */
	char dir[200], run_dir[256];
	const char *skipped; /* why this cannot be done here; NULL */
};

struct campaign {
	const char *name, *what;
	unsigned rounds; /* when none are asked for */
	bool (*run)(struct faults *f, struct why *why);
};

extern const struct campaign campaign_power, campaign_disk_full, campaign_io_errors, campaign_memory,
    campaign_partitions, campaign_clocks, campaign_clocks_2039, campaign_volumes;

/* Starts all and connects the front ends. */
bool faults_begin(struct faults *f, struct why *why) MUST_USE;
/* Connects the front ends to services that were started. */
bool faults_connect(struct faults *f, struct why *why) MUST_USE;
/* Catches up, stops, judges. */
bool faults_end(struct faults *f, struct why *why) MUST_USE;

void faults_kill_all(struct faults *f);
/* Starts one and waits for it. */
bool faults_start(struct faults *f, unsigned service, struct why *why) MUST_USE;
bool faults_start_all(struct faults *f, struct why *why) MUST_USE;
/* Has the service ended? Its status as a shell tells it (128 and more: the signal) in *status. */
bool faults_ended(struct faults *f, unsigned service, int *status);
/* The load goes on until the service has ended; false when it has not in so long. */
bool faults_await_end(struct faults *f, unsigned service, int64_t timeout_ms, int *status);
const char *faults_name(unsigned service);

/* Where the log of a service ends now; and whether a line behind such a place holds the text. */
long faults_log_end(const struct faults *f, unsigned service);
bool faults_log_says(const struct faults *f, unsigned service, long from, const char *text);

/* How far a service has applied intake's journal (from its door); -1 when it does not answer. */
int64_t faults_applied(struct faults *f, unsigned service);

/* A command of the shell; true when it ends with 0. */
bool faults_do(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Mounts of its own; false, with f->skipped set, where that may not be. */
bool faults_own_mounts(struct faults *f);
/* An ext4 of so many MiB in <dir>/<name>.img, mounted on `at`; false, with f->skipped set, where that cannot be had. */
bool faults_volume(struct faults *f, const char *name, unsigned mib, const char *at);

#endif
