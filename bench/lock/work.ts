/** What work() has computed, so that no compiler may leave it out. */
let residue = 1;

/**
 * Keeps the processor busy for some steps (Marsaglia's xorshift), a nanosecond or two each; touches no memory. Only shifts and
 * exclusive or: as fast in an engine's second tier as in its first. (Math.imul is five times as slow in Node 26's second one.)
 */
export function work(steps: number): void {
  let x = residue;
  for (let i = 0; i < steps; ++i) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
  }
  residue = x;
}

/** Steps of work() that take so many microseconds in this thread, by the fastest of some trials. */
export function stepsFor(microseconds: number): number {
  const steps = 10_000;
  let fastest = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < 500; ++trial) {
    const start = performance.now();
    work(steps);
    fastest = Math.min(fastest, 1000 * (performance.now() - start));
  }
  return Math.round((microseconds * steps) / fastest);
}
