// SPDX-License-Identifier: EUPL-1.2
/* keys_list.h - the list of keys as the commands `keys` change it, and the files with secrets beside it:
 * <folder>/keys.json, and <folder>/<name>/secret in a folder of its own, so that it can be handed to that one alone. */
#ifndef DOORBRAAK_KEYS_LIST_H
#define DOORBRAAK_KEYS_LIST_H

#include "common/access_keys.h"
#include "services/cli/cli.h"

#define KEYS_SECRET "secret"

/* --dir, else --keys and its defaults. */
const char *keys_folder(struct cli *cli);
/* The keys as they stand, and a lock so that nobody changes them meanwhile; -1 after telling why. */
int keys_lock(struct cli *cli, struct access_keys *keys);
void keys_unlock(struct access_keys *keys, int lock);
/* False after telling why. */
bool keys_save(struct cli *cli, const struct access_keys *keys);
/* NULL: there is none. */
struct access_key *keys_named(const struct access_keys *keys, const char *name);

/* <folder>/<name>/secret. */
const char *keys_secret_path(struct cli *cli, const char *name);
/* A new pair, its secret in that file (one that stands there is replaced at once). The path, or NULL after telling why. */
const char *keys_write_pair(struct cli *cli, const char *name, struct curve_key *public);

#endif
