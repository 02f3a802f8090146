import { describe, expect, test } from "vitest";
import {
  interleave,
  median,
  pairedRatio,
  quantile,
  type SampleSettings,
  type Subject,
  shortestSample,
  spread,
  warmUp,
} from "../../bench/common/sample.ts";

describe("statistics", () => {
  test("quantiles interpolate, as NumPy's default does", () => {
    // np.quantile([1, 2, 4, 8], [0, .25, .5, .75, 1])
    const numbers = [8, 1, 4, 2];
    expect([0, 0.25, 0.5, 0.75, 1].map((q) => quantile(numbers, q))).toEqual([1, 1.75, 3, 5, 8]);
    expect(numbers).toEqual([8, 1, 4, 2]);
    expect(median([5])).toBe(5);
    expect(median([])).toBeNaN();
  });

  test("spread is the interquartile range over the median", () => {
    expect(spread([1, 2, 4, 8])).toBe((5 - 1.75) / 3);
    expect(spread([3, 3, 3])).toBe(0);
  });

  test("a round that was slow for both does not change their ratio", () => {
    expect(pairedRatio([100, 50, 102], [50, 25, 51])).toBe(2);
    expect(pairedRatio([100, 90], [50])).toBe(2);
    expect(pairedRatio([], [1])).toBeNaN();
  });

  test("the shortest sample is 100 steps of the clock, and at least 10 ms", () => {
    expect(shortestSample(0.005)).toBe(10);
    expect(shortestSample(1)).toBe(100);
  });
});

/** A subject without a clock: its n-th sample takes `each(n)` milliseconds a call. */
function pretended(
  each: (sample: number) => number,
  log: string[] = [],
  name = "",
): Subject & { samples: number } {
  return {
    samples: 0,
    sample(calls) {
      log.push(name);
      const ms = calls * each(this.samples++);
      return { ms, cpuMs: ms };
    },
  };
}

const SETTINGS: SampleSettings = { rounds: 3, sampleMs: 10, warmUpMs: 30, stopped: () => false };

describe("warming up", () => {
  test("goes on while the rate rises", async () => {
    const rising = pretended((sample) => (sample < 20 ? 1 / (1 + sample / 4) : 0.1));
    expect(await warmUp(rising, SETTINGS)).toBe(0.1);
    expect(rising.samples).toBeGreaterThanOrEqual(23);
  });

  test("lasts for a while even where nothing rises: the fast tier may come late", async () => {
    const late = pretended((sample) => (sample < 5 ? 1 : 0.25));
    expect(await warmUp(late, SETTINGS)).toBe(0.25);
  });

  test("ends for a subject that never settles, and for long calls soon", async () => {
    const forever = pretended((sample) => 5 * 0.9 ** sample);
    await warmUp(forever, { ...SETTINGS, stopped: () => forever.samples > 1000 });
    expect(forever.samples).toBeLessThan(1000);
    const long = pretended(() => 900);
    await warmUp(long, SETTINGS);
    expect(long.samples).toBeLessThanOrEqual(2);
  });
});

describe("interleaving", () => {
  test("takes turns, in seconds a call", async () => {
    const log: string[] = [];
    const subjects = [
      pretended(() => 12, log, "A"),
      pretended(() => 24, log, "B"),
      pretended(() => 50, log, "C"),
    ];
    const samples = await interleave(subjects, SETTINGS);
    expect(log.join("")).toMatch(/ABCABCABC$/);
    expect(samples).toEqual([
      { seconds: [0.012, 0.012, 0.012], disturbed: 0 },
      { seconds: [0.024, 0.024, 0.024], disturbed: 0 },
      { seconds: [0.05, 0.05, 0.05], disturbed: 0 },
    ]);
  });

  test("no sample is shorter than asked for, though the rate rises after warming up", async () => {
    const lengths: number[] = [];
    let calls = 0;
    const late: Subject = {
      sample(count) {
        calls += count;
        const ms = count * (calls < 500 ? 1 : 0.01);
        lengths.push(ms);
        return { ms, cpuMs: ms };
      },
    };
    const [samples] = await interleave([late], { ...SETTINGS, rounds: 20 });
    expect(samples!.seconds).toHaveLength(20);
    expect(lengths.at(-1)).toBeGreaterThanOrEqual(SETTINGS.sampleMs);
  });

  test("a sample without the whole core is taken again, and counted if it stays so", async () => {
    let taken = 0;
    const shared: Subject = {
      sample: (calls) => ({ ms: 12 * calls, cpuMs: ++taken % 2 ? 6 * calls : 12 * calls }),
    };
    const always: Subject = { sample: (calls) => ({ ms: 12 * calls, cpuMs: 6 * calls }) };
    const [now, never] = await interleave([shared, always], SETTINGS);
    expect(now!.disturbed).toBe(0);
    expect(never!.disturbed).toBe(3);
  });

  test("stops with what there is", async () => {
    const subject = pretended(() => 12);
    const [samples] = await interleave([subject], {
      ...SETTINGS,
      rounds: 100,
      stopped: () => subject.samples > 10,
    });
    expect(samples!.seconds.length).toBeGreaterThan(0);
    expect(samples!.seconds.length).toBeLessThan(12);
  });
});
