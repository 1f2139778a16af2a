/* SPDX-License-Identifier: EUPL-1.2
 *
 * pull.pml - the pull protocol between a producer's journal and a consumer's cursor (docs/protocol.md), for spin.
 *
 * The producer's journal grows to N records. The consumer asks "after (seq, digest)"; the producer answers with the next record,
 * refuses a cursor that does not stand in its journal, or says nothing (parked). The network loses and doubles both questions and
 * answers. The consumer may crash at any moment: it keeps what was committed, which is the effect and the cursor in one step. The
 * producer may be restored once from an older backup and then write other records under the same numbers: a second epoch. A
 * record's digest tells its epoch (and that of all before it, for the chain).
 *
 * Safety:   an effect happens once for each record; the consumer never goes on upon a past that is not the producer's.
 * Liveness: the consumer gets everything, or has been refused loudly.
 *
 * Mutants that must fail: -DNO_REPEAT (an unanswered question is never asked again), -DCURSOR_APART (cursor and effect in two
 * steps), -DNO_DIGEST (only the number is compared).
 */
#define N 4
#define FAULTS 4

mtype = { ask, give, refuse };

chan to_producer = [2] of { mtype, byte, byte };       /* ask, seq, epoch of the consumer's last record */
chan to_consumer = [2] of { mtype, byte, byte, byte }; /* give, seq, epoch of it, epoch of the one before; refuse */

byte head = 0;        /* of the producer's journal */
byte epoch[N + 1];    /* digest of each record in it; [0] is the start */
byte life = 0;        /* the producer's epoch */
bool restored = false;
bool parked = false;  /* a question that waits for records, lost in a crash */
byte parked_seq = 0, parked_epoch = 0;

byte cur = 0;         /* consumer, durable: last record applied */
byte cur_epoch = 0;   /* and its digest */
byte effects[N + 1];  /* how often each record took effect */
bool refused = false;
bool waiting = false; /* consumer, lost in a crash */

byte faults = 0;

/* Whether a cursor (s, e) stands in the journal. */
#ifdef NO_DIGEST
#define STANDS(s, e) (s <= head)
#else
#define STANDS(s, e) (s <= head && epoch[s] == e)
#endif

inline answer()
{
	if
	:: !STANDS(parked_seq, parked_epoch) && nfull(to_consumer) -> to_consumer ! refuse(parked_seq, 0, 0); parked = false
	:: STANDS(parked_seq, parked_epoch) && parked_seq < head && nfull(to_consumer) ->
		to_consumer ! give(parked_seq + 1, epoch[parked_seq + 1], epoch[parked_seq]); parked = false
	:: STANDS(parked_seq, parked_epoch) && parked_seq == head -> skip
	:: full(to_consumer) -> skip
	fi
}

active proctype journal()
{
	do
	:: atomic { head < N -> head++; epoch[head] = life }
	od
}

active proctype producer()
{
	byte s, e;

	do
	:: atomic { !restored && head > 0 && life == 0 && faults < FAULTS -> /* an older backup, then another future */
		restored = true; faults++; life = 1; head--; e = 0; s = 0 }
	:: atomic { to_producer ? ask(s, e) ->
		parked = true; parked_seq = s; parked_epoch = e; s = 0; e = 0;
		answer() /* at once where it can be */ }
	:: atomic { parked && (!STANDS(parked_seq, parked_epoch) || parked_seq < head) && nfull(to_consumer) -> answer() }
	:: atomic { parked && faults < FAULTS -> parked = false; faults++ } /* the producer's process was killed */
	od
}

active proctype consumer()
{
	byte s, e, b;

	do
	:: atomic { !refused && !waiting && cur < N ->
		waiting = true;
		if :: nfull(to_producer) -> to_producer ! ask(cur, cur_epoch) :: full(to_producer) -> skip fi }
#ifndef NO_REPEAT
	:: atomic { !refused && waiting && empty(to_consumer) && empty(to_producer) -> waiting = false } /* time: ask again */
#endif
	:: atomic { to_consumer ? refuse(s, e, b) ->
		if :: s == cur -> refused = true :: else -> waiting = false fi; s = 0; e = 0; b = 0 }
	:: atomic { to_consumer ? give(s, e, b) ->
		waiting = false;
		if
#ifdef NO_DIGEST
		:: s == cur + 1 && !refused ->
#else
		:: s == cur + 1 && b == cur_epoch && !refused ->
#endif
			assert(b == cur_epoch); /* the record before it in the producer's journal is the one applied here */
			effects[s]++;
			assert(effects[s] == 1);
#ifdef CURSOR_APART
			goto apart
#else
			cur = s; cur_epoch = e
#endif
		:: else -> skip /* seen already, a gap, or another past: ask again and be refused */
		fi; s = 0; e = 0; b = 0 }
	:: atomic { faults < FAULTS && waiting -> faults++; waiting = false } /* crash: what was not durable is gone */
	od;
#ifdef CURSOR_APART
apart:
	if
	:: atomic { cur = s; cur_epoch = e; s = 0; e = 0; b = 0 }
	:: atomic { faults < FAULTS -> faults++; s = 0; e = 0; b = 0 } /* crash between the two */
	fi;
	waiting = false;
	do
	:: atomic { !refused && !waiting && cur < N && nfull(to_producer) -> waiting = true; to_producer ! ask(cur, cur_epoch) }
	:: atomic { waiting && empty(to_consumer) && empty(to_producer) -> waiting = false }
	:: atomic { to_consumer ? refuse(s, e, b) -> refused = true }
	:: atomic { to_consumer ? give(s, e, b) ->
		waiting = false;
		if :: s == cur + 1 && b == cur_epoch -> effects[s]++; assert(effects[s] == 1); goto apart
		   :: else -> skip
		fi }
	od
#endif
}

/* The network: what it does to messages. */
active proctype network()
{
	byte s, e, b;

	do
	:: atomic { faults < FAULTS && nempty(to_producer) -> to_producer ? ask(s, e); faults++; s = 0; e = 0 }
	:: atomic { faults < FAULTS && nempty(to_producer) && nfull(to_producer) ->
		to_producer ? <ask(s, e)>; to_producer ! ask(s, e); faults++; s = 0; e = 0 }
	:: atomic { faults < FAULTS && nempty(to_consumer) ->
		if :: to_consumer ? give(s, e, b) :: to_consumer ? refuse(s, e, b) fi; faults++; s = 0; e = 0; b = 0 }
	:: atomic { faults < FAULTS && nfull(to_consumer) && to_consumer ? [give(s, e, b)] ->
		to_consumer ? <give(s, e, b)>; to_consumer ! give(s, e, b); faults++; s = 0; e = 0; b = 0 }
	:: faults == FAULTS -> break
	od
}

ltl live { <> (cur == N || refused) }
