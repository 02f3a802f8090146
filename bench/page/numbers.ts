import { find } from "../../examples/page/find.js";
import { digits, spreadOf } from "../plot/lines.ts";
import type { Measurement, Results } from "../results-file/format.ts";

/** Every measurement of a run, in a table that is filled while nobody sees it open or closed. */
export class Numbers {
  #body: HTMLElement;

  constructor(details: HTMLElement) {
    this.#body = find(details, "tbody", HTMLTableSectionElement);
  }

  show({ measurements }: Results): void {
    this.#body.replaceChildren(...measurements.map(row));
  }
}

function row(measurement: Measurement): HTMLTableRowElement {
  const { bench, section, dtype, label, who, what, threads, values, unit, wrong, notes } = measurement;
  const { low, middle, high } = spreadOf(values);
  const range = values.length > 1 ? `${digits(low)} to ${digits(high)}` : "";
  const cells = [
    section === bench ? bench : `${bench}, ${section}`,
    [dtype, label].filter((part) => part).join(", "),
    who,
    what,
    threads === null ? "" : String(threads),
    wrong ? "WRONG" : digits(middle),
    range,
    unit,
    notes.join("; "),
  ];
  const line = document.createElement("tr");
  line.append(
    ...cells.map((text) => {
      const cell = document.createElement("td");
      cell.textContent = text;
      return cell;
    }),
  );
  return line;
}
