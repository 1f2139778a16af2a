// SPDX-License-Identifier: EUPL-1.2
/* sandbox_files.c - Landlock. The C library has no names for its calls, and the kernel's headers know only the rights of
 * their own age: the numbers of later ones stand here. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/sandbox_internal.h"

#define RIGHT(name) LANDLOCK_ACCESS_FS_##name
/* By ABI: 1 up to MAKE_SYM, 2 REFER, 3 TRUNCATE, 5 IOCTL_DEV. */
#define REFER     (UINT64_C(1) << 13)
#define TRUNCATE  (UINT64_C(1) << 14)
#define IOCTL_DEV (UINT64_C(1) << 15)
#define FIRST     (RIGHT(MAKE_SYM) * 2 - 1)

#define OF_FILES (RIGHT(READ_FILE) | RIGHT(WRITE_FILE) | TRUNCATE)
#define WRITES                                                                                                         \
	(OF_FILES | RIGHT(READ_DIR) | RIGHT(MAKE_REG) | RIGHT(MAKE_DIR) | RIGHT(REMOVE_FILE) | RIGHT(REMOVE_DIR) |     \
	 REFER)

static const uint64_t rights[] = {
    [SANDBOX_READ] = RIGHT(READ_FILE),
    [SANDBOX_WRITE] = WRITES,
    [SANDBOX_NAMES] = RIGHT(MAKE_REG) | RIGHT(REMOVE_FILE),
    [SANDBOX_SOCKETS] = RIGHT(MAKE_SOCK) | RIGHT(REMOVE_FILE),
};

/* All that a kernel of this ABI can forbid. */
static uint64_t
known_to(int abi)
{
	return FIRST | (abi >= 2 ? REFER : 0) | (abi >= 3 ? TRUNCATE : 0) | (abi >= 5 ? IOCTL_DEV : 0);
}

static bool
allow(int rules, const struct sandbox_place *place, uint64_t known)
{
	struct landlock_path_beneath_attr beneath = {.allowed_access = rights[place->right] & known};
	struct stat st;
	bool done = true;

	beneath.parent_fd = open(place->path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
	if (fstat(beneath.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
		beneath.allowed_access &= OF_FILES;
	if (beneath.allowed_access != 0)
		done = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
	close(beneath.parent_fd);
	return done;
}

int
sandbox_limit_files(const struct sandbox_place *places, size_t count, struct why *why)
{
	const int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	const struct landlock_ruleset_attr attr = {.handled_access_fs = known_to(abi)};

	if (abi < 1) {
		why_set(why,
			"no Landlock (%s; the kernel has none, it is off, or a filter around us forbids it): files are "
			"not limited",
			strerror(errno));
		return 0;
	}
	const int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	bool right = rules >= 0;

	for (size_t i = 0; i < count && right; i++)
		right = allow(rules, &places[i], attr.handled_access_fs);
	right = right && syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	if (!right)
		why_set(why, "Landlock refused (%s): files are not limited", strerror(errno));
	if (rules >= 0)
		close(rules);
	return right ? abi : 0;
}
