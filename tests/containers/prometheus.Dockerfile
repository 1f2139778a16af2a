# SPDX-License-Identifier: EUPL-1.2
# Debian's Prometheus in the place of the image that docker/prometheus/compose.yaml names: what tests need no registry for.
FROM debian:bookworm-slim
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends prometheus && rm -rf /var/lib/apt/lists/* \
	&& install -d -o 65534 -g 65534 /prometheus
ENTRYPOINT ["/usr/bin/prometheus"]
