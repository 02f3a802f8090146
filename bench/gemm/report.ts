import Table from "cli-table3";
import type { DType } from "../../src/index.ts";
import { BUILDS } from "../../src/kernels/builds.ts";
import { find, isRate, type Row, select, speedRatio, type Who } from "./rows.ts";
import type { Result } from "./run.ts";
import { median, spread } from "./sample.ts";
import { type Target, targets } from "./targets.ts";

/** A table; all columns but the first `left` hold numbers. */
interface Sheet {
  readonly title: string;
  readonly head: readonly string[];
  readonly body: readonly (readonly string[])[];
  readonly left: number;
}

const DTYPES = ["float32", "float64"] as const;

/** Three digits. */
function digits(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const percent = (share: number | undefined): string =>
  share === undefined ? "–" : `${(100 * share).toFixed(0)} %`;
const times = (ratio: number | undefined): string => (ratio === undefined ? "–" : `${ratio.toFixed(2)}×`);

/** A median with a star where a note is. */
function cell(row: Row | undefined): string {
  if (row === undefined) return "–";
  if (row.wrong) return "WRONG";
  if (row.values.length === 0) return "–";
  return digits(median(row.values)) + (row.notes.length > 0 ? "*" : "");
}

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

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
    const { section, dtype = "", label, who, what, unit, values, residual, disturbed, notes } = row;
    const best = isRate(unit) ? Math.max(...values) : Math.min(...values);
    const numbers =
      values.length > 0 ? [digits(median(values)), digits(best), percent(spread(values))] : ["–", "–", "–"];
    const note = [
      ...notes,
      ...(disturbed > 0 ? [`core shared in ${disturbed} of ${values.length}`] : []),
    ].join("; ");
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

function notesSheet(rows: readonly Row[]): Sheet {
  const body = rows.flatMap(({ section, dtype = "", label, who, what, notes }) =>
    notes.map((note) => [[section, dtype, label].filter(Boolean).join(" "), who, what, note]),
  );
  return { title: "Notes (* above)", head: ["case", "who", "what", "note"], body, left: 4 };
}

function targetsSheet(list: readonly Target[]): Sheet {
  return {
    title: "Targets",
    head: ["figure", "wanted", "got", ""],
    body: list
      .filter(({ state }) => state !== "not measured")
      .map(({ figure, wanted, got, state }) => [figure, wanted, got, state]),
    left: 4,
  };
}

function summary(list: readonly Target[]): string {
  const count = (state: Target["state"]): number => list.filter((target) => target.state === state).length;
  return `Targets: ${count("reached")} reached, ${count("missed")} missed, ${count("not measured")} not measured.`;
}

function facts({ header, rows }: Result): [name: string, value: string][] {
  const { packageBytes, interrupted } = header;
  const samples = rows.reduce((sum, { values }) => sum + values.length, 0);
  const disturbed = rows.reduce((sum, row) => sum + row.disturbed, 0);
  const lines: [string, string][] = [
    ["date", header.date],
    ["blasm", `${header.version}, commit: ${header.commit}`],
    ["CPU", `${header.cpu}, ${header.cores} cores`],
    ["system", `${header.os}; load average ${header.loadBefore} before, ${header.loadAfter} after`],
    ["runtime", `${header.runtime}, ${header.engine}; flags: ${header.flags}`],
    [
      "samples",
      `${header.rounds} rounds of at least ${digits(header.sampleMs)} ms, in turns; ${disturbed} of ${samples} shared their core`,
    ],
    ["clock", `steps of ${(1000 * header.timerMs).toPrecision(2)} µs`],
    ["native", header.native],
    ...header.builds.map((line): [string, string] => ["build", line]),
  ];
  if (packageBytes !== undefined)
    lines.push(["size", `${(packageBytes / 1000).toFixed(1)} kB gzipped, wasm included`]);
  if (interrupted) lines.push(["note", "interrupted: this is what had been measured"]);
  return lines;
}

function sheets({ rows, header }: Result, details: boolean): Sheet[] {
  const ofDTypes = DTYPES.flatMap((dtype) =>
    [squaresSheet, shapesSheet, transposesSheet, smallSheet, memorySheet].map((sheet) => sheet(rows, dtype)),
  );
  return [
    ...(details ? [detailsSheet(rows)] : []),
    microSheet(rows),
    ...ofDTypes,
    startupSheet(rows),
    notesSheet(rows),
    targetsSheet(targets(rows, header)),
  ].filter(({ body }) => body.length > 0);
}

const LEGEND = "Ratios and shares are medians over the rounds, each taken within a round.";

/** For a terminal. */
export function asText(result: Result, details: boolean): string {
  const list = facts(result);
  const width = Math.max(...list.map(([name]) => name.length));
  const tables = sheets(result, details).map(({ title, head, body, left }) => {
    const table = new Table({
      head: [...head],
      colAligns: head.map((_, i) => (i < left ? "left" : "right")),
      style: { head: [], border: [], compact: true },
    });
    table.push(...body.map((line) => [...line]));
    return `${title}\n${table.toString()}\n`;
  });
  const top = list.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return [...top, LEGEND, "", ...tables, summary(targets(result.rows, result.header))].join("\n");
}

/** For a file in bench/results. */
export function asMarkdown(result: Result): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll("|", "\\|")).join(" | ")} |`;
  const tables = sheets(result, true).map(({ title, head, body, left }) => {
    const rule = head.map((_, i) => (i < left ? "---" : "---:"));
    return ["", `## ${title}`, "", line(head), line(rule), ...body.map(line)].join("\n");
  });
  // The longest one last.
  const [details, ...others] = tables;
  const top = facts(result).map(([name, value]) => `- ${name}: ${value}`);
  const end = summary(targets(result.rows, result.header));
  return [`# blasm bench gemm`, "", ...top, "", LEGEND, "", end, ...others, details, ""].join("\n");
}

/** For machines. */
export function asJson(result: Result): string {
  const document = { schema: "blasm-gemm/1", ...result, targets: targets(result.rows, result.header) };
  return `${JSON.stringify(document, null, 1)}\n`;
}
