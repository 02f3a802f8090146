import type { Context, NDArray, Thread } from "../../src/index.ts";
import { THREAD_TABLE } from "../../src/memory/layout.ts";
import { ThreadTable } from "../../src/sync/threads.ts";
import { TicketBoard } from "../../src/sync/ticket.ts";
import { type Perform, serve } from "../../src/team/member.ts";
import { Team } from "../../src/team/team.ts";
import { BareCalls } from "./bare.ts";

/** Who calls members, from the main thread. */
export interface Caller {
  readonly who: string;
  /** The members' threads; they run until they are terminated. */
  readonly threads: readonly Thread[];
  /** Whether all members wait for calls. */
  isReady(): boolean;
  /** Calls all of them, waits for their answers; false if some have not answered, so that the caller did their part. */
  call(): boolean;
}

/** What the members' threads get. */
export interface MemberPlan {
  /** The memory that calls go through. */
  readonly memory: NDArray;
  /** 0, 1, … */
  readonly member: number;
  /** How often it looks for a call before it sleeps. */
  readonly spins: number;
}

/** What callers are made with. */
export interface CallerPlan {
  readonly la: Context;
  readonly memory: NDArray;
  readonly members: number;
  /** Starts a member's thread with a task. */
  readonly start: (task: string, member: number) => Thread;
}

/** Bytes of memory that any of the callers needs for so many members. */
export const callBytes = (members: number): number => Math.max(TicketBoard.BYTES, BareCalls.bytes(members));

/** A memory's words, all of them, and where an array begins among them. */
const wordsOf = ({ data }: NDArray): [words: Int32Array, index: number] => [
  new Int32Array(data.buffer),
  data.byteOffset / 4,
];

function boardIn(memory: NDArray): { board: TicketBoard; table: ThreadTable } {
  const [words, index] = wordsOf(memory);
  return { board: new TicketBoard(words, index), table: new ThreadTable(words, THREAD_TABLE / 4) };
}

/**
 * What an empty ticket stands for: whoever has one keeps it until all are taken. Else the caller would have done with all of them
 * before a member that sleeps is awake.
 */
const keepOne =
  (board: TicketBoard): Perform =>
  () => {
    while (board.left > 0);
  };

/** The same for members: only one that is alone keeps nothing. It may have the caller's core, which takes the other ticket there. */
const keepOneOfMany = (board: TicketBoard): Perform => (board.size > 1 ? keepOne(board) : () => {});

/** Calls the team, with the board and by the code that products use. */
export function callTeam({ la, memory, members, start }: CallerPlan): Caller {
  const { board, table } = boardIn(memory);
  const threads: Thread[] = [];
  const team = new Team(board, table, {
    thread: la.threadId,
    mayBlock: true,
    start(member) {
      const thread = start("serveBoard", member);
      threads.push(thread);
      return thread.id;
    },
    now: () => performance.now(),
  });
  team.size = members + 1;
  team.prepare();
  const job = { tickets: members + 1, publish() {}, perform: keepOne(board) };
  return {
    who: "team",
    threads,
    isReady: () => threads.every((_, member) => board.memberThread(member) !== 0),
    call() {
      const done = team.compute(job);
      return done?.whole === true && done.own <= 1;
    },
  };
}

/** A task: is a member of a team. */
export function serveBoard(la: Context, { memory, member, spins }: MemberPlan): void {
  const { board, table } = boardIn(memory);
  serve(board, table, { member, thread: la.threadId, spins }, keepOneOfMany(board));
}

/** Calls with what a call cannot do without. */
export function callBare({ memory, members, start }: CallerPlan): Caller {
  const calls = new BareCalls(...wordsOf(memory), members);
  return {
    who: BARE,
    threads: Array.from({ length: members }, (_, member) => start("answerCalls", member)),
    isReady: () => calls.areReady(),
    call() {
      calls.call();
      return true;
    },
  };
}

/** A task: answers bare calls. */
export function answerCalls(_la: Context, { memory, member, spins }: MemberPlan): void {
  new BareCalls(...wordsOf(memory), 0).answer(member, spins);
}

export const BARE = "bare Atomics";
