import { describe, expect, test } from "vitest";
import {
  breathe,
  interleave,
  median,
  pairedRatio,
  quantile,
  type SampleSettings,
  type Subject,
  shortestSample,
  spread,
  timerResolution,
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

describe("the clock's steps", () => {
  const clock = (steps: readonly number[]): (() => number) => {
    let at = 0;
    let now = 1000;
    return () => {
      // Each time is seen twice.
      if (at++ % 2) now += steps[(at >> 1) % steps.length]!;
      return now;
    };
  };

  test("are measured: the smallest of some", () => {
    expect(timerResolution(clock([0.1, 0.2, 0.1]))).toBeCloseTo(0.1);
    expect(timerResolution(clock([0.005]))).toBeCloseTo(0.005);
  });

  test("of 100 ms do not take seconds to find", () => {
    let asked = 0;
    const slow = clock([100]);
    const counting = (): number => {
      asked += 1;
      return slow();
    };
    expect(timerResolution(counting)).toBe(100);
    expect(asked).toBeLessThan(10);
  });
});

test("breathing lets other events in", async () => {
  const events: string[] = [];
  setImmediate(() => events.push("event"));
  for (let i = 0; i < 100 && events.length === 0; ++i) await breathe();
  expect(events).toEqual(["event"]);
});

describe("warming up", () => {
  test("goes on while the rate rises", async () => {
    const rising = pretended((sample) => (sample < 20 ? 1 / (1 + sample / 4) : 0.1));
    expect(await warmUp(rising, SETTINGS)).toEqual({ ms: 0.1, settled: true });
    expect(rising.samples).toBeGreaterThanOrEqual(23);
  });

  test("lasts for a while even where nothing rises: the fast tier may come late", async () => {
    const late = pretended((sample) => (sample < 5 ? 1 : 0.25));
    expect(await warmUp(late, SETTINGS)).toEqual({ ms: 0.25, settled: true });
  });

  test("ends for a subject that never settles, and for long calls soon", async () => {
    const forever = pretended((sample) => 5 * 0.9 ** sample);
    const { settled } = await warmUp(forever, { ...SETTINGS, stopped: () => forever.samples > 1000 });
    expect(settled).toBe(false);
    expect(forever.samples).toBeLessThan(1000);
    const long = pretended(() => 900);
    await warmUp(long, SETTINGS);
    expect(long.samples).toBeLessThanOrEqual(2);
  });

  test.each([1, 16.7, 100])(
    "takes no call for faster than it is where the clock has steps of %s ms",
    async (step) => {
      // The clock shows whole steps: most samples of few calls take 0.
      let now = 0;
      const subject: Subject = {
        sample(calls) {
          const start = now;
          now += 0.02 * calls;
          return { ms: step * (Math.floor(now / step) - Math.floor(start / step)) };
        },
      };
      const sampleMs = shortestSample(step);
      const { ms } = await warmUp(subject, { ...SETTINGS, sampleMs });
      expect(ms).toBeGreaterThan(0.018);
      expect(ms).toBeLessThan(0.022);
      const [samples] = await interleave([subject], { ...SETTINGS, sampleMs });
      for (const seconds of samples!.seconds) expect(seconds).toBeCloseTo(0.02e-3, 6);
      expect(samples!.notes).toEqual([]);
    },
  );
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
    const others = { disturbed: 0, machine: [], notes: [] };
    expect(samples).toEqual([
      { seconds: [0.012, 0.012, 0.012], ...others },
      { seconds: [0.024, 0.024, 0.024], ...others },
      { seconds: [0.05, 0.05, 0.05], ...others },
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

  test("processor time is another process's where it says so, else this one's", async () => {
    let cpu = 0;
    const cpuMs = (): number => cpu;
    const sleepy: Subject = { sample: (calls) => ({ ms: 12 * calls }) };
    const busy: Subject = {
      sample(calls) {
        cpu += 12 * calls;
        return { ms: 12 * calls };
      },
    };
    const elsewhere: Subject = { sample: (calls) => ({ ms: 12 * calls, cpuMs: 12 * calls }) };
    const all = await interleave([sleepy, busy, elsewhere], { ...SETTINGS, cpuMs });
    expect(all.map(({ disturbed }) => disturbed)).toEqual([3, 0, 0]);
    const untold = await interleave([sleepy], SETTINGS);
    expect(untold[0]!.disturbed).toBe(0);
  });

  test("a fast tier that comes after warming up is noticed; so is warming up that found no end", async () => {
    const slowThenFast = pretended((sample) => (sample < 20 ? 1 : 0.2));
    const settings = { ...SETTINGS, rounds: 40, warmUpMs: 10 };
    const [late] = await interleave([slowThenFast], settings);
    expect(late!.notes).toEqual([
      expect.stringMatching(/^became 5\.0 times as fast after \d+ of 40 values: .*tier came late/),
    ]);
    let last = 5;
    const forever = pretended(() => {
      last = Math.max(last * 0.96, 0.05);
      return last;
    });
    const [rising] = await interleave([forever], { ...settings, rounds: 1 });
    expect(rising!.notes).toEqual([expect.stringContaining("still becoming faster after 250 ms")]);
  });

  test("the reference kernel is looked at after each round, for all of its values", async () => {
    const paces = [10, 8, 9];
    const reference = { pace: () => paces.shift()! };
    const subjects = [pretended(() => 12), pretended(() => 24)];
    const samples = await interleave(subjects, { ...SETTINGS, reference });
    expect(samples.map(({ machine }) => machine)).toEqual([
      [10, 8, 9],
      [10, 8, 9],
    ]);
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
