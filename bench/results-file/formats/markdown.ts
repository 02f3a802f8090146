import {
  digits,
  environmentFacts,
  type Fact,
  markdownTable,
  percent,
  remarksOf,
} from "../../common/report.ts";
import { distinct } from "../../common/rows.ts";
import { median, spread } from "../../common/statistics.ts";
import type { BenchName, Measurement, Results } from "../format.ts";
import { rowOf } from "../from-rows.ts";
import { headlinesSheet } from "../headlines.ts";

const HEAD = [
  "section",
  "dtype",
  "case",
  "who",
  "what",
  "threads",
  "median",
  "best",
  "spread",
  "unit",
  "error",
  "note",
];

/** Every measurement a line, a table for each bench. */
export function asMarkdown({ schema, environment, runs, measurements }: Results): string {
  const facts = environmentFacts(environment).map(([name, value]) => `- ${name}: ${value}`);
  const tables = distinct(runs.map(({ bench }) => bench)).map((bench) => {
    const notes = runs
      .filter((run) => run.bench === bench)
      .flatMap((run) => notesOf(run.notes, run.interrupted));
    const title = [`## ${bench}`, "", ...notes.map(([name, value]) => `- ${name}: ${value}`)];
    return [...title, "", tableOf(bench, measurements)].join("\n");
  });
  const legend =
    "Spread is the interquartile range in % of the median; error is the largest one of the result in units of the bound.";
  const best = headlinesSheet({ environment, runs, measurements, schema });
  const top = best.body.length > 0 ? [`## ${best.title}`, "", markdownTable(best), ""] : [];
  return `${["# blasm: results", "", ...facts, "", legend, "", ...top, tables.join("\n\n")].join("\n")}\n`;
}

const notesOf = (notes: readonly string[], interrupted: boolean): Fact[] =>
  [...notes, ...(interrupted ? ["interrupted: this is what had been measured"] : [])].map((note) => [
    "note",
    note,
  ]);

function tableOf(bench: BenchName, measurements: readonly Measurement[]): string {
  const body = measurements
    .filter((measurement) => measurement.bench === bench)
    .map((one) => {
      const { section, dtype, label, who, what, threads, values, unit, residual, better, wrong } = one;
      const best = better === "lower" ? Math.min(...values) : Math.max(...values);
      const numbers = [digits(median(values)), digits(best), percent(spread(values))];
      return [
        ...[section, dtype ?? "", label, who, what, String(threads ?? "")],
        ...(values.length > 0 ? numbers : ["–", "–", "–"]),
        ...[unit, residual?.toPrecision(2) ?? ""],
        wrong ? "WRONG" : remarksOf(rowOf(one)).join("; "),
      ];
    });
  return markdownTable({ head: HEAD, body, left: 5 });
}
