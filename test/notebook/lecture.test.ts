import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jupyterPath, missing, runtimePath } from "../engines/runtimes.ts";

// The notebook over dist/index.js, run for real: by Jupyter, on Deno's kernel.

const EXAMPLES = fileURLToPath(new URL("../../examples/notebook/", import.meta.url));
const PYTHON = jupyterPath();
const DENO = runtimePath("deno");

/** The parts of Jupyter's file format that are read and written here. */
interface Output {
  readonly output_type: "execute_result" | "stream" | "error";
  /** Texts by MIME type. */
  readonly data?: Record<string, string>;
  readonly text?: string;
}
interface Cell {
  readonly cell_type: "code" | "markdown";
  readonly source: string | readonly string[];
  readonly metadata: { readonly tags?: readonly string[] };
  readonly execution_count: number | null;
  readonly outputs: readonly Output[];
}
interface Notebook {
  readonly cells: readonly Cell[];
}

const sourceOf = ({ source }: Cell): string => (typeof source === "string" ? source : source.join(""));
const codeOf = ({ cells }: Notebook): Cell[] => cells.filter(({ cell_type }) => cell_type === "code");

let lecture: Notebook;
let folder: string;

beforeAll(async () => {
  lecture = JSON.parse(await readFile(`${EXAMPLES}lecture.ipynb`, "utf8"));
  folder = await mkdtemp(join(tmpdir(), "blasm-notebook-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Rendered {
  readonly code: readonly Cell[];
  readonly html: string;
  /** What went wrong, as render.py says it. */
  readonly failure: string;
}

/** Runs and renders a notebook; undefined, and a line, where there is no Jupyter or no Deno. */
async function render(name: string, cells: readonly (Cell | string)[]): Promise<Rendered | undefined> {
  if (PYTHON === undefined || DENO === undefined) return undefined;
  const file = join(folder, `${name}.ipynb`);
  const whole = cells.map((cell, i) =>
    typeof cell === "string"
      ? { cell_type: "code", source: cell, metadata: {}, execution_count: null, outputs: [], id: `${i}` }
      : { ...cell, id: `${i}` },
  );
  await writeFile(file, JSON.stringify({ ...lecture, cells: whole }));
  const out = join(folder, "out");
  const args = [`${EXAMPLES}render.py`, file, "--deno", DENO, "--out", out];
  const failure = await promisify(execFile)(PYTHON, args, { timeout: 120_000 }).then(
    () => "",
    (error: { code: number; stderr: string }) => `${error.code}: ${error.stderr}`,
  );
  const rendered = JSON.parse(await readFile(join(out, `${name}.ipynb`), "utf8"), (_, value) =>
    // Jupyter's files have long texts as lists of lines.
    Array.isArray(value) && typeof value[0] === "string" ? value.join("") : value,
  ) as Notebook;
  const html = await readFile(join(out, `${name}.html`), "utf8");
  return { code: codeOf(rendered), html, failure };
}

const absent = (): string => missing(PYTHON === undefined ? "jupyter" : "deno");

/** What a cell shows as its value, by MIME type. */
const shownBy = (cell: Cell | undefined): Record<string, string> =>
  cell?.outputs.find(({ output_type }) => output_type === "execute_result")?.data ?? {};

test("the notebook is committed as it is before it is run", () => {
  for (const { outputs, execution_count } of codeOf(lecture))
    expect([outputs, execution_count]).toEqual([[], null]);
});

describe("every cell, run once", () => {
  let rendered: Rendered | undefined;
  beforeAll(async () => {
    rendered = await render("once", lecture.cells);
  }, 120_000);

  /** The cell with this in its source. */
  const cellWith = (part: string): Cell => {
    const found = rendered!.code.filter((cell) => sourceOf(cell).includes(part));
    expect(found).toHaveLength(1);
    return found[0]!;
  };

  test("without an error, each in its turn; and what they show is in the page", ({ skip }) => {
    if (rendered === undefined) return skip(absent());
    expect(rendered.failure).toBe("");
    rendered.code.forEach(({ execution_count, outputs }, i) => {
      expect(execution_count).toBe(i + 1);
      expect(outputs.map(({ output_type }) => output_type)).toEqual([i === 0 ? "stream" : "execute_result"]);
    });
    for (const part of ["2 references</figcaption>", "<title>c has been released</title>"])
      expect(rendered.html).toContain(part);
    expect(rendered.html.match(/<svg [^>]*role="img"[\s\S]*?<path/g)).toHaveLength(4);
  });

  test("showConfig() prints", ({ skip }) => {
    if (rendered === undefined) return skip(absent());
    expect(cellWith("showConfig").outputs[0]!.text).toMatch(/^blasm [\d.]+\nHost:\n {2}runtime: deno/);
  });

  test("arrays are tables, with NumPy's numbers and a count of references", ({ skip }) => {
    if (rendered === undefined) return skip(absent());
    const a = shownBy(cellWith("a.T"));
    expect(Object.keys(a).sort()).toEqual(["text/html", "text/plain"]);
    // np.random.default_rng(1).random((4, 8))
    expect(a["text/plain"]).toMatch(/^array\(\[\[0\.51182162, 0\.9504637 , 0\.14415961, 0\.94864945,/);
    expect(a["text/html"]).toMatch(/shape \(4, 8\) · strides \(8, 1\) · block #\d+ “a” · 2 references</);
    const b = shownBy(cellWith("b.set"));
    expect(b["text/plain"]).toMatch(/, 0\. {8}\]\]\)$/);
    expect(b["text/html"]).toMatch(/shape \(8, 4\) · strides \(1, 8\) \(not contiguous\).*2 references</);
    expect(shownBy(cellWith("a.release"))["text/html"]).toMatch(/“a” · 1 reference</);
  });

  test("the arena's maps: a hole, one block beyond it and one within", ({ skip }) => {
    if (rendered === undefined) return skip(absent());
    const order = (cell: Cell): string[] => {
      const { "text/plain": text, "text/html": html, "image/svg+xml": svg } = shownBy(cell);
      expect(svg).toMatch(/^<svg /);
      expect(html).toMatch(/<svg [\s\S]*<table/);
      // The table's first column, after its heading.
      return Array.from(text!.split(/^name .*$/m)[1]!.matchAll(/^\w+/gm), ([name]) => name);
    };
    expect(order(cellWith("c.release"))).toEqual(["a", "hole", "s", "hole"]);
    expect(order(cellWith("fits or not"))).toEqual(["a", "e", "hole", "s", "d", "hole"]);
  });

  test("two threads count to 2000 with a lock, and take turns under a GIL", ({ skip }) => {
    if (rendered === undefined) return skip(absent());
    expect(shownBy(cellWith("la.lock()"))).toEqual({ "text/plain": "2000" });
    const trace = shownBy(cellWith("la.gil()"));
    expect(Object.keys(trace).sort()).toEqual(["image/svg+xml", "text/html", "text/plain"]);
    expect(trace["text/plain"]).toMatch(/^Who holds the GIL\n.* switches: [1-9]\d*\nthread 2 .*\nthread 3 /);
  });

  test("products: their speed by size, and one to look at", ({ skip }) => {
    if (rendered === undefined) return skip(absent());
    const numbers = shownBy(cellWith("gflops"))["text/plain"]!.match(/\d+/g)!.map(Number);
    expect(numbers.filter((_, i) => i % 3 === 0)).toEqual([64, 128, 256, 512, 1024]);
    expect(numbers).toHaveLength(15);
    expect(Math.min(...numbers)).toBeGreaterThan(0);
    const heat = shownBy(cellWith("heatmap"));
    expect(Object.keys(heat).sort()).toEqual(["image/svg+xml", "text/html", "text/plain"]);
    expect(heat["text/plain"]).toMatch(/^cos\(x − y\)\n\(200, 200\) float64, from -1 to 1\n/);
  });
});

test("run again, cells leave the arena as it was", async ({ skip }) => {
  const [imports, ...rest] = codeOf(lecture);
  const PROBE = "JSON.stringify([la.arena.stats().used, la.arena.stats().blocks, la.arena.leaks()])";
  // Those that allocate, twice in a row; and the whole notebook again.
  const round = [
    ...rest.flatMap((cell) => (sourceOf(cell).includes("la.cell(") ? [cell, cell] : [cell])),
    PROBE,
  ];
  const rendered = await render("again", [imports!, ...round, ...round]);
  if (rendered === undefined) return skip(absent());
  expect(rendered.failure).toBe("");
  const shown = (part: string): (string | undefined)[] =>
    rendered.code.filter((cell) => sourceOf(cell).includes(part)).map((cell) => shownBy(cell)["text/plain"]);

  const probes = shown("la.arena.leaks()");
  expect(probes).toHaveLength(2);
  expect(probes[0]).toMatch(/, ?\[\]\]'?"?$/);
  expect(probes[1]).toBe(probes[0]);
  for (const part of ["c.release", "fits or not"]) {
    const [first, second, ...later] = shown(part);
    expect(second).toBe(first);
    expect(later).toHaveLength(2);
  }
});

test("a cell that fails ends the run: what has happened is rendered, and the error is told", async ({
  skip,
}) => {
  const cells = [codeOf(lecture)[0]!, "la.zeros([2, 3]).reshape(7)", "1 + 1"];
  const rendered = await render("failing", cells);
  if (rendered === undefined) return skip(absent());
  expect(rendered.failure).toMatch(/^1: ShapeError: reshape: .*7/);
  expect(rendered.code.map(({ outputs }) => outputs.map(({ output_type }) => output_type))).toEqual([
    ["stream"],
    ["error"],
    [],
  ]);
  expect(rendered.html).toContain("ShapeError");
});
