import { digits, markdownTable, type Sheet, textTable } from "../common/report.ts";
import { distinct } from "../common/rows.ts";
import { type Compared, type Comparison, type Difference, meanOf } from "./compare.ts";

const LEGEND =
  "Ratios to the baseline, so that above 1 is better whatever the unit, with their bounds at 95 % confidence. noise: the bounds " +
  "include 1, or the change is within the spread of both runs and what the machine's pace differed by.";

/** With fewer values a verdict may be of one bad moment: three beside three prove nothing to a rank test at 95 %. */
const ENOUGH = 5;

function legendOf({ quantities }: Comparison): string {
  const isWeak = quantities.some(({ others }) =>
    others.some((other) => other?.low !== undefined && other.values < ENOUGH),
  );
  return isWeak ? `${LEGEND} Verdicts on fewer than ${ENOUGH} values are weak; --rounds takes more.` : LEGEND;
}

/** Verdicts that a reader looks for. */
const CHANGES: readonly Difference["verdict"][] = ["better", "worse", "differs", "wrong", "was wrong"];

const isChange = ({ others }: Compared): boolean =>
  others.some((other) => other !== undefined && CHANGES.includes(other.verdict));

const factor = (ratio: number | undefined): string => (ratio === undefined ? "–" : ratio.toFixed(3));

function distinctionsSheet({ names, distinctions }: Comparison): Sheet {
  return {
    title: "What the files do not have in common",
    head: ["", ...names],
    body: distinctions.map(({ what, values }) => [what, ...values]),
    left: 1 + names.length,
  };
}

/** @param onlyChanges leaves out what did not change. */
function benchSheets(comparison: Comparison, onlyChanges: boolean): Sheet[] {
  const [baseline, ...others] = comparison.names;
  const benches = distinct(comparison.quantities.map(({ quantity }) => quantity.bench));
  return benches.map((bench) => {
    const mine = comparison.quantities.filter(({ quantity }) => quantity.bench === bench);
    const shown = onlyChanges ? mine.filter(isChange) : mine;
    const body = shown.map(({ quantity, baseline, others }) => {
      const { section, dtype, label, who, what, threads, unit } = quantity;
      const at = [section, dtype, label].filter(Boolean).join(" ");
      const of = [who, what, threads !== null && threads > 1 ? `${threads} threads` : ""].filter(Boolean);
      return [at, of.join(", "), unit, digits(baseline), ...others.flatMap(cellsOf)];
    });
    const means = others.map((name, i) => {
      const mean = meanOf(comparison, bench, i);
      return mean === undefined ? [] : [`${name} ${mean.toFixed(3)}`];
    });
    const of = onlyChanges ? `, ${shown.length} of ${mine.length} that changed` : "";
    const mean = means.flat().length > 0 ? `; geometric mean of the ratios: ${means.flat().join(", ")}` : "";
    return {
      title: `${bench}${of}${mean}`,
      head: [
        "case",
        "of",
        "unit",
        baseline!,
        ...others.flatMap((name) => [name, "ratio", "95 %", "verdict"]),
      ],
      body,
      left: 3,
    };
  });
}

function cellsOf(other: Difference | undefined): string[] {
  if (other === undefined) return ["–", "–", "–", "not there"];
  const { median, ratio, low, high, verdict } = other;
  const bounds = low === undefined ? "–" : `${factor(low)} … ${factor(high)}`;
  return [digits(median), factor(ratio), bounds, verdict];
}

/** "a.json has 3 quantities that no other has" */
function aloneLines({ names, alone }: Comparison): string[] {
  return names.flatMap((name, i) => {
    const count = alone[i]!;
    const than = i === 0 ? "no other file has" : "the baseline does not have";
    return count > 0 ? [`${name} has ${count} ${count === 1 ? "quantity" : "quantities"} that ${than}.`] : [];
  });
}

/** For a terminal. @param onlyChanges leaves out what did not change. */
export function asText(comparison: Comparison, onlyChanges: boolean): string {
  const sheets = [distinctionsSheet(comparison), ...benchSheets(comparison, onlyChanges)];
  const tables = sheets.map((sheet) =>
    sheet.body.length > 0 ? `${textTable(sheet)}\n` : `${sheet.title}\n`,
  );
  const [first, ...rest] = comparison.distinctions.length > 0 ? tables : tables.slice(1);
  return [first, legendOf(comparison), "", ...rest, ...aloneLines(comparison)].join("\n");
}

/** For a comment on a change. */
export function asMarkdown(comparison: Comparison, onlyChanges: boolean): string {
  const sheets = [distinctionsSheet(comparison), ...benchSheets(comparison, onlyChanges)];
  const shown = comparison.distinctions.length > 0 ? sheets : sheets.slice(1);
  const tables = shown.map(
    (sheet) => `## ${sheet.title}\n${sheet.body.length > 0 ? `\n${markdownTable(sheet)}\n` : ""}`,
  );
  const alone = aloneLines(comparison).map((line) => `- ${line}`);
  return [
    `# ${comparison.names.join(", ")}: compared with the first`,
    "",
    legendOf(comparison),
    "",
    ...tables,
    ...alone,
  ].join("\n");
}
