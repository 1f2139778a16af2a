// SPDX-License-Identifier: EUPL-1.2
/* What is left to somebody who gets code to run in a service: each thing is tried in a process of its own. With the address
 * sanitizer there is no sandbox, which it says; so the proof is the same program built without. */
#include "common/sandbox.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "tests/unit/unit.h"

#ifdef __SANITIZE_ADDRESS__
#define HAS_SANDBOX false
#else
#define HAS_SANDBOX true
#endif

/* ---- a service that was broken into ---- */

static struct sandbox
enter(const struct temp *t)
{
	const struct temp_path data = temp_path(t, "data"), keys = temp_path(t, "keys");
	const struct sandbox_place places[] = {
	    {data.s, SANDBOX_WRITE},
	    {keys.s, SANDBOX_READ},
	    {t->dir, SANDBOX_NAMES},
	    {"/nowhere/at/all", SANDBOX_READ},
	};
	struct sandbox sandbox;

	sandbox_enter(&sandbox, places, COUNT_OF(places));
	return sandbox;
}

struct attempt {
	const char *name;
	int (*act)(const struct temp *t); /* 0, or errno */
	int opening, serving;             /* what it gives before and after the doors are open; KILLED: the end */
};
#define KILLED (-1)

static int
errno_of(long rc)
{
	return rc < 0 ? errno : 0;
}

static int
open_errno(const struct temp *t, const char *name, int flags)
{
	const struct temp_path path = temp_path(t, name);
	const int fd = open(name[0] == '/' ? name : path.s, flags, 0600);

	return fd < 0 ? errno : close(fd);
}

#define ATTEMPT(name, expression)                                                                                      \
	static int name(const struct temp *t)                                                                          \
	{                                                                                                              \
		(void)t;                                                                                               \
		return (expression);                                                                                   \
	}

static char *const no_arguments[] = {NULL};
ATTEMPT(run_a_program, errno_of(execve("/bin/true", no_arguments, no_arguments)))
ATTEMPT(run_by_descriptor, errno_of(syscall(SYS_execveat, 0, "/bin/true", no_arguments, no_arguments, 0)))
ATTEMPT(start_a_process, errno_of(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0)))
ATTEMPT(start_by_clone3, errno_of(syscall(SYS_clone3, NULL, 0)))
ATTEMPT(look_into_a_process, errno_of(ptrace(PTRACE_TRACEME, 0, NULL, NULL)))
ATTEMPT(read_memory_of_another, errno_of(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0)))
ATTEMPT(signal_another, errno_of(kill(getppid(), 0)))
ATTEMPT(signal_a_thread_of_another, errno_of(syscall(SYS_tgkill, getppid(), getppid(), 0)))
ATTEMPT(signal_itself, errno_of(syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), 0)))
ATTEMPT(become_another_user, errno_of(setuid(getuid())))
ATTEMPT(mount_something, errno_of(syscall(SYS_mount, NULL, NULL, NULL, 0, NULL)))
ATTEMPT(load_into_the_kernel, errno_of(syscall(SYS_bpf, 0, NULL, 0)))
ATTEMPT(use_io_uring, errno_of(syscall(SYS_io_uring_setup, 1, NULL)))
ATTEMPT(use_keys_of_the_kernel, errno_of(syscall(SYS_keyctl, 0, 0, 0, 0, 0)))
ATTEMPT(make_a_namespace, errno_of(unshare(CLONE_NEWUSER)))
ATTEMPT(change_mode, errno_of(chmod(temp_path(t, "data/kept").s, 0777)))
ATTEMPT(use_a_terminal, errno_of(syscall(SYS_ioctl, 0, 0x5412 /* TIOCSTI */, "x")))
ATTEMPT(raise_a_limit, errno_of(setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0})))
ATTEMPT(talk_to_the_kernel, errno_of(socket(AF_NETLINK, SOCK_RAW, 0)))
ATTEMPT(listen_to_the_wire, errno_of(socket(AF_PACKET, SOCK_RAW, 0)))
ATTEMPT(talk_over_bluetooth, errno_of(socket(31, SOCK_STREAM, 0)))
ATTEMPT(talk_over_the_net, errno_of(socket(AF_INET, SOCK_STREAM, 0)))
ATTEMPT(talk_over_the_new_net, errno_of(socket(AF_INET6, SOCK_DGRAM, 0)))
ATTEMPT(talk_on_this_machine, errno_of(socket(AF_UNIX, SOCK_STREAM, 0)))
ATTEMPT(open_a_door, errno_of(bind(socket(AF_INET, SOCK_STREAM, 0),
				   (const struct sockaddr *)&(struct sockaddr_in){.sin_family = AF_INET},
				   sizeof(struct sockaddr_in))))
