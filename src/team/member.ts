import type { ThreadTable } from "../sync/threads.ts";
import { CALL_SPINS, type TicketBoard } from "../sync/ticket.ts";

/** Computes what a ticket stands for. */
export type Perform = (ticket: number) => void;

/** Which member of the team a thread is. */
export interface Seat {
  readonly member: number;
  /** The thread's id. */
  readonly thread: number;
  /** How often it looks for a call before it sleeps. */
  readonly spins: number;
}

/** Members of so large a team look for calls only where no other thread needs their cores meanwhile. */
export const spinsOf = (members: number, cores: number): number => (members < cores ? CALL_SPINS : 0);

/**
 * What a member does until its thread is ended: waits for calls, takes tickets. Blocks. It returns only where another thread
 * sits already: two threads of the context may have missed a member at once. A member that `perform` throws in ends, which is
 * noticed like any death.
 */
export function serve(board: TicketBoard, table: ThreadTable, seat: Seat, perform: Perform): void {
  const { member, thread, spins } = seat;
  if (!board.seat(member, thread, (other) => table.gone(other))) return;
  for (let call = board.call; ; call = board.awaitCall(call, spins)) {
    if (member >= board.limit) continue;
    // Said before a ticket is taken, and taken back after the last one is finished: see Team.lost().
    board.mark(member, true);
    workOff(board, perform);
    board.mark(member, false);
  }
}

/** Takes tickets until there are none; returns how many it got. A ticket that `perform` throws at stays unfinished. */
export function workOff(board: TicketBoard, perform: Perform): number {
  let own = 0;
  for (let ticket = board.take(); ticket >= 0; ticket = board.take()) {
    perform(ticket);
    board.finish();
    own += 1;
  }
  return own;
}
