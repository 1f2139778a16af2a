// SPDX-License-Identifier: EUPL-1.2
/* partitions.c - five services, each in a network of its own, and what can become of a network.
 *
 * A bridge joins six network namespaces: one of each service, and that of the front ends. Under load the link between two
 * neighbours of the row is cut, loses packets, is reset, or becomes narrow, for one to three seconds; sometimes two links at
 * once. Nothing may be lost or doubled, and CATCH_UP_MS after a link is well again, all must have what was accepted by then.
 *
 * The namespaces end with the processes that hold them, and those with this one. */
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/faults/faults.h"

#define NETWORK     "10.77.0"
#define OUTSIDE     254u /* the front ends, and who asks how far everybody is */
#define CATCH_UP_MS 10000

struct partitions {
	struct faults *f;
	pid_t holders[SERVICE_COUNT]; /* of the namespaces */
	char bin[256], address[64], keys[300], secret[320];
	int64_t longest_ms; /* from well again to caught up */
	unsigned done[4];
};

/* Between a service and the one before it in the row; before intake stand the front ends. */
static unsigned
host_before(unsigned service)
{
	return service == 0 ? OUTSIDE : service;
}

/* ---- the network ---- */

static bool
hold_namespace(struct partitions *p, unsigned service)
{
	int ready[2];
	char done;

	if (pipe(ready) != 0)
		return false;
	p->holders[service] = fork();
	if (p->holders[service] == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) == 0)
			(void)!write(ready[1], "", 1);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	const bool ok = p->holders[service] > 0 && read(ready[0], &done, 1) == 1;
	close(ready[0]);
	return ok;
}

static bool
make_network(struct partitions *p)
{
	if (unshare(CLONE_NEWNET) != 0 ||
	    !faults_do("ip link set lo up && ip link add links type bridge && ip addr add " NETWORK
		       ".%u/24 dev links && ip link set links up",
		       OUTSIDE))
		return false;
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		if (!hold_namespace(p, i))
			return false;
		const int pid = (int)p->holders[i];
		if (!faults_do(
			"ip link add to%u type veth peer name out netns %d && ip link set to%u master links up && "
			"nsenter -t %d -n sh -c 'ip link set lo up && ip addr add " NETWORK
			".%u/24 dev out && ip link set out up && "
			"nft add table inet t && nft \"add chain inet t in { type filter hook input priority 0; }\"'",
			i, pid, i, pid, i + 1))
			return false;
	}
	return true;
}

/* Beyond this machine nobody speaks without keys: a pair for each service, where the fleet looks for them, and one that may
 * do all that front ends do. */
static bool
make_keys(struct partitions *p)
{
	snprintf(p->keys, sizeof p->keys, "%s/keys", p->f->run_dir);
	snprintf(p->secret, sizeof p->secret, "%s/front/secret", p->keys);
	p->f->front.keys = (struct system_keys){p->keys, p->secret, true};
	return faults_do(
	    "mkdir -p %s && %s/doorbraak keys init --dir %s >/dev/null && "
	    "%s/doorbraak keys new --dir %s --name front --role SYSTEM --organisation LT-GM1669 --scope national "
	    "--scope operator --scope journals --scope 'source:*' --curve >/dev/null",
	    p->f->run_dir, p->f->bin, p->keys, p->f->bin, p->keys);
}

/* How the services are told where everybody is: a program in front of each enters its network, and puts addresses of it
 * instead of those of the fleet. */
static bool
configure(struct partitions *p)
{
	char path[400];

	snprintf(p->bin, sizeof p->bin, "%s/bin", p->f->dir);
	snprintf(p->address, sizeof p->address, "tcp://" NETWORK ".1:7101");
	if (!make_keys(p) || mkdir(p->bin, 0700) != 0)
		return false;
	for (unsigned i = 0; i < SERVICE_COUNT; i++) {
		snprintf(path, sizeof path, "%s/doorbraak-%s", p->bin, faults_name(i));
		FILE *f = fopen(path, "we");
		if (f == NULL)
			return false;
		fprintf(f,
			"#!/bin/sh\n"
			"for a in \"$@\"; do shift; case $a in --listen=*|--upstream=*|--publish=*|--intake=*) ;; "
			"*) set -- \"$@\" \"$a\";; esac; done\n"
			"exec nsenter --net=/proc/%d/ns/net %s/doorbraak-%s \"$@\" "
			"--listen=tcp://" NETWORK ".%u:%u",
			(int)p->holders[i], p->f->bin, faults_name(i), i + 1, 7101 + i);
		if (i > 0)
			fprintf(f, " --upstream=tcp://" NETWORK ".%u:%u", i, 7100 + i);
		if (i == 3)
			fprintf(f, " --intake=tcp://" NETWORK ".1:7101");
		if (i >= 3)
			fprintf(f, " --publish=tcp://" NETWORK ".%u:%u", i + 1, 7111 + i);
		fprintf(f, "\n");
		if (fclose(f) != 0 || chmod(path, 0700) != 0)
			return false;
	}
	p->f->fleet.options.bin_dir = p->bin;
	p->f->front.address = p->address;
	return true;
}

