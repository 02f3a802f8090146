import { describe } from "vitest";
import { TicketBoard } from "../../../src/sync/ticket.ts";
import { serve } from "../../../src/team/member.ts";
import { type Job, Team } from "../../../src/team/team.ts";
import { goesWell, goesWrong } from "./cases.ts";
import { must, type Scenario, type Self } from "./scenario.ts";

// The team's jobs: threads that call, members that serve for ever, deaths of both. What a ticket stands for is written before
// the tickets are laid out; who performs one reads that, and writes its number into the ticket's element of the result.

const LINE = 16;
/** Seats that any of these has. */
const SEATS = 2;
const CALL = 2 * LINE;
/** The word that says what the tickets stand for, behind the board; then the result, a word a ticket. */
const RECORD = (5 + SEATS) * LINE;
const RESULT = RECORD + 1;
const TICKETS = 2;
/** 1 when a thread that may die has come to its end. */
const OVER = RESULT + TICKETS;

const names: string[] = Array.from({ length: OVER + 1 }, () => "");
Object.assign(names, {
  0: "tickets",
  16: "pending",
  32: "call",
  48: "owner",
  64: "asleep",
  65: "limit",
  66: "size",
});
Object.assign(names, {
  80: "busy 0",
  81: "seat 0",
  96: "busy 1",
  97: "seat 1",
  [RECORD]: "record",
  [OVER]: "over",
});
for (let ticket = 0; ticket < TICKETS; ++ticket) names[RESULT + ticket] = `result ${ticket}`;

/** More looks of who waits are the same to the explorer, but take it longer. */
const SPINS = 3;

/** The parts that are explored; mistakes are made in subclasses of them. */
interface Parts {
  readonly Board: new (words: Int32Array, index: number, spins: number) => TicketBoard;
  readonly Crew: typeof Team;
  readonly serve: typeof serve;
}
const REAL: Parts = { Board: TicketBoard, Crew: Team, serve };

/** Performs a ticket, alone in its room: nobody else may write there. */
function perform(self: Self, ticket: number): void {
  const record = Atomics.load(self.words, RECORD);
  self.enter(ticket);
  Atomics.store(self.words, RESULT + ticket, record);
  self.leave(ticket);
}

const jobOf = (self: Self, number: number): Job => ({
  tickets: TICKETS,
  publish: () => void Atomics.store(self.words, RECORD, number),
  perform: (ticket) => perform(self, ticket),
});

/** Another thread's team is another object. `members`: the threads that are (to be) members. */
const teamOf = (self: Self, { Board, Crew }: Parts, members: readonly number[]): Team =>
  new Crew(new Board(self.words, 0, SPINS), self.table, {
    thread: self.agent.id,
    mayBlock: true,
    start: (member) => self.idOf(members[member]!),
    now: () => performance.now(),
  });

/** What is not whole, or was not begun, is done alone. */
function doAlone(self: Self, number: number): void {
  for (let ticket = 0; ticket < TICKETS; ++ticket) {
    self.bury(ticket);
    self.enter(ticket);
    Atomics.store(self.words, RESULT + ticket, number);
    self.leave(ticket);
  }
}

function mustBe(self: Self, number: number): void {
  for (let ticket = 0; ticket < TICKETS; ++ticket) {
    const found = Atomics.load(self.words, RESULT + ticket);
    must(found === number, `job ${number} wrote result ${ticket}, not job ${found}`);
  }
}

type Thread = (self: Self) => unknown;

/** A thread that has some jobs done, one after the other; it takes tickets, too. */
const calls =
  (jobs: number, members: readonly number[], parts = REAL): Thread =>
  (self) => {
    for (let number = 1; number <= jobs; ++number) {
      self.forget(number);
      const team = teamOf(self, parts, members);
      if (!team.prepare() || !team.compute(jobOf(self, number))?.whole) doAlone(self, number);
      mustBe(self, number);
    }
  };

