import { expect } from "vitest";
import { BlasmError, type Context, type InitOptions, init } from "../../src/index.ts";

/** A context with a memory that suits tests. On one thread: a worker cannot import these sources (test/team is over dist/). */
export function context(options: InitOptions = {}): Promise<Context> {
  return init({ threads: 1, memory: { initial: "8 MiB", maximum: "256 MiB" }, ...options });
}

/** What a refused call must be: the class by name, the code, and what its message must contain. */
export type Refusal = [name: string, code: string, ...mentioned: (string | RegExp)[]];

/** Runs what must be refused. It throws the right error, and leaves the arena's statistics exactly as they were. */
export function refuses(la: Context, run: () => unknown, [name, code, ...mentioned]: Refusal): void {
  const before = la.arena.stats();
  let error: unknown;
  try {
    run();
  } catch (thrown) {
    error = thrown;
  }
  checkRefusal(error, [name, code, ...mentioned]);
  expect(la.arena.stats()).toEqual(before);
}

/** As `refuses`, of what init() or another asynchronous call answers. */
export async function refusesLater(promise: Promise<unknown>, refusal: Refusal): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  checkRefusal(error, refusal);
}

function checkRefusal(error: unknown, [name, code, ...mentioned]: Refusal): void {
  expect(error, "nothing of blasm's was thrown").toBeInstanceOf(BlasmError);
  const { message, ...rest } = error as BlasmError;
  expect({ name: (error as BlasmError).name, code: rest.code }, message).toEqual({ name, code });
  for (const text of mentioned) {
    if (typeof text === "string") expect(message).toContain(text);
    else expect(message).toMatch(text);
  }
}