/* ---- harm ---- */

enum harm { CUT, LOSS, RESET, NARROW };

/* Both ways: what comes in at the service from the one before, and the other way round. */
static bool
rule(struct partitions *p, unsigned service, const char *what)
{
	const unsigned before = host_before(service);
	bool ok = faults_do("nsenter -t %d -n nft add rule inet t in ip saddr " NETWORK ".%u %s",
			    (int)p->holders[service], before, what);

	if (service > 0)
		ok = ok && faults_do("nsenter -t %d -n nft add rule inet t in ip saddr " NETWORK ".%u %s",
				     (int)p->holders[service - 1], service + 1, what);
	return ok;
}

static bool
harm(struct partitions *p, unsigned service, enum harm kind)
{
	p->done[kind]++;
	switch (kind) {
	case CUT: return rule(p, service, "drop");
	case LOSS: return rule(p, service, "numgen random mod 100 '<' 20 drop");
	case RESET: return rule(p, service, "meta l4proto tcp numgen random mod 100 '<' 30 reject with tcp reset");
	case NARROW:
		return faults_do("nsenter -t %d -n tc qdisc add dev out root tbf rate 1mbit burst 32kbit latency 400ms",
				 (int)p->holders[service]);
	}
	return false;
}

static bool
heal(struct partitions *p)
{
	bool ok = true;

	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		ok = ok &&
		     faults_do("nsenter -t %d -n sh -c 'nft flush chain inet t in; tc qdisc del dev out root 2>&-; :'",
			       (int)p->holders[i]);
	return ok;
}

/* What was accepted by now must soon be applied by the last of the row. */
static bool
catches_up(struct partitions *p, struct why *why)
{
	struct faults *f = p->f;
	const int64_t began = front_steady_ms();
	const size_t acks = f->front.ack_count;
	uint64_t upto = 0;

	for (size_t i = 0; i < acks; i++)
		if (f->front.acks[i].seq > upto)
			upto = f->front.acks[i].seq;
	(void)front_tell_time(&f->front, CATCH_UP_MS); /* it may have been lost on the way */
	while (faults_applied(f, SERVICE_COUNT - 1) < (int64_t)upto || f->front.ack_count == acks) {
		front_work(&f->front, 20, true);
		if (front_steady_ms() - began > CATCH_UP_MS) {
			why_set(why,
				"%d ms after the network is well, monitoring lacks what was accepted before, or "
				"nothing new is accepted",
				CATCH_UP_MS);
			return false;
		}
	}
	const int64_t took = front_steady_ms() - began;
	if (took > p->longest_ms)
		p->longest_ms = took;
	return true;
}

static bool
round_of_harm(struct partitions *p, unsigned i, struct why *why)
{
	struct faults *f = p->f;
	bool ok = harm(p, (unsigned)load_below(&f->random, SERVICE_COUNT), (enum harm)(i % 4));

	if (load_chance(&f->random, 30))
		ok = ok && harm(p, (unsigned)load_below(&f->random, SERVICE_COUNT), CUT);
	if (load_chance(&f->random, 40))
		front_pass_time(&f->front);
	front_work(&f->front, 1000 + (int64_t)load_below(&f->random, 2000), true);
	if (!ok || !heal(p)) {
		why_set(why, "nft or tc failed");
		return false;
	}
	return catches_up(p, why);
}

static bool
campaign(struct partitions *p, struct why *why)
{
	struct faults *f = p->f;

	if (!configure(p)) {
		why_set(why, "%s: cannot be written, or keys cannot be made", p->bin);
		return false;
	}
	if (!faults_begin(f, why))
		return false;
	for (unsigned i = 0; i < f->rounds; i++) {
		front_work(&f->front, 100, true);
		if (!round_of_harm(p, i, why))
			return false;
	}
	printf("%u links cut, %u with loss, %u reset, %u narrow; the longest from well again to caught up: %lld ms\n",
	       p->done[CUT], p->done[LOSS], p->done[RESET], p->done[NARROW], (long long)p->longest_ms);
	return faults_end(f, why);
}

static bool
run(struct faults *f, struct why *why)
{
	struct partitions p = {.f = f};
	bool ok = make_network(&p);

	if (!ok)
		f->skipped = "networks of its own cannot be made here (root, ip, nft, tc, nsenter)";
	ok = ok && campaign(&p, why);
	for (unsigned i = 0; i < SERVICE_COUNT; i++)
		if (p.holders[i] > 0) {
			kill(p.holders[i], SIGKILL);
			waitpid(p.holders[i], NULL, 0);
		}
	return ok;
}

const struct campaign campaign_partitions = {"partitions", "links between services are cut, lossy, reset, narrow", 40,
					     run};
