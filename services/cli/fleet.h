// SPDX-License-Identifier: EUPL-1.2
/* fleet.h - the five services as processes of this one: for `up`, `demo`, `play`, tests and benches.
 *
 * Everything lives under one run folder: <run>/<service>/ (the store), <run>/<service>.address (written by the service),
 * <run>/<service>.log. With ports the doors are tcp://127.0.0.1:<ports>+1.. and HTTP is at <ports>+101..; without, doors
 * are ipc sockets in the run folder and HTTP takes free ports, which it keeps where the page is used (keys, or an open
 * door). A child gets SIGTERM when this process dies. */
#ifndef DOORBRAAK_FLEET_H
#define DOORBRAAK_FLEET_H

#include <sys/types.h>

#include "common/service.h"

#define FLEET_PATH_MAX 256

struct fleet_options {
	const char *bin_dir;      /* holds doorbraak-intake and the others */
	const char *run_dir;      /* made when absent */
	unsigned ports;           /* 7100: doors 7101..7105, HTTP 7201..7205; 0: ipc */
	bool driven;              /* intake's clock */
	bool quiet;               /* logs to files only; else errors also appear here */
	const char *turn_records; /* NULL, or the records of a batch */
	const char *webhooks;     /* NULL, or the folder of webhooks, for signalling */
	const char *keys;    /* folder of the list of keys; NULL: <run>/keys. With <keys>/<service>/secret: CURVE */
	bool open_door;      /* HTTP without a key, on this machine */
	const char *preload; /* NULL, or LD_PRELOAD for the services (fault injection) */
};

struct fleet {
	struct fleet_options options;
	char run_dir[FLEET_PATH_MAX];
	unsigned http_ports[SERVICE_COUNT]; /* 0: any free one, at each start */
	pid_t pids[SERVICE_COUNT];          /* 0: not running */
};

/* Makes the run folder; starts nothing. */
enum err fleet_init(struct fleet *fleet, const struct fleet_options *options, struct why *why) MUST_USE;
enum err fleet_start(struct fleet *fleet, unsigned service, struct why *why) MUST_USE;
/* Starts all in the order of the row and waits until each answers its door. */
enum err fleet_start_all(struct fleet *fleet, int timeout_ms, struct why *why) MUST_USE;
/* Waits for <service>.address of a process that runs; ERR_REFUSED when the process ended (the end of its log in *why). */
enum err fleet_wait(struct fleet *fleet, unsigned service, int timeout_ms, struct why *why) MUST_USE;
void fleet_kill(struct fleet *fleet, unsigned service, int signal); /* and waits for its end */
/* SIGTERM, in the order of the row, and waits; true when all ended with status 0. */
bool fleet_stop_all(struct fleet *fleet);
/* Which service ended by itself (its status in *status); -1 when none. */
int fleet_ended(struct fleet *fleet, int *status);
/* The door of a service. */
void fleet_door(const struct fleet *fleet, unsigned service, char out[FLEET_PATH_MAX]);

#endif
