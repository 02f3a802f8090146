/** What work() has computed, so that no compiler may leave it out. */
let residue = 1;

/** Keeps the processor busy for some steps, about a nanosecond each; touches no memory. */
export function work(steps: number): void {
  let x = residue;
  for (let i = 0; i < steps; ++i) x = (Math.imul(x, 1664525) + 1013904223) | 0;
  residue = x;
}

/** Steps of work() in a microsecond, here and now: the fastest of some trials. */
export function stepsPerMicrosecond(): number {
  const steps = 100_000;
  let fastest = 0;
  for (let trial = 0; trial < 50; ++trial) {
    const start = performance.now();
    work(steps);
    fastest = Math.max(fastest, steps / ((performance.now() - start) * 1000));
  }
  return fastest;
}