/** One that has a job done if the team is free; else nothing, since the other's result lies there. */
const callsOnce =
  (number: number, members: readonly number[], parts = REAL): Thread =>
  (self) => {
    const team = teamOf(self, parts, members);
    const done = team.prepare() ? team.compute(jobOf(self, number)) : undefined;
    return done === undefined ? "alone" : done.whole;
  };

/** As computeLater(), without an event loop: takes no tickets. `aborts`: takes back those that nobody has. */
const awaits =
  (aborts: boolean, members: readonly number[], parts = REAL): Thread =>
  (self) => {
    const team = teamOf(self, parts, members);
    const { board } = team;
    must(board.enter(self.agent.id), "the board is free");
    jobOf(self, 1).publish();
    board.open(TICKETS, members.length);
    const withdrawn = aborts ? board.withdraw() : 0;
    const whole = board.join(team.lost, 0) && team.dropped === 0 && withdrawn === 0;
    if (!whole) board.abandon();
    board.leave();
    // Nobody has a ticket any more: what it stood for may be freed.
    for (let ticket = 0; ticket < TICKETS; ++ticket) {
      self.bury(ticket);
      self.visit(ticket);
    }
    if (whole) mustBe(self, 1);
  };

const serves =
  (member: number, { Board, serve } = REAL): Thread =>
  (self) =>
    serve(
      new Board(self.words, 0, SPINS),
      self.table,
      { member, thread: self.agent.id, spins: 1 },
      (ticket) => perform(self, ticket),
    );

/** Threads that call, and then members. */
function scenario(
  callers: readonly Thread[],
  members: readonly Thread[],
  more: Partial<Scenario> & { readonly size?: number } = {},
): Scenario {
  const { size = members.length, ...rest } = more;
  return {
    threads: [...callers, ...members],
    daemons: members.length,
    names,
    mortals: [],
    setup: (words) => {
      new TicketBoard(words, 0).size = size;
    },
    ...rest,
  };
}

describe("all live", () => {
  goesWell("three jobs", { preemptions: 3 }, scenario([calls(3, [1])], [serves(0)]));
  goesWell("two members", { preemptions: 2 }, scenario([calls(2, [1, 2])], [serves(0), serves(1)]));
  goesWell("a job that is awaited", { preemptions: 4 }, scenario([awaits(false, [1])], [serves(0)]));
  goesWell("an aborted one", { preemptions: 2 }, scenario([awaits(true, [1, 2])], [serves(0), serves(1)]));
  goesWell(
    "two threads call at once, the team serves one",
    { preemptions: 3 },
    scenario([callsOnce(1, [2]), callsOnce(2, [2])], [serves(0)]),
  );
  goesWell(
    "two threads for one seat: one goes",
    { preemptions: 2 },
    scenario([calls(1, [1])], [serves(0), serves(0)], { size: 1 }),
  );
});

describe("deaths", () => {
  goesWell("the member", { preemptions: 2 }, scenario([calls(2, [1])], [serves(0)], { mortals: [1] }));
  goesWell(
    "one of two members",
    { preemptions: 1 },
    scenario([calls(2, [1, 2])], [serves(0), serves(1)], { mortals: [1] }),
  );
  goesWell(
    "both members, of a job that is awaited",
    { preemptions: 1 },
    scenario([awaits(false, [1, 2])], [serves(0), serves(1)], { mortals: [1, 2] }),
  );
  goesWell(
    "a member, and another takes its seat meanwhile",
    { preemptions: 2 },
    scenario([calls(1, [1])], [serves(0), serves(0)], { mortals: [1], size: 1 }),
  );
  goesWell(
    "the thread that called; another calls afterwards",
    { preemptions: 2 },
    scenario(
      [
        (self) => {
          callsOnce(1, [2])(self);
          Atomics.store(self.words, OVER, 1);
        },
        (self) => {
          while (Atomics.load(self.words, OVER) === 0 && !self.table.gone(self.idOf(0))) self.pause();
          for (let ticket = 0; ticket < TICKETS; ++ticket) self.bury(ticket);
          // (Alone, it would write elsewhere: the member may still write here.)
          if (callsOnce(2, [2])(self) === true) mustBe(self, 2);
        },
      ],
      [serves(0)],
      { mortals: [0] },
    ),
  );
});

