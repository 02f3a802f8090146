/** @import { DType } from "./contract.mjs" */
/** @import { Row } from "./measure.mjs" */
import Table from "cli-table3";

/** @typedef {{ title: string, head: string[], body: string[][] }} Sheet */

/** @param {number} x */
const number = (x) => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2));

/** @param {Row | undefined} row */
const median = (row) => row?.gflops?.median;

/** @param {Row[]} rows @param {(row: Row) => boolean} accept @returns {Row | undefined} the fastest accepted */
function fastest(rows, accept) {
  /** @type {Row | undefined} */
  let best;
  for (const row of rows) if (accept(row) && (median(row) ?? 0) > (median(best) ?? 0)) best = row;
  return best;
}

/** @param {Row | undefined} over @param {Row | undefined} under */
function ratio(over, under) {
  const [x, y] = [median(over), median(under)];
  return x === undefined || y === undefined ? "–" : `${(x / y).toFixed(2)}×`;
}

/** @param {Row} row */
const isPeer = (row) => row.kind === "wasm" || row.kind === "js";

/**
 * Medians by peer and size, then what blasm's builds are to the best of the others.
 * @param {Row[]} rows @param {DType} dtype @returns {Sheet}
 */
function overview(rows, dtype) {
  const mine = rows.filter((row) => row.dtype === dtype);
  const sizes = [...new Set(mine.map((row) => row.n))];
  const peers = [...new Set(mine.map((row) => row.peer))];
  const at = (/** @type {string} */ peer, /** @type {number} */ n) =>
    mine.find((row) => row.peer === peer && row.n === n);
  const measured = peers.filter((peer) => sizes.some((n) => at(peer, n)?.status !== "skipped"));
  const body = measured.map((peer) => [
    at(peer, sizes[0])?.name ?? peer,
    ...sizes.map((n) => {
      const row = at(peer, n);
      if (row?.gflops) return number(row.gflops.median) + (row.note ? " *" : "");
      return row?.status === "skipped" ? "–" : (row?.status ?? "–");
    }),
  ]);
  for (const peer of measured.filter((peer) => at(peer, sizes[0])?.kind === "blasm")) {
    /** @param {string} text @param {(row: Row) => boolean} accept */
    const line = (text, accept) => [
      `${peer} ÷ ${text}`,
      ...sizes.map((n) => {
        const others = mine.filter((row) => row.n === n);
        return ratio(at(peer, n), fastest(others, accept));
      }),
    ];
    body.push(line("best wasm or JS peer", isPeer));
    body.push(line("native", (row) => row.kind === "native"));
  }
  return { title: `${dtype}: median GFLOP/s, one thread`, head: ["n =", ...sizes.map(String)], body };
}

/** @param {Row[]} rows @param {DType} dtype @returns {Sheet} */
function details(rows, dtype) {
  const mine = rows.filter((row) => row.dtype === dtype && row.status !== "skipped");
  const head = ["n", "peer", "median", "best", "IQR", "residual", "first ms", "blasm ÷ it", "note"];
  const body = mine.map((row) => {
    const blasm = fastest(
      mine.filter((other) => other.n === row.n),
      (other) => other.kind === "blasm",
    );
    const g = row.gflops;
    return [
      String(row.n),
      row.name,
      g ? number(g.median) : row.status,
      g ? number(g.best) : "",
      g ? `${((100 * g.iqr) / g.median).toFixed(0)} %` : "",
      row.residual?.toFixed(3) ?? "",
      row.firstMs === undefined ? "" : number(row.firstMs),
      ratio(blasm, row),
      row.note ?? row.reason ?? "",
    ];
  });
  return { title: `${dtype}: details (blasm is its fastest build at that n)`, head, body };
}

/** @param {Row[]} rows @returns {Sheet} one line for each reason, with the dtypes and sizes it holds for */
function absences(rows) {
  /** @type {Map<string, { name: string, reason: string, dtypes: Set<string>, sizes: Set<number> }>} */
  const found = new Map();
  for (const { status, peer, name, reason = "", dtype, n } of rows) {
    if (status !== "skipped" && status !== "failed") continue;
    const key = `${peer}\n${reason}`;
    if (!found.has(key)) found.set(key, { name, reason, dtypes: new Set(), sizes: new Set() });
    found.get(key)?.dtypes.add(dtype);
    found.get(key)?.sizes.add(n);
  }
  const body = [...found.values()].map((f) => [
    f.name,
    [...f.dtypes].join(" "),
    [...f.sizes].join(" "),
    f.reason,
  ]);
  return { title: "Not measured", head: ["peer", "dtype", "n", "reason"], body };
}

/** @param {Row[]} rows @returns {Sheet} */
function selfDescriptions(rows) {
  const said = new Map(rows.filter((row) => row.info).map((row) => [row.name, row.info ?? ""]));
  return { title: "What the peers say they are", head: ["peer", "says"], body: [...said] };
}

/** @param {Row[]} rows @param {DType[]} dtypes @returns {Sheet[]} */
export function sheets(rows, dtypes) {
  const all = [
    ...dtypes.map((dtype) => overview(rows, dtype)),
    ...dtypes.map((dtype) => details(rows, dtype)),
    absences(rows),
    selfDescriptions(rows),
  ];
  return all.filter((sheet) => sheet.body.length > 0);
}

/**
 * The README's tables: whole numbers, and what each peer cannot do. Smaller sizes than 16 and slower peers are elsewhere.
 * @param {Row[]} rows @param {DType[]} dtypes @returns {Sheet[]}
 */
export function shortSheets(rows, dtypes) {
  return dtypes.map((dtype) => {
    const mine = rows.filter((row) => row.dtype === dtype && row.kind !== "" && row.status !== "skipped");
    const sizes = [...new Set(mine.map((row) => row.n))];
    const body = [...new Set(mine.map((row) => row.peer))].map((peer) => {
      const of = mine.filter((row) => row.peer === peer);
      const rates = sizes.map((n) => {
        const row = of.find((row) => row.n === n);
        return row?.gflops ? row.gflops.median.toFixed(0) : row?.status === "WRONG" ? "WRONG" : "–";
      });
      return [of[0].name, ...rates, of[0].cannot];
    });
    const title = `${dtype === "f32" ? "float32" : "float64"}, n =`;
    return { title, head: [title, ...sizes.map(String), "cannot"], body };
  });
}

/** @param {Sheet} sheet @returns {string} a Markdown table alone */
export const asTable = ({ head, body }) =>
  [row(head), row(head.map(() => "---")), ...body.map(row)].join("\n");

/** @param {string[]} cells */
const row = (cells) => `| ${cells.map((x) => x.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;

/** @param {Sheet} sheet */
export function asText({ title, head, body }) {
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...body);
  return `${title}\n${table}\n`;
}

/** @param {Sheet} sheet */
export const asMarkdown = (sheet) => `## ${sheet.title}\n\n${asTable(sheet)}\n`;
