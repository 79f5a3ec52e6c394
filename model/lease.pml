/* The lease protocol: one server, one seat, two holders. README.md says what is modelled and how to read it.
 *
 * No clock reading is kept. Whatever a clock measures is kept as the ticks of that clock that are left, and stops at 0;
 * so the state space is finite, and complete, without an end of time.
 */

#ifndef TTL
#define TTL 5                      /* ticks of the server's clock that a seat is kept after a renewal came in */
#endif
#define DRIFT 1                    /* ticks by which a clock goes wrong in TTL true steps at most */

#if defined NO_MARGIN
#define MARGIN 0
#elif defined HALF_MARGIN
#define MARGIN DRIFT               /* as if one clock alone could drift */
#else
#define MARGIN (2 * DRIFT)         /* both clocks against each other, and nothing to spare (S1) */
#endif
#define BELIEF (TTL - MARGIN)      /* ticks of its own clock that a holder believes after it sent a renewal (S1) */

#ifdef SLEEPING_CLOCK
#define stands_still(h) holder[h].asleep
#else
#define stands_still(h) false      /* a suspended holder's clock goes on (S1) */
#endif

#define NOBODY 2                   /* holders are 0 and 1 */
#define SERVER 2                   /* the clocks: 0 and 1 are the holders' */

/* Ids of takes, as their holder counts them; they compare as their orders do (S6). */
#define OLDER 0
#define EARLIER 1                  /* the take before */
#define CURRENT 2                  /* the take that a running holder goes by */

/* A holder and its mail. The network keeps whatever was sent: a message may arrive at any time, again, or never. Of
 * several equal messages the last one sent stands for all. What is left of a request or an answer is the belief that
 * the holder will have from it, counted from the sending of the request. */
typedef Holder {
    bool running;
    bool asleep;                   /* suspended: its process stands still, its clock goes on */
    bool granted;                  /* its current take was answered */
    byte belief;                   /* it believes in its seat while this is above 0 */
    byte take;                     /* left of the current take */
    byte renewal;                  /* left of the current take's renewal, 0 where there is none */
    byte answer;                   /* left of an answer on its way, 0 where there is none */
    bool earlier_take;             /* what the network still has of the take before */
    bool earlier_release;
}
Holder holder[2];

/* The server's ledger: one seat. */
byte owner = NOBODY;
byte id = OLDER;
byte left = 0;                     /* the seat is free, or may be taken, when this is 0 */
bool synced = true;                /* only ANSWER_FIRST ever clears it (S2) */

byte steady[3] = TTL;              /* true steps since this clock last went wrong, TTL at most */

#define me (_pid % 2)              /* the holder that a process stands for */
#define mine holder[me]
#define awake (mine.running && !mine.asleep)
#define NAME(h) ('A' + h)

inline fall(x, ticks) { x = (x > ticks -> x - ticks : 0) }
inline rise(x, to) { x = (x > to -> x : to) }

#define is_timing(h) (holder[h].belief + holder[h].take + holder[h].renewal + holder[h].answer > 0)

/* What can no more change anything counts as 0: requests and answers that add nothing to a belief, and the history of
 * a clock that measures nothing. */
inline forget_stale(h) {
    if
    :: holder[h].granted -> holder[h].take = 0     /* its answer came, so a late copy gives no more belief than that */
    :: else
    fi;
    if
    :: holder[h].renewal <= holder[h].belief -> holder[h].renewal = 0
    :: else
    fi;
    if
    :: holder[h].answer <= holder[h].belief -> holder[h].answer = 0
    :: else
    fi;
    if
    :: !is_timing(h) -> steady[h] = TTL
    :: else
    fi
}

/* Holders */

inline leave_take(released) {      /* its id is never used again; what was sent of it lives on in the network */
    mine.earlier_take = true;
    mine.earlier_release = released;
    if
    :: owner == me && id > OLDER -> id--
    :: else
    fi;
    mine.granted = false;
    mine.take = 0;
    mine.renewal = 0;
    mine.answer = 0
}

inline end_run(released) {
    leave_take(released);
    mine.running = false;
    mine.asleep = false;
    mine.belief = 0;
    forget_stale(me)
}

active [2] proctype Run() {
    do
    :: d_step { !mine.running ->
        printf("%c starts and sends a take\n", NAME(me));
        mine.running = true;
        mine.take = BELIEF }
    :: d_step { awake && !mine.granted && mine.take < BELIEF ->
        printf("%c sends its take again\n", NAME(me));
        mine.take = BELIEF }
    :: d_step { awake && mine.granted && mine.belief < BELIEF && mine.renewal < BELIEF ->
        printf("%c sends a renewal\n", NAME(me));
        mine.renewal = BELIEF }
    :: d_step { awake && mine.granted && mine.belief == 0 ->
        printf("%c asks anew, with a new take\n", NAME(me));
        leave_take(false);
        mine.take = BELIEF }
    :: d_step { awake ->
        printf("%c stops and sends a release\n", NAME(me));
        end_run(true) }
    :: d_step { mine.running ->
        printf("%c crashes\n", NAME(me));
        end_run(false) }
    :: d_step { awake ->
        printf("%c is suspended\n", NAME(me));
        mine.asleep = true }
    :: d_step { mine.asleep ->
        printf("%c wakes up\n", NAME(me));
        mine.asleep = false }
    :: d_step { awake && mine.answer > 0 ->
#ifdef FROM_ANSWER
        mine.belief = BELIEF;
#else
        rise(mine.belief, mine.answer);
#endif
        printf("%c is answered and believes for %d more ticks of its clock\n", NAME(me), mine.belief);
        mine.granted = true;
        forget_stale(me);
        assert(holder[1 - me].belief == 0) }       /* exclusivity, in true time */
    od
}

