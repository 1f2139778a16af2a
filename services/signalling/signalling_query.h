// SPDX-License-Identifier: EUPL-1.2
/* signalling_query.h - finding open signals: told to whom, which, where, about what.
 *
 *   signal_lists   list, value, key of an open signal -> nothing: by organisation, addressee, region and code
 *
 * The lists follow what is kept of an open signal by difference, once a batch (signalling_open_settle()): nobody asks in the
 * middle of one. */
#ifndef DOORBRAAK_SIGNALLING_QUERY_H
#define DOORBRAAK_SIGNALLING_QUERY_H

#include "common/record.h"
#include "services/signalling/signalling_state.h"

#define SIGNALLING_PAGE_MAX 500  /* signals of a page */
#define SIGNALLING_SCAN_MAX 5000 /* signals looked at for a page; it may then be empty and still have a next one */

/* What is kept of a signal was `before` (NULL: nothing) and is `after` (NULL: nothing). */
void signalling_lists_follow(const struct signalling_db *db, struct store_txn *txn, struct bytes raw_key,
			     const struct signal_open *before, const struct signal_open *after);

/* Fills the reply; with counts of what the addressee that is asked for may not see. False with *why when the question cannot be:
 * a code outside its list, a subject id without its kind, a case for who may not see it, the page token of another question. */
bool signalling_query(const struct signalling_db *db, struct store_txn *txn, const pb_SignalsRequest *request,
		      pb_SignalsReply *reply, struct why *why);

#endif
