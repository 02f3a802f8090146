import { environmentFacts, type Fact, textTable } from "../common/report.ts";
import type { Results } from "./format.ts";
import { headlinesSheet } from "./headlines.ts";

/** A file on one screen: where, what is to be said, and the figures that people share. */
export function summaryOf(results: Results): string {
  const { environment, runs } = results;
  const said = runs.flatMap(({ bench, notes, interrupted }) =>
    [...notes, ...(interrupted ? ["interrupted: this is what had been measured"] : [])].map(
      (note): Fact => [bench, note],
    ),
  );
  const facts = [...environmentFacts(environment), ...said];
  const width = Math.max(...facts.map(([name]) => name.length));
  const top = facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  const sheet = headlinesSheet(results);
  return [...top, "", sheet.body.length > 0 ? textTable(sheet) : "Nothing was measured."].join("\n");
}
