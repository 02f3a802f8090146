import { describe, expect, test } from "vitest";
import { limitsOf } from "../../bench/page/limits.ts";
import { type Offer, wishesOf } from "../../bench/page/plan.ts";
import type { Here } from "../../bench/page/protocol.ts";
import { OF_THREADS, TITLES } from "../../bench/page/titles.ts";
import { BENCHES, type Environment } from "../../bench/results-file/format.ts";
import { everything } from "../plot/made-up.ts";

// Parts of the benches' page that need no page.

function here(environment: Partial<Environment>, threads = { used: 2, reason: "one a core" }): Here {
  return { environment: { ...everything().environment, cpu: null, ...environment }, threads, offers: [] };
}

const build = (name: string, reason: string): Environment["builds"][number] => ({
  build: name,
  reason,
  microKernels: { float32: "3x3", float64: "3x3" },
});

describe("what limits a page", () => {
  const limits = (...given: Parameters<typeof limitsOf>): string => limitsOf(...given).join("\n");

  test("an isolated page in Chromium: next to nothing", () => {
    const text = limits(here({ timerMs: 0.005, builds: [build("relaxed", "default")] }), true);
    expect(text).not.toMatch(/One thread|relaxed SIMD|coarse/);
    expect(text).toContain("The clock goes in steps of 5 µs");
    expect(text).toContain("not told which processor");
  });

  test("no isolation: one thread, the headers, and a coarse clock", () => {
    const text = limits(here({ timerMs: 0.1 }, { used: 1, reason: "no shared memory" }), false);
    expect(text).toMatch(
      /^One thread: .*Cross-Origin-Opener-Policy: same-origin.*Embedder-Policy: require-corp/,
    );
    expect(text).toContain("A coarse clock, in steps of 100 µs: samples last 10 ms at least");
    expect(text).not.toContain("no shared memory");
  });

  test("isolated, and one thread all the same: the reason", () => {
    expect(limits(here({}, { used: 1, reason: "this engine has no SharedArrayBuffer" }), true)).toContain(
      "One thread: this engine has no SharedArrayBuffer.",
    );
  });

  test.each([
    ["javascriptcore", /No relaxed SIMD, as in all of WebKit: the strict build .* \(it has none\)/],
    ["spidermonkey", /No relaxed SIMD: the strict build/],
  ])("%s without relaxed SIMD", (engine, message) => {
    expect(limits(here({ engine, builds: [build("strict", "it has none")] }), true)).toMatch(message);
  });

  test("steps of milliseconds, as resistFingerprinting makes them", () => {
    expect(limits(here({ timerMs: 100 / 6 }), true)).toContain(
      "in steps of 17 ms: samples last 1700 ms at least",
    );
  });
});

describe("an expert's wishes", () => {
  const offers: Offer[] = [
    {
      name: "gemm",
      seconds: { full: 1, quick: 1 },
      selection: { sizes: [1], rounds: 3, threads: undefined },
    },
  ];
  const wishes = (text: string) => wishesOf(`?selection=${encodeURIComponent(text)}`, offers);

  test("none, and some", () => {
    expect(wishesOf("", offers)).toBeUndefined();
    expect(wishesOf("?other=1", offers)).toBeUndefined();
    expect(wishes('{"gemm":{"sizes":[64,128],"threads":2}}')).toEqual({
      gemm: { sizes: [64, 128], threads: 2 },
    });
  });

  test.each([
    ["[]", "no JSON object"],
    ["{", "no JSON object"],
    ['{"pie":{}}', 'no bench "pie" here, but gemm'],
    ['{"gemm":3}', "gemm is no object"],
    ['{"gemm":{"size":1}}', "gemm.size is not known; there are sizes, rounds, threads"],
    ['{"gemm":{"toString":1}}', "gemm.toString is not known"],
    ['{"gemm":{"sizes":1}}', "gemm.sizes must be of type array"],
  ])("%s", (text, message) => {
    expect(() => wishes(text)).toThrow(message);
  });
});

test("every bench has a title", () => {
  expect(Object.keys(TITLES).sort()).toEqual([...BENCHES].sort());
  expect(OF_THREADS.every((name) => name in TITLES)).toBe(true);
});
