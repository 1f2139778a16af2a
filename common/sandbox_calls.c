// SPDX-License-Identifier: EUPL-1.2
/* sandbox_calls.c - seccomp: which system calls a service makes. By name; a name that an architecture does not have is left
 * out. The lists hold what libc, libzmq, LMDB, libevent, OpenSSL and libsodium use, and neighbours that a newer one of them
 * may use instead. */
#include <asm/termbits.h>
#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/sandbox_internal.h"

static const char *const allowed[] = {
    /* memory */
    "brk",
    "madvise",
    "membarrier",
    "mincore",
    "mlock",
    "mlock2",
    "mremap",
    "msync",
    "munlock",
    "munmap",
    /* files: which ones, Landlock says */
    "access",
    "close",
    "close_range",
    "copy_file_range",
    "dup",
    "dup2",
    "dup3",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fallocate",
    "fcntl",
    "fdatasync",
    "flock",
    "fstat",
    "fstatfs",
    "fsync",
    "ftruncate",
    "getcwd",
    "getdents",
    "getdents64",
    "lseek",
    "lstat",
    "mkdir",
    "mkdirat",
    "newfstatat",
    "open",
    "openat",
    "pipe",
    "pipe2",
    "pread64",
    "preadv",
    "preadv2",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "read",
    "readlink",
    "readlinkat",
    "readv",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "sendfile",
    "stat",
    "statfs",
    "statx",
    "sync_file_range",
    "syncfs",
    "unlink",
    "unlinkat",
    "write",
    "writev",
    /* waiting and events */
    "clock_getres",
    "clock_gettime",
    "clock_nanosleep",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_pwait",
    "epoll_pwait2",
    "epoll_wait",
    "eventfd",
    "eventfd2",
    "futex",
    "futex_waitv",
    "gettimeofday",
    "nanosleep",
    "poll",
    "ppoll",
    "pselect6",
    "restart_syscall",
    "select",
    "time",
    "timerfd_create",
    "timerfd_gettime",
    "timerfd_settime",
    /* talking */
    "accept",
    "accept4",
    "connect",
    "getpeername",
    "getsockname",
    "getsockopt",
    "recvfrom",
    "recvmmsg",
    "recvmsg",
    "sendmmsg",
    "sendmsg",
    "sendto",
    "setsockopt",
    "shutdown",
    /* threads, signals, itself */
    "arch_prctl",
    "exit",
    "exit_group",
    "get_robust_list",
    "getegid",
    "geteuid",
    "getgid",
    "getpid",
    "getppid",
    "getrandom",
    "getresgid",
    "getresuid",
    "getrlimit",
    "getrusage",
    "gettid",
    "getuid",
    "rseq",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigtimedwait",
    "sched_get_priority_max",
    "sched_get_priority_min",
    "sched_getaffinity",
    "sched_getparam",
    "sched_getscheduler",
    "sched_setscheduler",
    "sched_yield",
    "set_robust_list",
    "set_tid_address",
    "sigaltstack",
    "sysinfo",
    "times",
    "uname",
};

/* Until all doors are open; the last two are what loading the second list takes. */
static const char *const opening[] = {"bind", "listen", "seccomp", "prctl"};

struct list {
	scmp_filter_ctx filter;
	int error; /* the first; 0: none */
};

static void
note(struct list *l, int rc)
{
	if (rc < 0 && l->error == 0)
		l->error = -rc;
}

static void
allow_all(struct list *l, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const int call = seccomp_syscall_resolve_name(names[i]);

		if (call >= 0)
			note(l, seccomp_rule_add(l->filter, SCMP_ACT_ALLOW, call, 0));
	}
}

/* Allowed when an argument, or the bits of it in `mask`, is this. */
static void
allow_when(struct list *l, int call, unsigned argument, uint64_t mask, uint64_t is)
{
	if (call >= 0)
		note(l, seccomp_rule_add(l->filter, SCMP_ACT_ALLOW, call, 1,
					 SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, mask, is)));
}

static void
refuse_when(struct list *l, int call, int error, unsigned argument, uint64_t mask, uint64_t is)
{
	if (call >= 0)
		note(l, seccomp_rule_add(l->filter, SCMP_ACT_ERRNO((uint16_t)error), call, 1,
					 SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ, mask, is)));
}

/* Memory that can run is refused, not fatal: a library that cannot be loaded any more is done without. */
static void
allow_memory(struct list *l)
{
	const int calls[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		allow_when(l, calls[i], 2, PROT_EXEC, 0);
		refuse_when(l, calls[i], EACCES, 2, PROT_EXEC, PROT_EXEC);
	}
}

/* Threads, not processes. clone3 hides what it is asked for behind a pointer; libc goes on with clone. */
static void
allow_threads(struct list *l)
{
	allow_when(l, SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD);
	note(l, seccomp_rule_add(l->filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
	allow_when(l, SCMP_SYS(tgkill), 0, UINT32_MAX, (uint32_t)getpid());
	allow_when(l, SCMP_SYS(prlimit64), 2, UINT64_MAX, 0);
}

static void
allow_controls(struct list *l)
{
	const unsigned requests[] = {FIONREAD, FIONBIO, TCGETS, TIOCGWINSZ};

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		allow_when(l, SCMP_SYS(ioctl), 1, UINT32_MAX, requests[i]);
}

static void
allow_sockets(struct list *l, enum sandbox_stage stage)
{
	/* NETLINK: libzmq asks the kernel for its interfaces when it binds, and aborts when it may not. */
	const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
	const size_t count = stage == SANDBOX_OPENS_DOORS ? 4 : 3;
	const int pairs = SCMP_SYS(socketpair);

	for (size_t i = 0; i < count; i++)
		allow_when(l, SCMP_SYS(socket), 0, UINT32_MAX, (uint64_t)families[i]);
	allow_when(l, pairs, 0, UINT32_MAX, AF_UNIX);
	/* libc looks at interfaces to sort addresses, and does without. */
	if (stage == SANDBOX_SERVES)
		refuse_when(l, SCMP_SYS(socket), EAFNOSUPPORT, 0, UINT32_MAX, AF_NETLINK);
}

static void
fill(struct list *l, enum sandbox_stage stage)
{
	note(l, seccomp_attr_set(l->filter, SCMP_FLTATR_CTL_TSYNC, stage == SANDBOX_SERVES));
	allow_all(l, allowed, sizeof(allowed) / sizeof(allowed[0]));
	if (stage == SANDBOX_OPENS_DOORS)
		allow_all(l, opening, sizeof(opening) / sizeof(opening[0]));
	else
		allow_when(l, SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME);
	allow_memory(l);
	allow_threads(l);
	allow_controls(l);
	allow_sockets(l, stage);
}

bool
sandbox_limit_calls(enum sandbox_stage stage, struct why *why)
{
	struct list l = {.filter = seccomp_init(SCMP_ACT_KILL_PROCESS)};

	if (l.filter == NULL)
		fatal("libseccomp: out of memory");
	fill(&l, stage);
	if (l.error == 0)
		note(&l, seccomp_load(l.filter));
	seccomp_release(l.filter);
	if (l.error != 0)
		why_set(why, "seccomp refused (%s): system calls are not limited%s", strerror(l.error),
			stage == SANDBOX_SERVES ? " as far as they could be" : "");
	return l.error == 0;
}
