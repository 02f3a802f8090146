import { expect, test } from "vitest";
import type { Results } from "../../bench/results-file/format.ts";
import { InterruptedError } from "../../src/cli/fail.ts";
import { type Measurement, measure } from "../../src/cli/measure.ts";
import { measurement, resultsWith } from "../bench/samples.ts";
import { capture } from "./terminal.ts";

/** Results of a bench that does this first. */
const benchOf = (run: Measurement<Results>["run"]): Measurement<Results> => ({
  run,
  asText: () => "tables",
  asMarkdown: () => "",
  asResults: (results) => results,
});
const right = resultsWith([measurement()]);
const wrong = resultsWith([measurement({ values: [], wrong: true })]);
/** Ctrl-C while the event loop does not turn. */
const interrupt = (): void => void process.kill(process.pid, "SIGINT");

test("Ctrl-C during the last computation is heard; what there is is written", async () => {
  const { terminal, out, err } = capture();
  const bench = benchOf(async () => {
    interrupt();
    return right;
  });
  await expect(measure(bench, {}, terminal)).rejects.toThrow(InterruptedError);
  expect(out()).toBe("tables\n");
  expect(err()).toContain("blasm: stopping; once more to stop at once");
});

test("an error after Ctrl-C is told", async () => {
  const { terminal, err } = capture();
  const bench = benchOf(async () => {
    interrupt();
    throw new Error("nothing was measured");
  });
  await expect(measure(bench, {}, terminal)).rejects.toThrow(InterruptedError);
  expect(err()).toContain("blasm: nothing was measured\n");
});

test("what failed is told beside wrong results, and after Ctrl-C", async () => {
  const { terminal, out, err } = capture();
  const failing = (results: Results, first: () => void): Measurement<Results> =>
    benchOf(async ({ failed }) => {
      first();
      failed("stream", new Error("no room"));
      return results;
    });
  await expect(
    measure(
      failing(wrong, () => {}),
      {},
      terminal,
    ),
  ).rejects.toThrow("stream failed: no room; 1 results are wrong");
  await expect(measure(failing(right, interrupt), {}, terminal)).rejects.toThrow(InterruptedError);
  expect(err()).toContain("blasm: stream failed: no room\n");
  expect(out()).toBe("tables\ntables\n");
});

test("nobody listens to Ctrl-C while something long is called: it ends the process", async () => {
  const listeners: number[] = [];
  const bench = benchOf(async ({ blocking }) => {
    const count = (): void => void listeners.push(process.listenerCount("SIGINT"));
    count();
    blocking(count);
    expect(() => blocking(() => JSON.parse("{"))).toThrow(SyntaxError);
    count();
    return right;
  });
  const before = process.listenerCount("SIGINT");
  await measure(bench, {}, capture().terminal);
  expect(listeners).toEqual([before + 1, before, before + 1]);
  expect(process.listenerCount("SIGINT")).toBe(before);
});
