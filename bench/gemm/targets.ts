import type { Build, DType } from "../../src/index.ts";
import type { Header } from "./header.ts";
import { find, type Key, type Row, select, speedRatio } from "./rows.ts";
import { median, pairedRatio } from "./sample.ts";

/** A figure that the project has set itself, and what this run has. */
export interface Target {
  readonly figure: string;
  readonly wanted: string;
  readonly got: string;
  readonly state: "reached" | "missed" | "not measured";
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;
const nanoseconds = (value: number): string => `${value.toFixed(0)} ns`;
const milliseconds = (value: number): string => `${value.toFixed(1)} ms`;
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

/** A number and the case it belongs to; the worst of several decides. */
interface Value {
  readonly value: number;
  readonly at: string;
}

function judge(
  figure: string,
  kind: "at least" | "at most",
  limit: number,
  values: readonly Value[],
  show: (value: number) => string,
): Target {
  const wanted = `${kind === "at least" ? "≥" : "≤"} ${show(limit)}`;
  const [worst] = [...values].sort((x, y) => (kind === "at least" ? x.value - y.value : y.value - x.value));
  if (worst === undefined) return { figure, wanted, got: "–", state: "not measured" };
  const reached = kind === "at least" ? worst.value >= limit : worst.value <= limit;
  const where =
    values.length > 1 ? ` (worst of ${values.length}: ${worst.at})` : worst.at && ` (${worst.at})`;
  const got = `${show(worst.value)}${where}`;
  return { figure, wanted, got, state: reached ? "reached" : "missed" };
}

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
const isModern = ({ engine }: Header): boolean => Number.parseFloat(engine.replace("V8 ", "")) >= 13;

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
    judge("init(), strict or relaxed", "at most", 30, [...init("strict"), ...init("relaxed")], milliseconds),
    judge("init(), tuned", "at most", 60, init("tuned"), milliseconds),
    judge("the package's entry with its wasm, gzipped", "at most", 30_000, size, kilobytes),
  ];
}