ATTEMPT(make_code,
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0)
ATTEMPT(turn_data_into_code,
	errno_of(mprotect((void *)((uintptr_t)t & ~UINT64_C(4095)), 4096, PROT_READ | PROT_WRITE | PROT_EXEC)))
ATTEMPT(take_memory,
	mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0)
ATTEMPT(read_data, open_errno(t, "data/kept", O_RDONLY))
ATTEMPT(make_data, open_errno(t, "data/new", O_WRONLY | O_CREAT | O_TRUNC))
ATTEMPT(replace_data, errno_of(rename(temp_path(t, "data/kept").s, temp_path(t, "data/other").s)))
ATTEMPT(cut_data, errno_of(truncate(temp_path(t, "data/kept").s, 0)))
ATTEMPT(read_a_key, open_errno(t, "keys/key", O_RDONLY))
ATTEMPT(write_a_key, open_errno(t, "keys/key", O_WRONLY))
ATTEMPT(make_a_key, open_errno(t, "keys/other", O_WRONLY | O_CREAT))
ATTEMPT(list_keys, open_errno(t, "keys", O_RDONLY | O_DIRECTORY))
ATTEMPT(read_of_another, open_errno(t, "another", O_RDONLY))
ATTEMPT(write_of_another, open_errno(t, "another", O_WRONLY))
ATTEMPT(read_of_the_system, open_errno(t, "/etc/passwd", O_RDONLY))
ATTEMPT(read_about_processes, open_errno(t, "/proc/self/environ", O_RDONLY))
ATTEMPT(move_out, errno_of(rename(temp_path(t, "data/kept").s, temp_path(t, "moved").s)))
ATTEMPT(link_in, errno_of(symlink("/etc/passwd", temp_path(t, "data/link").s)))

static const struct attempt attempts[] = {
    {"run a program", run_a_program, KILLED, KILLED},
    {"run a program by descriptor", run_by_descriptor, KILLED, KILLED},
    {"start a process", start_a_process, KILLED, KILLED},
    {"start a process by clone3", start_by_clone3, ENOSYS, ENOSYS},
    {"look into a process", look_into_a_process, KILLED, KILLED},
    {"read memory of another", read_memory_of_another, KILLED, KILLED},
    {"signal another", signal_another, KILLED, KILLED},
    {"signal a thread of another", signal_a_thread_of_another, KILLED, KILLED},
    {"signal itself", signal_itself, 0, 0},
    {"become another user", become_another_user, KILLED, KILLED},
    {"mount something", mount_something, KILLED, KILLED},
    {"load into the kernel", load_into_the_kernel, KILLED, KILLED},
    {"use io_uring", use_io_uring, KILLED, KILLED},
    {"use keys of the kernel", use_keys_of_the_kernel, KILLED, KILLED},
    {"make a namespace", make_a_namespace, KILLED, KILLED},
    {"change the mode of a file", change_mode, KILLED, KILLED},
    {"type on a terminal", use_a_terminal, KILLED, KILLED},
    {"raise a limit", raise_a_limit, KILLED, KILLED},
    {"talk to the kernel", talk_to_the_kernel, 0, EAFNOSUPPORT},
    {"listen to the wire", listen_to_the_wire, KILLED, KILLED},
    {"talk over bluetooth", talk_over_bluetooth, KILLED, KILLED},
    {"talk over the net", talk_over_the_net, 0, 0},
    {"talk over the new net", talk_over_the_new_net, 0, 0},
    {"talk on this machine", talk_on_this_machine, 0, 0},
    {"open a door", open_a_door, 0, KILLED},
    {"make code", make_code, EACCES, EACCES},
    {"turn data into code", turn_data_into_code, EACCES, EACCES},
    {"take memory", take_memory, 0, 0},
    {"read data", read_data, 0, 0},
    {"make data", make_data, 0, 0},
    {"replace data", replace_data, 0, 0},
    {"cut data by its name", cut_data, KILLED, KILLED},
    {"read a key", read_a_key, 0, 0},
    {"write a key", write_a_key, EACCES, EACCES},
    {"make a key", make_a_key, EACCES, EACCES},
    {"list keys", list_keys, EACCES, EACCES},
    {"read what is another's", read_of_another, EACCES, EACCES},
    {"write what is another's", write_of_another, EACCES, EACCES},
    {"read of the system", read_of_the_system, EACCES, EACCES},
    {"read about processes", read_about_processes, EACCES, EACCES},
    {"move data out", move_out, EXDEV, EXDEV},
    {"link to the outside", link_in, KILLED, KILLED},
};

