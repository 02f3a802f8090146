/** Dependent instructions of a turn: 32 additions and 32 exclusive-ors. */
export const LINKS = 64;

/**
 * A chain in which each instruction needs the one before: x <- (x + y) xor turns. Every processor takes one cycle for each of them, so
 * the time says how long a cycle is. (A compiler could make one instruction of many additions; of these it cannot.)
 */
export function cycles(x: u32, y: u32, turns: u32): u32 {
  for (; turns; --turns) {
    for (let i = 0; i < LINKS / 2; ++i) x = (x + y) ^ turns;
  }
  return x;
}