/* The server: each request is handled and written down in one step (S2). Refusals need no message: those that change
 * nothing are requests that were lost, and `taken-over`, which ends belief, is a crash. */

inline keep_seat() { left = TTL }

inline send_answer(worth) {
    if
    :: worth > mine.belief -> rise(mine.answer, worth)
    :: else
    fi
}

inline handle_take(number, worth) {
    if
    :: owner == me && id == number && left > 0 ->  /* a repeat */
#ifndef IDLE_REPEAT
        keep_seat();
#endif
        send_answer(worth)
#ifndef LOWER_ORDER
    :: owner == me && left > 0 && number < id      /* taken-over (S6) */
#endif
    :: else ->                                     /* free, or taken over by its own holder (R1, R9) */
        owner = me;
        id = number;
        keep_seat();
#ifdef ANSWER_FIRST
        synced = false;
#endif
        send_answer(worth)
    fi
}

inline handle_renewal(worth) {
#ifndef IDLE_RENEWAL
    keep_seat();
#endif
    send_answer(worth)
}

#define may_take (owner == me || left == 0)
#define may_renew(number) (owner == me && id == number && left > 0)
#ifdef ANY_RELEASE
#define may_release(number) (owner == me)
#else
#define may_release(number) (owner == me && id == number)
#endif

active [2] proctype Requests() {
    do
    :: d_step { mine.running && may_take ->
        printf("the server receives a take of %c\n", NAME(me));
        handle_take(CURRENT, mine.take) }
    :: d_step { mine.earlier_take && may_take ->
        printf("the server receives, late, the earlier take of %c\n", NAME(me));
        handle_take(EARLIER, 0) }
    :: d_step { mine.renewal > 0 && may_renew(CURRENT) ->
        printf("the server receives a renewal of %c\n", NAME(me));
        handle_renewal(mine.renewal) }
    :: d_step { mine.earlier_release && may_release(EARLIER) ->
        printf("the server receives the release of %c's earlier take\n", NAME(me));
        owner = NOBODY;
        id = OLDER;
        left = 0 }
    od
}

active proctype Server() {
    do
    :: d_step { owner != NOBODY ->
        printf("the server crashes and starts again\n");
#ifdef FORGETFUL
        owner = NOBODY; id = OLDER; left = 0
#else
        if
        :: synced -> keep_seat()                   /* one full ttl for what the ledger has (S2) */
        :: else -> owner = NOBODY; id = OLDER; left = 0; synced = true
        fi
#endif
        }
    :: d_step { !synced -> synced = true }
    od
}

/* Time. In a true step each clock goes on by one tick; once in TTL steps it may stand still or go on by two. */

#define drifts(clock) (steady[clock] == TTL && (clock == SERVER -> left > 0 : is_timing(clock % 2)))
#define may_tick(clock, ticks) (ticks == 1 || drifts(clock))

inline tick(clock, ticks) {
    steady[clock] = (ticks != 1 -> 1 : (steady[clock] < TTL -> steady[clock] + 1 : TTL));
    if
    :: clock == SERVER ->
        fall(left, ticks);
        if
        :: left == 0 -> steady[SERVER] = TTL
        :: else
        fi
    :: clock != SERVER && !stands_still(clock) ->
        fall(holder[clock].belief, ticks);
        fall(holder[clock].take, ticks);
        fall(holder[clock].renewal, ticks);
        fall(holder[clock].answer, ticks);
        forget_stale(clock)
    :: else
    fi
}

#define STEP(a, b, s) \
    :: d_step { may_tick(0, a) && may_tick(1, b) && may_tick(SERVER, s) -> \
        printf("a true step: the clocks of A, B and server tick %d, %d, %d\n", a, b, s); \
        do \
        :: clock < 3 -> tick(clock, (clock == 0 -> a : (clock == 1 -> b : s))); clock++ \
        :: else -> break \
        od; \
        clock = 0 }
#define EACH_SERVER(a, b) STEP(a, b, 1) STEP(a, b, 0) STEP(a, b, 2)
#define EACH_B(a) EACH_SERVER(a, 1) EACH_SERVER(a, 0) EACH_SERVER(a, 2)

active proctype Time() {
    byte clock;
    do
    EACH_B(1) EACH_B(0) EACH_B(2)
    od
}
