// SPDX-License-Identifier: EUPL-1.2
/* node_erase.c - what was erased leaves the file: a fresh copy of the store at a quiet moment (node.h).
 *
 * Happy path: the batch that erased counts up a row of `meta`; when it is quiet the store is copied and swapped, its databases
 * are opened again, and the row is taken away. A crash in between only means that the copy is made once more. */
#include <time.h>

#include "common/node_internal.h"

#define PENDING_KEY "erasures_pending"

static uint64_t
pending(const struct node *node, struct store_txn *txn)
{
	struct bytes v;

	return store_get(txn, node->meta, bytes_str(PENDING_KEY), &v) && v.len == 8 ? get_u64(v.data) : 0;
}

void
node_erase_load(struct node *node, struct store_txn *txn)
{
	node->status.erasures_pending = pending(node, txn);
}

void
node_erase_keep(struct batch *batch)
{
	struct node *node = batch->node;
	uint8_t count[8];

	if (batch->turn.erased == 0)
		return;
	node->status.erasures_pending += batch->turn.erased;
	put_u64(count, node->status.erasures_pending);
	store_put(batch->turn.txn, node->meta, bytes_str(PENDING_KEY), bytes_of(count, sizeof count));
}

static bool
is_due(struct node *node)
{
	const int64_t within = node->options.erase_within_ms;
	const int64_t now = node->now.steady_ms;

	if (node->status.erasures_pending == 0 || now < node->copy_again_ms)
		return false;
	if (node->status.erasure_steady_ms == 0)
		node->status.erasure_steady_ms = now;
	const int64_t waited = now - node->status.erasure_steady_ms;

	return waited >= within ||
	       (waited >= within / NODE_ERASE_QUIET && now - node->handed_in_ms >= within / NODE_ERASE_QUIET);
}

static int64_t
steady_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The copy is in place: nothing is pending any more. */
static enum err
settle(struct node *node)
{
	enum err err = node_databases_open(node);

	if (err != ERR_NONE)
		return err;
	struct store_txn *txn = store_begin_write(node->store);

	(void)store_delete(txn, node->meta, bytes_str(PENDING_KEY));
	err = store_commit(txn);
	if (err != ERR_NONE)
		return err;
	node->status.erasures_done += node->status.erasures_pending;
	node->status.erasures_pending = 0;
	node->status.erasure_steady_ms = 0;
	return ERR_NONE;
}

enum err
node_erase_turn(struct node *node)
{
	enum err err;

	if (!is_due(node))
		return ERR_NONE;
	node->copy_why.text[0] = '\0';
	const int64_t began = steady_us();

	if (node->status.usage.disk_free_bytes < node->status.usage.used_bytes + node->options.disk_reserve_bytes) {
		why_set(&node->copy_why, "the volume has no room for a second copy of the store");
		err = ERR_DISK_FULL;
	} else {
		err = store_compact(node->store, &node->copy_why);
	}
	node->status.copy_us_sum += (uint64_t)(steady_us() - began);
	node->status.copies += err == ERR_NONE;
	node->status.copies_failed += err != ERR_NONE;
	if (err == ERR_NONE)
		return settle(node);
	node->copy_again_ms = node->now.steady_ms + NODE_ERASE_AGAIN_MS;
	if (err == ERR_AGAIN || err == ERR_DISK_FULL || err == ERR_STORE_FULL)
		return node_databases_open(node);
	why_set(&node->why, "%s: the store cannot be copied: %s", node->service->name, node->copy_why.text);
	return err;
}

const char *
node_erase_why(const struct node *node)
{
	return node->copy_why.text;
}
