// SPDX-License-Identifier: EUPL-1.2
/* policy_words.h - rows of a policy in words: what they look at and what they do.
 *
 * Facts and codes keep their names, because that is how they stand in the files; what is between them is English:
 * "state is QUEUED or EXECUTING, and has_team is true", "moves to QUEUED; sets MEETING; asks TEAM to take over". All text
 * lives in the arena. */
#ifndef DOORBRAAK_POLICY_WORDS_H
#define DOORBRAAK_POLICY_WORDS_H

#include "common/record.h"

/* "always" when the row has no condition. */
const char *policy_when_text(struct arena *a, const pb_RuleRow *row);
/* "nothing" when it has no effect. */
const char *policy_then_text(struct arena *a, const pb_RuleRow *row);
const char *policy_condition_text(struct arena *a, const pb_RuleCondition *condition);
/* What its values say, without the fact: "QUEUED or EXECUTING", "100 or more". */
const char *policy_values_text(struct arena *a, const pb_RuleCondition *condition);

/* What changed in `is` against `was`, in sentences that go on behind the row's id: "now also sets REVIEW; no longer only
 * when has_team is true". "" when both do the same in the same situations. */
const char *policy_change_text(struct arena *a, const pb_RuleRow *was, const pb_RuleRow *is);

/* Has the verb words of its own? (A test asks it for every verb of every scope.) */
bool policy_verb_has_words(const char *verb);

/* "A", "A and B", "A, B and C"; with `or` in the place of `and`. */
const char *policy_list_text(struct arena *a, const char *const *items, size_t count, const char *last);
/* "5 working days", "3 months", "1 day"; without a unit the plain number. `unit` as in the files: wd, d, months, count. */
const char *policy_number_text(struct arena *a, int number, const char *unit);

#endif
