import type { DType } from "../../src/index.ts";
import { BUILDS } from "../../src/kernels/builds.ts";
import {
  type Document,
  digits,
  type Fact,
  factsOf,
  notesSheet,
  percent,
  remarksOf,
  reportsOf,
  type Sheet,
  times,
} from "../common/report.ts";
import { distinct, find, select } from "../common/rows.ts";
import { median, spread } from "../common/sample.ts";
import { isRate, type Row, speedRatio, type Who } from "./rows.ts";
import type { Result } from "./run.ts";
import { targets } from "./targets.ts";
import { threadsName } from "./threads.ts";

const DTYPES = ["float32", "float64"] as const;

/** A median with a star where a note is. */
function cell(row: Row | undefined): string {
  if (row === undefined) return "–";
  if (row.wrong) return "WRONG";
  if (row.values.length === 0) return "–";
  return digits(median(row.values)) + (row.notes?.length ? "*" : "");
}

/** Those of some builds that have rows. */
const present = <W extends Who>(rows: readonly Row[], whos: readonly W[]): W[] =>
  whos.filter((who) => select(rows, { who }).length > 0);

/** Squares: the builds side by side, and against the others. */
function squaresSheet(all: readonly Row[], dtype: DType): Sheet {
  const rows = select(all, { section: "squares", dtype });
  const builds = present(rows, BUILDS);
  const others = present(rows, ["plain loop", "native"]);
  const hasNative = others.includes("native");
  const body = distinct(rows.map(({ label }) => label)).map((label) => {
    const gemm = (who: Who): Row | undefined => select(rows, { label, who, what: "gemm" })[0];
    const ofBuild = builds.flatMap((who) => {
      const micro = find(rows, { label, who, what: "micro-kernel" });
      const own = [cell(gemm(who)), percent(speedRatio(gemm(who), micro))];
      return hasNative ? [...own, times(speedRatio(gemm(who), gemm("native")))] : own;
    });
    return [label, ...ofBuild, ...others.map((who) => cell(gemm(who)))];
  });
  return {
    title:
      `${dtype}: square products, one thread, median GFLOP/s; % of the build's micro-kernel alone` +
      `${hasNative ? "; × native" : ""}`,
    head: [
      "n",
      ...builds.flatMap((who) => (hasNative ? [who, "% µk", "× nat."] : [who, "% µk"])),
      ...others.map((who) => (who === "plain loop" ? "loop" : who)),
    ],
    body,
    left: 0,
  };
}

/** The micro-kernels alone, over all squares. */
function microSheet(all: readonly Row[]): Sheet {
  const rows = select(all, { section: "squares", what: "micro-kernel" });
  const body = DTYPES.flatMap((dtype) =>
    present(select(rows, { dtype }), BUILDS).map((who) => {
      const values = select(rows, { dtype, who }).flatMap((row) => row.values);
      return [dtype, who, digits(median(values)), digits(Math.max(...values)), percent(spread(values))];
    }),
  );
  return {
    title: "The chosen micro-kernels alone, panels in the L1 cache, GFLOP/s",
    head: ["dtype", "build", "median", "best", "spread"],
    body,
    left: 2,
  };
}

/** Shapes: the rate and what share of a square's it is. */
function shapesSheet(all: readonly Row[], dtype: DType): Sheet {
  const rows = select(all, { section: "shapes", dtype });
  const builds = present(rows, BUILDS);
  return {
    title: `${dtype}: other shapes, median GFLOP/s, and % of the rate of a square with as much work`,
    head: ["m×n×k", ...builds.flatMap((who) => [who, "%"])],
    body: distinct(rows.map(({ label }) => label)).map((label) => [
      label,
      ...builds.flatMap((who) => {
        const gemm = select(rows, { label, who, what: "gemm" })[0];
        return [cell(gemm), percent(speedRatio(gemm, find(rows, { label, who, what: "square" })))];
      }),
    ]),
    left: 1,
  };
}

/** Transposes: the rate of NN and the others' share of it. */
function transposesSheet(all: readonly Row[], dtype: DType): Sheet {
  const rows = select(all, { section: "transposes", dtype });
  const pairs = distinct(rows.map(({ what }) => what)).filter((what) => what !== "NN");
  const body = distinct(rows.map(({ label }) => label)).flatMap((label) =>
    present(rows, BUILDS).map((who) => {
      const NN = find(rows, { label, who, what: "NN" });
      const shares = pairs.map((what) => percent(speedRatio(find(rows, { label, who, what }), NN)));
      return [who, label, cell(NN), ...shares];
    }),
  );
  return {
    title: `${dtype}: transposed operands, median GFLOP/s of NN, the others in % of it`,
    head: ["build", "n", "NN", ...pairs],
    body,
    left: 1,
  };
}

/** Small calls in nanoseconds. */
function smallSheet(all: readonly Row[], dtype: DType): Sheet {
  const rows = select(all, { section: "small", dtype });
  const labels = distinct(rows.map(({ label }) => label));
  const body = present(rows, BUILDS).map((who) => [
    who,
    ...labels.flatMap((label) =>
      ["gemm", "plain loop"].map((what) => cell(find(rows, { label, who, what }))),
    ),
    ...["matmul", "stack of 1000"].map((what) => cell(find(rows, { label: "4", who, what }))),
  ]);
  return {
    title:
      `${dtype}: small products, median nanoseconds a call (loop: the plain loop; matmul: allocates and releases its ` +
      "result; stack: ns a product of 1000)",
    head: ["build", ...labels.flatMap((n) => [`gemm ${n}`, `loop ${n}`]), "matmul 4", "stack 4"],
    body,
    left: 1,
  };
}

