import { find } from "../../examples/page/find.js";
import type { Source } from "../plot/source.ts";
import { headlinesSheet } from "../results-file/headlines.ts";

/** The figures that people share, of all that is in sight: a line for each figure, a column for each source. */
export class Headlines {
  #table: HTMLTableElement;

  constructor(section: HTMLElement) {
    this.#table = find(section, "table", HTMLTableElement);
  }

  show(sources: readonly Source[]): void {
    const columns = sources.map(({ name, results }) => ({
      name,
      cells: new Map(headlinesSheet(results).body.map(([figure = "", ...rest]) => [figure, rest])),
    }));
    const figures = [...new Set(columns.flatMap(({ cells }) => [...cells.keys()]))];
    const head = find(this.#table, "thead", HTMLTableSectionElement);
    const body = find(this.#table, "tbody", HTMLTableSectionElement);
    head.replaceChildren(line("th", ["Figure", ...columns.map(({ name }) => name)]));
    body.replaceChildren(
      ...figures.map((figure) =>
        line("td", [figure, ...columns.map(({ cells }) => cellOf(cells.get(figure)))]),
      ),
    );
    this.#table.hidden = figures.length === 0;
  }
}

/** "53.1 GFLOP/s, n = 1024, relaxed" */
const cellOf = ([value, unit, where]: readonly string[] = []): string =>
  value === undefined ? "–" : [`${value} ${unit}`, where].filter(Boolean).join(", ");

function line(tag: "th" | "td", texts: readonly string[]): HTMLTableRowElement {
  const row = document.createElement("tr");
  for (const [i, text] of texts.entries()) {
    const heading = i === 0 || tag === "th";
    const cell = document.createElement(heading ? "th" : "td");
    if (heading) cell.scope = tag === "th" ? "col" : "row";
    cell.textContent = text;
    row.append(cell);
  }
  return row;
}
