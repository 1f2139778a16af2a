// SPDX-License-Identifier: EUPL-1.2
#include "common/lookup.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

struct lookup {
	struct gaicb request;
	struct addrinfo hints;
	enum lookup_reach reach;
	char host[URL_HOST_MAX + 1], port[8];
};

/* ---- which addresses may be used ---- */

struct range {
	uint32_t base;
	unsigned bits;
};

static bool
is_loopback4(uint32_t a)
{
	return a >> 24 == 127;
}

static bool
is_public4(uint32_t a)
{
	static const struct range inside[] = {
	    {0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
	    {0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0a80000, 16}, {0xc6120000, 15},
	    {0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 3},
	};

	for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
		if ((a ^ inside[i].base) >> (32 - inside[i].bits) == 0)
			return false;
	}
	return true;
}

static bool
may_reach4(uint32_t a, enum lookup_reach reach)
{
	switch (reach) {
	case LOOKUP_LOOPBACK: return is_loopback4(a);
	case LOOKUP_PRIVATE: return a >> 28 != 0xe && a != 0 && a != UINT32_MAX;
	default: return is_public4(a);
	}
}

/* Of IPv6 only 2000::/3 is given out; within it 2001::/23 (Teredo among them), documentation and 6to4 are no hosts. */
static bool
is_public6(const uint8_t b[16])
{
	const bool global = (b[0] & 0xe0) == 0x20;
	const bool special = b[0] == 0x20 && b[1] == 0x01 && b[2] < 2;
	const bool example = b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8;
	const bool six_to_four = b[0] == 0x20 && b[1] == 0x02;

	return global && !special && !example && !six_to_four;
}

static bool
may_reach6(const struct in6_addr *a, enum lookup_reach reach)
{
	if (IN6_IS_ADDR_V4MAPPED(a))
		return may_reach4(get_u32(a->s6_addr + 12), reach);
	switch (reach) {
	case LOOKUP_LOOPBACK: return IN6_IS_ADDR_LOOPBACK(a);
	case LOOKUP_PRIVATE: return !IN6_IS_ADDR_MULTICAST(a) && !IN6_IS_ADDR_UNSPECIFIED(a);
	default: return is_public6(a->s6_addr);
	}
}

bool
lookup_may_reach(const struct sockaddr *address, enum lookup_reach reach)
{
	if (address->sa_family == AF_INET)
		return may_reach4(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr), reach);
	return address->sa_family == AF_INET6 &&
	       may_reach6(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, reach);
}

/* ---- looking ---- */

struct lookup *
lookup_begin(const struct url *url, enum lookup_reach reach)
{
	struct lookup *l = calloc(1, sizeof *l);

	if (l == NULL)
		fatal("out of memory");
	l->reach = reach;
	snprintf(l->host, sizeof l->host, "%s", url->host);
	snprintf(l->port, sizeof l->port, "%u", url->port);
	l->hints = (struct addrinfo){
	    .ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICSERV | (url->number ? AI_NUMERICHOST : 0),
	};
	l->request = (struct gaicb){.ar_name = l->host, .ar_service = l->port, .ar_request = &l->hints};
	struct gaicb *list[] = {&l->request};

	/* Without a thread to be had it is unknown for now; the answer says so. */
	(void)getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
	return l;
}

enum lookup_state
lookup_look(struct lookup *l, struct sockaddr_storage *address, socklen_t *len)
{
	const int error = gai_error(&l->request);

	if (error == EAI_INPROGRESS)
		return LOOKUP_BUSY;
	if (error != 0 || l->request.ar_result == NULL)
		return LOOKUP_UNKNOWN;
	for (const struct addrinfo *a = l->request.ar_result; a != NULL; a = a->ai_next) {
		if (a->ai_addrlen > sizeof *address || !lookup_may_reach(a->ai_addr, l->reach))
			continue;
		memcpy(address, a->ai_addr, a->ai_addrlen);
		*len = a->ai_addrlen;
		return LOOKUP_FOUND;
	}
	return LOOKUP_REFUSED;
}

void
lookup_end(struct lookup **lookup)
{
	struct lookup *l = *lookup;

	*lookup = NULL;
	if (l == NULL)
		return;
	/* Its thread is inside the C library and cannot be called back: the few bytes stay with it. That happens only when
	 * the name service has not answered before the deadline of the call. */
	if (gai_cancel(&l->request) == EAI_NOTCANCELED && gai_error(&l->request) == EAI_INPROGRESS)
		return;
	if (l->request.ar_result != NULL)
		freeaddrinfo(l->request.ar_result);
	free(l);
}