/** Says that tickets are lost although a living member may have one. */
class LooksAtNobody extends TicketBoard {
  override isBusy(): boolean {
    return false;
  }
}

/** A seat is anybody's. */
class SitsAnywhere extends TicketBoard {
  override seat(member: number, thread: number): boolean {
    return super.seat(member, thread, () => true);
  }
}

/** Tickets that nobody was there to take count as done. */
class ForgetsDropped extends Team {
  override get dropped(): number {
    return 0;
  }
}

/** Says that it may have a ticket when it has one already. */
const marksLate: typeof serve = (board, table, { member, thread, spins }, perform) => {
  if (!board.seat(member, thread, (other) => table.gone(other))) return;
  for (let call = board.call; ; call = board.awaitCall(call, spins)) {
    for (let ticket = board.take(); ticket >= 0; ticket = board.take()) {
      board.mark(member, true);
      perform(ticket);
      board.finish();
      board.mark(member, false);
    }
  }
};

/** Says that a ticket is finished before it is. */
const finishesEarly: typeof serve = (board, table, { member, thread, spins }, perform) => {
  if (!board.seat(member, thread, (other) => table.gone(other))) return;
  for (let call = board.call; ; call = board.awaitCall(call, spins)) {
    board.mark(member, true);
    for (let ticket = board.take(); ticket >= 0; ticket = board.take()) {
      board.finish();
      perform(ticket);
    }
    board.mark(member, false);
  }
};

/** Sleeps without a last look at the call, after it has said that it sleeps. */
class SleepsBlindly extends TicketBoard {
  readonly #words: Int32Array;

  constructor(words: Int32Array, index: number, spins: number) {
    super(words, index, spins);
    this.#words = words;
  }

  override awaitCall(seen: number): number {
    if (Atomics.load(this.#words, CALL) !== seen) return this.call;
    Atomics.wait(this.#words, CALL, seen);
    return this.call;
  }
}

describe("mistakes are found", () => {
  const waits = (parts: Partial<Parts> = {}, mortals = [1]): Scenario => {
    const all = { ...REAL, ...parts };
    const members = [serves(0, all), serves(1, all)];
    return scenario([awaits(false, [1, 2], all)], members, { mortals, slices: true });
  };
  const oneSeat = (parts: Partial<Parts> = {}): Scenario => {
    const all = { ...REAL, ...parts };
    const members = [serves(0, all), serves(0, all)];
    return scenario([awaits(false, [1], all)], members, { mortals: [1], slices: true, size: 1 });
  };
  const one = (parts: Partial<Parts> = {}): Scenario => {
    const all = { ...REAL, ...parts };
    return scenario([awaits(false, [1], all)], [serves(0, all)], { slices: true });
  };
  const few = { preemptions: 1, timeouts: 1 };

  goesWrong("looks at nobody before it gives up", "exclusion", few, waits({ Board: LooksAtNobody }), waits());
  goesWrong(
    "marks itself late",
    "exclusion",
    { preemptions: 2, timeouts: 1 },
    waits({ serve: marksLate }, []),
    waits({}, []),
  );
  goesWrong("a seat is anybody's", "exclusion", few, oneSeat({ Board: SitsAnywhere }), oneSeat());
  goesWrong(
    "tickets that nobody took count",
    "error",
    { preemptions: 0 },
    waits({ Crew: ForgetsDropped }, [1, 2]),
    waits({}, [1, 2]),
  );
  goesWrong("finishes early", "exclusion", few, one({ serve: finishesEarly }), one());
  goesWrong("sleeps without a last look", "deadlock", few, one({ Board: SleepsBlindly }), one());
});