/* ---- trying ---- */

struct trial {
	const struct temp *t;
	const struct attempt *attempt;
	bool serves, in_thread;
};

static void
end_with(int error)
{
	_exit(error == 0 ? 0 : 100 + (error % 100));
}

static void *
try_in_thread(void *arg)
{
	const struct trial *trial = arg;

	end_with(trial->attempt->act(trial->t));
	return NULL;
}

/* In a thread that began before the doors were open, as those of libzmq do. */
static void *
wait_and_try(void *arg)
{
	struct trial *trial = arg;

	while (!__atomic_load_n(&trial->serves, __ATOMIC_ACQUIRE))
		sched_yield();
	return try_in_thread(trial);
}

static void
try_it(void *arg)
{
	struct trial trial = *(struct trial *)arg, in_thread = trial;
	struct sandbox sandbox = enter(trial.t);
	pthread_t thread = 0;

	in_thread.serves = false;
	if (sandbox.landlock == 0 || !sandbox.calls)
		_exit(50);
	if (trial.in_thread && pthread_create(&thread, NULL, wait_and_try, &in_thread) != 0)
		_exit(51);
	if (trial.serves)
		sandbox_close_doors(&sandbox);
	if (!trial.in_thread)
		end_with(trial.attempt->act(trial.t));
	__atomic_store_n(&in_thread.serves, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
}

static struct temp
make_world(void)
{
	const struct temp t = temp_make();

	assert_int_equal(mkdir(temp_path(&t, "data").s, 0700), 0);
	assert_int_equal(mkdir(temp_path(&t, "keys").s, 0700), 0);
	file_write(temp_path(&t, "data/kept").s, "x", 1);
	file_write(temp_path(&t, "keys/key").s, "x", 1);
	file_write(temp_path(&t, "another").s, "x", 1);
	return t;
}

static bool
went(int status, int expected)
{
	if (expected == KILLED)
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
	return WIFEXITED(status) && WEXITSTATUS(status) == (expected == 0 ? 0 : 100 + (expected % 100));
}

static void
try_all(bool serves, bool in_thread)
{
	for (size_t i = 0; i < COUNT_OF(attempts); i++) {
		const struct temp t = make_world();
		struct trial trial = {&t, &attempts[i], serves, in_thread};
		const int status = in_a_process(try_it, &trial);

		if (!went(status, serves ? attempts[i].serving : attempts[i].opening))
			fail_msg("%s%s: %s %d", attempts[i].name, in_thread ? " in a thread" : "",
				 WIFSIGNALED(status) ? "signal" : "status",
				 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		temp_remove(&t);
	}
}

static void
test_while_doors_are_opened(void **state UNUSED)
{
	if (!HAS_SANDBOX)
		skip();
	try_all(false, false);
}

static void
test_once_they_are_open(void **state UNUSED)
{
	if (!HAS_SANDBOX)
		skip();
	try_all(true, false);
}

static void
test_in_threads_that_were_there_already(void **state UNUSED)
{
	if (!HAS_SANDBOX)
		skip();
	try_all(true, true);
}

/* ---- what it says of itself ---- */

static void
say_what_is_missing(void *arg)
{
	const struct sandbox sandbox = enter(arg);
	const bool whole = sandbox.landlock > 0 && sandbox.calls && sandbox.why.text[0] == '\0';
	const bool none = sandbox.landlock == 0 && !sandbox.calls && strstr(sandbox.why.text, "sanitizer") != NULL;

	_exit(HAS_SANDBOX ? !whole : !none);
}

static void
test_it_says_what_is_in_force(void **state UNUSED)
{
	const struct temp t = make_world();

	assert_int_equal(in_a_process(say_what_is_missing, (void *)(uintptr_t)&t), 0);
	temp_remove(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_while_doors_are_opened),
	    cmocka_unit_test(test_once_they_are_open),
	    cmocka_unit_test(test_in_threads_that_were_there_already),
	    cmocka_unit_test(test_it_says_what_is_in_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
