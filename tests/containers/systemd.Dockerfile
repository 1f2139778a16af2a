# SPDX-License-Identifier: EUPL-1.2
# A machine with systemd in a container, for tests: what an installation on a host needs, and no more.
FROM debian:bookworm-slim
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends systemd systemd-sysv dbus libzmq5 liblmdb0 \
	libevent-core-2.1-7 libevent-extra-2.1-7 libevent-openssl-2.1-7 libprotobuf-c1 libsodium23 libyaml-0-2 libssl3 \
	&& rm -rf /var/lib/apt/lists/*
STOPSIGNAL SIGRTMIN+3
CMD ["/lib/systemd/systemd"]
