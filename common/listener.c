// SPDX-License-Identifier: EUPL-1.2
#include "common/listener.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG  100 /* as libzmq has it */
#define HOST_MAX 64

union address {
	struct sockaddr any;
	struct sockaddr_un un;
	struct sockaddr_storage room;
};

static bool
unix_address(const char *path, union address *out, socklen_t *len)
{
	*out = (union address){.un.sun_family = AF_UNIX};
	*len = sizeof(out->un);
	if (strlen(path) >= sizeof(out->un.sun_path))
		return false;
	memcpy(out->un.sun_path, path, strlen(path) + 1);
	return true;
}

static bool
tcp_address(const char *text, union address *out, socklen_t *len)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
				       .ai_socktype = SOCK_STREAM};
	const char *colon = strrchr(text, ':');
	char host[HOST_MAX];
	struct addrinfo *found;
	const bool v6 = text[0] == '[';
	const size_t host_len = colon == NULL ? 0 : (size_t)(colon - text) - (v6 ? 2 : 0);

	if (colon == NULL || host_len >= sizeof(host))
		return false;
	memcpy(host, text + v6, host_len);
	host[host_len] = '\0';
	if (getaddrinfo(strcmp(host, "*") == 0 ? "0.0.0.0" : host, strcmp(colon + 1, "*") == 0 ? "0" : colon + 1,
			&hints, &found) != 0)
		return false;
	*len = found->ai_addrlen;
	memcpy(out, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return true;
}

bool
listener_is_there(const char *path)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	union address address;
	socklen_t len;
	/* EAGAIN: somebody is there, with many waiting. */
	const bool listens =
	    fd >= 0 && unix_address(path, &address, &len) && (connect(fd, &address.any, len) == 0 || errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return listens;
}

int
listener_open(const char *endpoint, struct why *why)
{
	const char *path = strncmp(endpoint, "ipc://", 6) == 0 ? endpoint + 6 : NULL;
	const int yes = 1, no = 0;
	union address address;
	socklen_t len;

	if (path != NULL ? !unix_address(path, &address, &len)
			 : strncmp(endpoint, "tcp://", 6) != 0 || !tcp_address(endpoint + 6, &address, &len)) {
		why_set(why, "cannot listen at %s: no address in numbers, and no path that is short enough", endpoint);
		return -1;
	}
	if (path != NULL && listener_is_there(path)) {
		why_set(why, "%s is in use by a process that listens there", endpoint);
		return -1;
	}
	if (path != NULL)
		(void)unlink(path);
	const int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const bool good =
	    fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
	    (address.any.sa_family != AF_INET6 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no)) == 0) &&
	    bind(fd, &address.any, len) == 0 && listen(fd, BACKLOG) == 0;
	if (good)
		return fd;
	why_set(why, "cannot listen at %s: %s", endpoint, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
