import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { compileKernels, instantiate, kernelMemory } from "../../bench/common/kernels.ts";
import { lastCacheBytes } from "../../bench/host/node/caches.ts";
import { compileStream } from "../../bench/host/node/stream.ts";
import { arrayBytes, QUICK, suspicionOf } from "../../bench/stream/cases.ts";
import { asMarkdown, asText } from "../../bench/stream/report.ts";
import type { Row } from "../../bench/stream/rows.ts";
import { rowsOf } from "../../bench/stream/sections.ts";
import {
  bytesFor,
  C,
  errorAfter,
  fill,
  KERNELS,
  partOf,
  residualOf,
  runKernel,
} from "../../bench/stream/sweep.ts";
import { alone, bestOf } from "../../bench/stream/sweepers.ts";
import { targets } from "../../bench/stream/targets.ts";
import { INTERRUPTED, isBuilt, reportOf, runBench } from "../cli/bench-process.ts";
import { blasm } from "../cli/terminal.ts";

const MIB = 2 ** 20;
const DTYPES = ["float32", "float64"] as const;
const folder = mkdtempSync(join(tmpdir(), "blasm-stream-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the arrays' size", () => {
  test.each([
    [undefined, 64 * MIB],
    [2 * MIB, 64 * MIB],
    [32 * MIB, 128 * MIB],
    [24.5 * MIB, 98 * MIB],
    [512 * MIB, 1024 * MIB],
  ])("caches of %s bytes: %i", (cache, bytes) => {
    expect(arrayBytes(cache)).toBe(bytes);
    expect(arrayBytes(cache) % 16).toBe(0);
  });

  test("says where a cache may have a part in the figures", () => {
    expect(suspicionOf(arrayBytes(32 * MIB), 32 * MIB)).toBeUndefined();
    expect(suspicionOf(arrayBytes(512 * MIB), 512 * MIB)).toContain("less than four times");
    expect(suspicionOf(arrayBytes(undefined), undefined)).toContain("not known");
  });

  test("the largest cache of a core, as Linux tells it", () => {
    for (const [index, size] of [
      ["index0", "32K"],
      ["index1", "1024K\n"],
      ["index2", "36M"],
    ] as const) {
      mkdirSync(join(folder, index));
      writeFileSync(join(folder, index, "size"), size);
    }
    writeFileSync(join(folder, "uevent"), "");
    expect(lastCacheBytes(folder)).toBe(36 * MIB);
    expect(lastCacheBytes(join(folder, "nowhere"))).toBeUndefined();
  });
});

describe("parts of the arrays", () => {
  test.each([1, 2, 3, 7])("of %i threads: all of every array, none twice, whole vectors", (threads) => {
    const bytes = 16 * 100;
    const parts = Array.from({ length: threads }, (_, thread) => partOf("float64", bytes, thread, threads));
    for (const name of ["a", "b", "c"] as const) {
      let next = parts[0]![name];
      for (const part of parts) {
        expect(part[name]).toBe(next);
        expect(part.bytes % 16).toBe(0);
        next += part.bytes;
      }
      expect(next - parts[0]![name]).toBe(bytes);
    }
    const whole = partOf("float64", bytes, 0, 1);
    expect(whole.b).toBeGreaterThanOrEqual(whole.a + bytes);
    expect(whole.c).toBeGreaterThanOrEqual(whole.b + bytes);
    expect(bytesFor(bytes)).toBeGreaterThanOrEqual(whole.c + bytes);
  });
});

describe.each(DTYPES)("sweeps, %s", (dtype) => {
  const bytes = 16 * 1001;
  const swept = async (sweeps: number, kernels = [0, 1, 2, 3]) => {
    const module = (await compileKernels("strict", false))!;
    const memory = kernelMemory(bytesFor(bytes), false);
    const arrays = partOf(dtype, bytes, 0, 1);
    fill(memory, arrays);
    const instance = instantiate(module, memory);
    for (let sweep = 0; sweep < sweeps; ++sweep)
      for (const kernel of kernels) runKernel(instance, kernel, arrays);
    return { memory, arrays, residual: residualOf(dtype, errorAfter(memory, arrays, sweeps)) };
  };

  test("are right after many", async () => {
    const { memory, arrays, residual } = await swept(500);
    expect(residual).toBeLessThan(1);
    const Floats = dtype === "float32" ? Float32Array : Float64Array;
    expect(new Floats(memory.buffer, arrays.a, 1)[0]).toBeCloseTo(0.96 ** 500, 12);
  });

  test("a kernel that is left out, or one element that is wrong, is noticed", async () => {
    for (const missing of [0, 1, 2, 3])
      expect(
        (
          await swept(
            3,
            [0, 1, 2, 3].filter((k) => k !== missing),
          )
        ).residual,
      ).toBeGreaterThan(1);
    const { memory, arrays } = await swept(3);
    const Floats = dtype === "float32" ? Float32Array : Float64Array;
    const b = new Floats(memory.buffer, arrays.b, bytes / Floats.BYTES_PER_ELEMENT);
    b[b.length - 1] = 2;
    expect(residualOf(dtype, errorAfter(memory, arrays, 3))).toBeGreaterThan(1);
    b[0] = Number.NaN;
    expect(residualOf(dtype, errorAfter(memory, arrays, 3))).toBe(Number.POSITIVE_INFINITY);
  });

  test("on this thread: seconds of each kernel, right arrays", async () => {
    const kernelModule = (await compileKernels("strict", false))!;
    const ground = { kernelModule, memory: kernelMemory(bytesFor(bytes), false), dtype, bytes };
    const sweep = await alone(ground, 1).sweep(2);
    expect(sweep?.residual).toBeLessThan(1);
    expect(sweep?.seconds).toHaveLength(4);
    for (const seconds of sweep!.seconds) expect(seconds).toBeGreaterThan(0);
  });
});

test("the best of each kernel, without the first sweep", () => {
  expect(
    bestOf([
      [1, 1, 1, 1],
      [5, 6, 7, 8],
      [4, 9, 9, 2],
    ]),
  ).toEqual([4, 6, 7, 2]);
});

describe("STREAM in C", () => {
  test("computes the same, on one thread and two (skipped where there is no compiler)", async (context) => {
    const c = await compileStream(["cc", "gcc", "clang"]);
    if (typeof c === "string") return context.skip(c);
    expect(c.name).toContain("-O3");
    for (const threads of [1, 2]) {
      for (const dtype of DTYPES) {
        const sweeper = c.start(dtype, 16 * 1000, threads);
        const sweep = await sweeper?.sweep(3);
        sweeper?.close();
        if (sweeper === undefined) continue;
        expect(sweep!.residual).toBeLessThan(1);
        for (const seconds of sweep!.seconds) expect(Number.isFinite(seconds)).toBe(true);
      }
    }
    await c.remove();
    const left = readdirSync(tmpdir()).filter(
      (name) => name.startsWith("blasm-stream-") && !name.includes("test"),
    );
    expect(left).toEqual([]);
  });

  test("where it cannot be had it says why, and leaves nothing behind", async () => {
    expect(await compileStream(["no-such-compiler"])).toContain("no-such-compiler");
    const fake = join(folder, "cc");
    writeFileSync(fake, '#!/bin/sh\n[ "$1" = --version ] && echo fake && exit 0\nexit 1\n', { mode: 0o755 });
    expect(await compileStream([fake])).toBe(`${fake} cannot compile it`);
    expect(existsSync(fake)).toBe(true);
  });
});

const one = { section: "one", dtype: "float64", bytes: 128 * MIB, threads: 1 } as const;
const sweepOf = (seconds: number, residual = 0) => ({
  seconds: [seconds, seconds, seconds, seconds],
  residual,
});

describe("rows", () => {
  test("bytes as STREAM counts them; the first round is none", () => {
    const rows = rowsOf("relaxed", one, [sweepOf(9), sweepOf(0.01), sweepOf(0.02)], [1, 1]);
    expect(rows.map(({ what }) => what)).toEqual(KERNELS.map(({ name }) => name));
    const gigabytes = (128 * MIB) / 1e9;
    expect(rows[0]!.values[0]).toBeCloseTo((2 * gigabytes) / 0.01);
    expect(rows[3]!.values[1]).toBeCloseTo((3 * gigabytes) / 0.02);
    expect(rows[0]).toMatchObject({
      label: "128 MiB",
      n: 2 ** 24,
      threads: 1,
      wrong: false,
      machine: [1, 1],
    });
  });

  test("arrays that were wrong in any round leave nothing to be said of speed", () => {
    const rows = rowsOf("relaxed", one, [sweepOf(1), sweepOf(1, 3)], [1]);
    for (const { values, wrong, residual } of rows)
      expect({ values, wrong, residual }).toEqual({ values: [], wrong: true, residual: 3 });
    expect(rowsOf("relaxed", one, [], [])).toEqual([]);
  });
});

const ROWS: Row[] = [
  ...rowsOf("relaxed", one, [sweepOf(1), sweepOf(0.01)], [1]),
  ...rowsOf(C, one, [sweepOf(1), sweepOf(0.0098)], [1]),
];

test("the target is the worst share of C's", () => {
  expect(targets(ROWS)).toMatchObject([
    { got: "98.0 % (worst of 4: add float64, threads: 1)", state: "reached" },
  ]);
  const slower = rowsOf(C, one, [sweepOf(1), sweepOf(0.009)], [1]);
  expect(targets([...ROWS.slice(0, 4), ...slower])).toMatchObject([{ state: "missed" }]);
  expect(targets(ROWS.slice(0, 4))).toMatchObject([{ state: "not measured" }]);
});

test("reports", () => {
  const header = { ...INTERRUPTED, selection: QUICK, notes: ["C: cc 12"] };
  const result = { header, rows: ROWS };
  expect(asText(result, false)).toMatch(/│ 1\s+│ float64\s+│ relaxed\s+│\s+26\.8 │\s+26\.8 │\s+98 % │/);
  expect(asText(result, true)).toContain("Details");
  expect(asMarkdown(result)).toMatch(/^# blasm bench stream\n/);
  expect(asMarkdown(result)).toContain("C: cc 12");
  expect(asText({ header, rows: [] }, true)).toContain("Targets: 0 reached, 0 missed");
});

test("bench stream --only threads is a usage error", async () => {
  const { status, err } = await blasm("bench", "stream", "--only", "threads");
  expect(status).toBe(2);
  expect(err).toContain('There is no "threads"; take one, all.');
});

describe.skipIf(!isBuilt)("dist/cli.js bench stream (skipped where it is not built)", () => {
  test("on one thread and on all, right", async () => {
    const { status, out } = await runBench("stream", ["--quick", "--rounds", "1", "--json", "-"]);
    expect(status).toBe(0);
    const { rows } = reportOf<Row>(out);
    const ours = rows.filter(({ who }) => who !== C);
    expect(ours.length).toBeGreaterThanOrEqual(8);
    for (const { values, residual, wrong } of rows) {
      expect(values).toHaveLength(1);
      expect(residual).toBeLessThan(1);
      expect(wrong).toBe(false);
    }
  });

  test("Ctrl-C leaves what was measured", async () => {
    const { status, out } = await runBench("stream", ["--rounds", "1000", "--json", "-"], 5000);
    expect(status).toBe(130);
    expect(reportOf(out).interrupted).toBe(true);
  });
});