/** Products with a vector in GB/s. */
function memorySheet(all: readonly Row[], dtype: DType): Sheet {
  const rows = select(all, { section: "memory", dtype });
  const whats = distinct(rows.map(({ what }) => what)).filter((what) => what !== "copy");
  return {
    title: `${dtype}: products with a vector, 64 MiB operands, median GB/s read, and % of a copy's (read + written)`,
    head: ["build", "copy", ...whats.flatMap((what) => [what, "%"])],
    body: present(rows, BUILDS).map((who) => {
      const copy = find(rows, { who, what: "copy" });
      const values = whats.flatMap((what) => {
        const row = select(rows, { who, what })[0];
        return [cell(row), percent(speedRatio(row, copy))];
      });
      return [who, cell(copy), ...values];
    }),
    left: 1,
  };
}

/** Squares on different numbers of threads: rates, speed-up over one, efficiency. */
function threadsSheet(all: readonly Row[], dtype: DType): Sheet {
  const rows = select(all, { section: "threads", dtype });
  const counts = distinct(select(rows, {}).map(({ what }) => what)).filter((what) => what !== threadsName(1));
  const native = select(rows, { who: "native" });
  const body = distinct(rows.map(({ label }) => label)).flatMap((label) =>
    present(rows, BUILDS).map((who) => {
      const one = find(rows, { label, who, what: threadsName(1) });
      const others = counts.flatMap((what) => {
        const row = find(rows, { label, who, what });
        const speedUp = speedRatio(row, one);
        const efficiency = speedUp && speedUp / Number.parseInt(what, 10);
        const toNative = speedRatio(row, find(native, { label, what }));
        return [cell(row), times(speedUp), percent(efficiency), times(toNative)];
      });
      return [who, label, cell(one), ...others];
    }),
  );
  return {
    title: `${dtype}: square products on several threads, median GFLOP/s, speed-up over one thread, efficiency; × native on as many`,
    head: ["build", "n", "1", ...counts.flatMap((what) => [what, "speed-up", "eff.", "× nat."])],
    body,
    left: 1,
  };
}

function startupSheet(all: readonly Row[]): Sheet {
  const rows = select(all, { section: "startup" });
  return {
    title: "init() in fresh processes, milliseconds",
    head: ["build", "median", "best"],
    body: rows.map(({ who, values }) => [who, digits(median(values)), digits(Math.min(...values))]),
    left: 1,
  };
}

/** Everything, one line a row. */
function detailsSheet(rows: readonly Row[]): Sheet {
  const body = rows.map((row) => {
    const { section, dtype = "", label, who, what, unit, values, residual } = row;
    const best = isRate(unit) ? Math.max(...values) : Math.min(...values);
    const numbers =
      values.length > 0 ? [digits(median(values)), digits(best), percent(spread(values))] : ["–", "–", "–"];
    const note = remarksOf(row).join("; ");
    return [section, dtype, label, who, what, ...numbers, unit, residual?.toFixed(3) ?? "", note];
  });
  return {
    title:
      "Details: spread is the interquartile range in % of the median; error is in units of the rounding bound",
    head: ["section", "dtype", "case", "who", "what", "median", "best", "spread", "unit", "error", "note"],
    body,
    left: 5,
  };
}

function facts({ header, rows }: Result): Fact[] {
  const { packageBytes } = header;
  const samples = rows.reduce((sum, { values }) => sum + values.length, 0);
  const disturbed = rows.reduce((sum, { disturbed = 0 }) => sum + disturbed, 0);
  const taken = `${header.selection.rounds} rounds of at least ${digits(header.sampleMs)} ms, in turns`;
  const facts: Fact[] = [
    ...factsOf(header, `${taken}; ${disturbed} of ${samples} shared their core`),
    ["native", header.native],
    ...header.environment.builds.map(({ build, reason, microKernels }): Fact => {
      const chosen = header.selection.dtypes.map((dtype) => `${dtype} ${microKernels[dtype]}`);
      return ["build", `${build} (${reason}), micro-kernels ${chosen.join(", ")}`];
    }),
  ];
  if (packageBytes !== undefined)
    facts.push(["size", `${(packageBytes / 1000).toFixed(1)} kB gzipped, wasm included`]);
  return facts;
}

function document(result: Result): Document {
  const { rows, header } = result;
  const ofDTypes = DTYPES.flatMap((dtype) =>
    [squaresSheet, shapesSheet, transposesSheet, smallSheet, memorySheet, threadsSheet].map((sheet) =>
      sheet(rows, dtype),
    ),
  );
  return {
    title: "blasm bench gemm",
    facts: facts(result),
    legend: "Ratios and shares are medians over the rounds, each taken within a round.",
    sheets: [microSheet(rows), ...ofDTypes, startupSheet(rows), notesSheet(rows)],
    details: detailsSheet(rows),
    targets: targets(rows, header),
  };
}

export const { asText, asMarkdown } = reportsOf(document);
