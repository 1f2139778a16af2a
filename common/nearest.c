// SPDX-License-Identifier: EUPL-1.2
#include "common/nearest.h"

#include <ctype.h>
#include <stdio.h>

#define WORD_MAX 63

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	const unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

unsigned
nearest_distance(const char *a, const char *b)
{
	const size_t a_len = strnlen(a, WORD_MAX);
	const size_t b_len = strnlen(b, WORD_MAX);
	unsigned row[WORD_MAX + 1];

	for (unsigned j = 0; j <= b_len; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a_len; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= b_len; j++) {
			const bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
			const unsigned changed = diagonal + (same ? 0 : 1);

			diagonal = row[j];
			row[j] = min3(row[j] + 1, row[j - 1] + 1, changed);
		}
	}
	return row[b_len];
}

void
nearest_begin(struct nearest *n, const char *wanted)
{
	*n = (struct nearest){.wanted = wanted, .distance = WORD_MAX + 1};
}

void
nearest_offer(struct nearest *n, const char *name)
{
	const unsigned distance = nearest_distance(n->wanted, name);
	const size_t room = sizeof n->known - n->used;
	const size_t need = strlen(name) + 2;

	if (distance < n->distance) {
		n->best = name;
		n->distance = distance;
	}
	/* The last bytes are kept for the dots that say that the list goes on. */
	if (need + 4 < room)
		n->used += (size_t)snprintf(n->known + n->used, room, "%s%s", n->used == 0 ? "" : ", ", name);
	else if (n->used > 0 && n->known[n->used - 1] != '.')
		n->used += (size_t)snprintf(n->known + n->used, room, "...");
}

const char *
nearest_remedy(struct nearest *n)
{
	const size_t len = strnlen(n->wanted, WORD_MAX);

	if (n->best == NULL)
		return "there are none";
	if (n->distance <= 1 + len / 4)
		snprintf(n->sentence, sizeof n->sentence, "did you mean '%.60s'?", n->best);
	else
		snprintf(n->sentence, sizeof n->sentence, "known: %s", n->known);
	return n->sentence;
}
