// SPDX-License-Identifier: EUPL-1.2
/* service.c - the five services in the order of the row. */
#include "common/service.h"

const struct service *
service_of_row(unsigned i)
{
	static const struct service *const row[SERVICE_COUNT] = {&intake_service, &triage_service, &routing_service,
								 &signalling_service, &monitoring_service};

	return i < SERVICE_COUNT ? row[i] : NULL;
}
