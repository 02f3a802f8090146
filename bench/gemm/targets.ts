import type { Build, DType } from "../../src/index.ts";
import { find, select } from "../common/rows.ts";
import { median, pairedRatio } from "../common/sample.ts";
import { judge, percent, type Target, times, type Value } from "../common/targets.ts";
import type { Header } from "./header.ts";
import { type Key, type Row, speedRatio } from "./rows.ts";
import { threadsName } from "./threads.ts";

const nanoseconds = (value: number): string => `${value.toFixed(0)} ns`;
const milliseconds = (value: number): string => `${value.toFixed(1)} ms`;
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

/** Ratios of rows to the row that `other` finds for each. */
function ratios(rows: readonly Row[], of: readonly Row[], other: (row: Row) => Key): Value[] {
  return of.flatMap((row) => {
    if (row.values.length === 0) return [];
    const value = speedRatio(row, find(rows, other(row)));
    const at = [row.label, /^[NT]{2}$/.test(row.what) ? row.what : ""].filter(Boolean).join(" ");
    return value === undefined ? [] : [{ value, at }];
  });
}

/** V8 13.6 and newer have relaxed SIMD and pack it into 256 bits (Node 24, 26). */
const isModern = ({ environment: { engine } }: Header): boolean =>
  Number.parseFloat(engine.replace("V8 ", "")) >= 13;

/** What is asked of each build against native BLAS, depending on the engine. */
function againstNative(header: Header): Partial<Record<Build, number>> {
  return isModern(header) ? { strict: 0.4, relaxed: 0.52, tuned: 1 } : { strict: 0.35 };
}

function ofBuild(rows: readonly Row[], header: Header, build: Build, dtype: DType): Target[] {
  const who = build;
  const name = `${dtype} ${build}`;
  const mine = (key: Key): Row[] => select(rows, { ...key, dtype, who });
  const squaresAt = (sizes: readonly number[]): Row[] =>
    mine({ section: "squares", what: "gemm" }).filter(({ label }) => sizes.includes(Number(label)));
  const toMicro = (sizes: readonly number[]): Value[] =>
    ratios(rows, squaresAt(sizes), ({ section, label }) => ({
      section,
      dtype,
      label,
      who,
      what: "micro-kernel",
    }));
  const shapes = ratios(rows, mine({ section: "shapes", what: "gemm" }), ({ section, label }) => ({
    section,
    dtype,
    label,
    who,
    what: "square",
  }));
  const transposed = mine({ section: "transposes" }).filter(
    ({ label, what }) => Number(label) >= 256 && what !== "NN",
  );
  const toNN = ratios(rows, transposed, ({ section, label }) => ({ section, dtype, label, who, what: "NN" }));
  const targets = [
    judge(
      `${name}: n = 512 … 2048, of its micro-kernel`,
      "at least",
      0.95,
      toMicro([512, 1024, 2048]),
      percent,
    ),
    judge(`${name}: n = 128, of its micro-kernel`, "at least", 0.88, toMicro([128]), percent),
    judge(`${name}: n = 64, of its micro-kernel`, "at least", 0.78, toMicro([64]), percent),
    judge(`${name}: other shapes, of a square's rate`, "at least", 0.8, shapes, percent),
    judge(`${name}: NT, TN, TT from n = 256, of NN's rate`, "at least", 0.95, toNN, percent),
  ];
  const share = againstNative(header)[build];
  if (share !== undefined) {
    const values = ratios(rows, squaresAt([1024]), ({ section, label }) => ({
      section,
      dtype,
      label,
      who: "native",
    }));
    targets.push(judge(`${name}: n = 1024, of native BLAS`, "at least", share, values, times));
  }
  return [...targets, ...smallOf(rows, build, dtype), ...memoryOf(rows, build, dtype)];
}

