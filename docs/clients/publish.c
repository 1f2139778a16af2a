// SPDX-License-Identifier: EUPL-1.2
// Opens a case: publish INTAKE_DOOR ID SECONDS. The same id and moment again count once: the answer is that of the first time.
#include "doorbraak/v1/submission.pb-c.h"
#include <doorbraak.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
	Google__Protobuf__Timestamp now = {PROTOBUF_C_MESSAGE_INIT(&google__protobuf__timestamp__descriptor), argc == 4 ? atoll(argv[3]) : 0, 0};
	Doorbraak__V1__Actor actor = DOORBRAAK__V1__ACTOR__INIT;
	Doorbraak__V1__CaseSubmitted opened = DOORBRAAK__V1__CASE_SUBMITTED__INIT;
	Doorbraak__V1__Submission s = DOORBRAAK__V1__SUBMISSION__INIT;
	actor.role = DOORBRAAK__V1__ROLE__ROLE_LOCAL_TEAM, actor.organisation = "LT-GM1669";
	opened.municipality = "GM1669", opened.asks = DOORBRAAK__V1__ASK__ASK_PROCESS_DIRECTION;
	opened.submitter = DOORBRAAK__V1__SUBMITTER_KIND__SUBMITTER_KIND_LOCAL_TEAM;
	s.source = "portal", s.id = argc == 4 ? argv[2] : "", s.occurred_at = &now, s.actor = &actor;
	s.body_case = DOORBRAAK__V1__SUBMISSION__BODY_CASE_SUBMITTED, s.case_submitted = &opened;

	uint8_t bytes[1024]; // small: codes and dates only
	struct doorbraak *intake;
	struct doorbraak_receipt receipt;
	struct doorbraak_why why;
	struct doorbraak_submission submission = {.data = bytes, .len = doorbraak__v1__submission__pack(&s, bytes)};
	if (argc != 4 || doorbraak_open(&intake, argv[1], NULL, &why) != DOORBRAAK_OK)
		return fprintf(stderr, "usage: publish INTAKE_DOOR ID SECONDS\n"), 2;
	int result = doorbraak_submit(intake, &submission, 60000, &receipt, &why);
	if (result == DOORBRAAK_OK) // durable
		printf("accepted: case %s record %llu%s\n", receipt.case_id, (unsigned long long)receipt.seq, receipt.duplicate ? " again" : "");
	else
		fprintf(stderr, "%s\n", why.text); // what is wrong, and what to do
	doorbraak_close(&intake);
	return result;
}