function smallOf(rows: readonly Row[], who: Build, dtype: DType): Target[] {
  const name = `${dtype} ${who}`;
  const at = (label: string, what: string): Row | undefined =>
    find(rows, { section: "small", dtype, who, label, what });
  const gemm = at("4", "gemm");
  const matmul = at("4", "matmul");
  const calls = select(rows, { section: "small", dtype, who, what: "gemm" }).filter(
    ({ label }) => label !== "4",
  );
  const toPlain = ratios(rows, calls, ({ section, label }) => ({
    section,
    dtype,
    label,
    who,
    what: "plain loop",
  }));
  const added =
    gemm && matmul
      ? [{ value: median(matmul.values.map((value, i) => value - gemm.values[i]!)), at: "" }]
      : [];
  return [
    judge(
      `${name}: gemm 4×4×4, the whole call`,
      "at most",
      300,
      gemm ? [{ value: median(gemm.values), at: "" }] : [],
      nanoseconds,
    ),
    judge(`${name}: from n = 8, of the plain loop's rate`, "at least", 1, toPlain, times),
    judge(`${name}: matmul 4×4 adds to gemm`, "at most", 1000, added, nanoseconds),
  ];
}

function memoryOf(rows: readonly Row[], who: Build, dtype: DType): Target[] {
  const copy = find(rows, { section: "memory", dtype, who, what: "copy" });
  const values = select(rows, { section: "memory", dtype, who }).flatMap((row) =>
    row === copy || copy === undefined || row.values.length === 0
      ? []
      : [{ value: pairedRatio(row.values, copy.values), at: row.what }],
  );
  return [
    judge(`${dtype} ${who}: products with a vector, of copy bandwidth`, "at least", 0.8, values, percent),
  ];
}

/** Speed-up of two threads over one, by the side of the square. */
const SPEED_UP: readonly [n: number, least: number][] = [
  [128, 1.4],
  [256, 1.75],
  [512, 1.85],
  [1024, 1.95],
  [2048, 1.95],
];

function threadsOf(rows: readonly Row[], header: Header, who: Build, dtype: DType): Target[] {
  const two = select(rows, { section: "threads", dtype, who, what: threadsName(2) });
  const over = (label: string, key: Key): Value[] =>
    ratios(rows, label === "" ? two : select(two, { label }), (row) => ({
      section: "threads",
      dtype,
      label: row.label,
      ...key,
    }));
  const one = { who, what: threadsName(1) };
  const native = { who: "native", what: threadsName(2) } as const;
  const targets = [
    ...SPEED_UP.map(([n, least]) =>
      judge(
        `${dtype} ${who}: two threads over one, n = ${n}`,
        "at least",
        least,
        over(String(n), one),
        times,
      ),
    ),
    judge(`${dtype} ${who}: two threads over one, at any n`, "at least", 1, over("", one), times),
  ];
  if (who !== "tuned" || !isModern(header)) return targets;
  return [
    ...targets,
    judge(`${dtype} ${who}: two threads, of native BLAS on two`, "at least", 1, over("", native), times),
  ];
}

/** Every figure that this bench covers. */
export function targets(rows: readonly Row[], header: Header): Target[] {
  const builds = (["strict", "relaxed", "tuned"] as const).filter((who) => select(rows, { who }).length > 0);
  const dtypes = (["float32", "float64"] as const).filter((dtype) => select(rows, { dtype }).length > 0);
  const init = (who: Build): Value[] => {
    const row = find(rows, { section: "startup", who });
    return row ? [{ value: median(row.values), at: who }] : [];
  };
  const size = header.packageBytes === undefined ? [] : [{ value: header.packageBytes, at: "" }];
  return [
    ...dtypes.flatMap((dtype) => builds.flatMap((build) => ofBuild(rows, header, build, dtype))),
    ...dtypes.flatMap((dtype) => builds.flatMap((build) => threadsOf(rows, header, build, dtype))),
    judge("init(), strict or relaxed", "at most", 30, [...init("strict"), ...init("relaxed")], milliseconds),
    judge("init(), tuned", "at most", 60, init("tuned"), milliseconds),
    judge("the package's entry with its wasm, gzipped", "at most", 30_000, size, kilobytes),
  ];
}
