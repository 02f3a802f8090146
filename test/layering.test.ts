import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

// The rules of the design ("Layout"): imports go one way, and some things happen in one place only.

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Rooms from left to right: a file imports from its own room or from one further left. */
const ROOMS = [
  ["errors"],
  ["base"],
  ["memory", "sync"],
  ["kernels"],
  ["team", "plan"],
  ["array"],
  ["ops", "io", "show"],
  ["context"],
  ["index"],
  ["cli"],
];
/** Rooms of one place that may not see each other. */
const STRANGERS = [["memory", "sync"]];
/** What lies beside a room's folder under another name. */
const SAME_ROOM: Record<string, string> = {
  "arena-view": "context",
  describe: "context",
  compile: "context",
  external: "index",
  init: "context",
  names: "index",
  start: "context",
  wire: "context",
  // Beside the entry when it is built.
  unshared: "index",
  worker: "context",
  workerd: "index",
};
/** What rooms may take from outside src/. */
const OUTSIDE: Record<string, RegExp> = {
  kernels: /^build\/[\w.]+$/,
  context: /^package\.json$/,
  cli: /^(package\.json$|bench\/)/,
};

function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".d.ts"))
    .map((entry) => relative(ROOT, join(entry.parentPath ?? entry.path, entry.name)).replaceAll("\\", "/"))
    .filter((path) => !path.includes("node_modules/"))
    .sort();
}

interface Source {
  readonly path: string;
  readonly room: string;
  /** What it imports or re-exports, types included: paths from the root, or packages. */
  readonly imports: readonly string[];
  /** Its text without comments and strings. */
  readonly code: string;
}

function roomOf(path: string): string {
  const name = /^src\/([^/.]+)/.exec(path)?.[1] ?? "";
  return SAME_ROOM[name] ?? name;
}

/** A program without its comments, strings and the texts of its templates; what stands in `${}` stays. */
function withoutTexts(text: string): string {
  const skipped = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
  const templateText = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y;
  /** Braces open in each template expression that we are in. */
  const depths: number[] = [];
  let code = "";
  let at = 0;
  const passTemplate = (): void => {
    templateText.lastIndex = at;
    at += templateText.exec(text)![0].length;
    if (text[at] === "$") depths.push(0);
    at += text[at] === "$" ? 2 : 1;
  };
  while (at < text.length) {
    skipped.lastIndex = at;
    const skip = skipped.exec(text)?.[0].length ?? 0;
    const letter = text[at]!;
    if (skip > 0) at += skip;
    else at += 1;
    if (skip > 0) code += " ";
    else if (letter === "`") passTemplate();
    else if (letter === "}" && depths.at(-1) === 0) {
      depths.pop();
      passTemplate();
    } else {
      if (letter === "{" && depths.length > 0) depths[depths.length - 1]! += 1;
      if (letter === "}" && depths.length > 0) depths[depths.length - 1]! -= 1;
      code += letter;
    }
  }
  return code;
}

function sourceOf(path: string, text: string): Source {
  const statements = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([^"'\n]+)["']/g);
  const imports = Array.from(statements, ([, to]) =>
    to!.startsWith(".") ? join(dirname(path), to!).replaceAll("\\", "/") : to!,
  );
  return { path, room: roomOf(path), imports, code: withoutTexts(text) };
}

const sources = (folder: string): Source[] =>
  filesUnder(folder).map((path) => sourceOf(path, readFileSync(join(ROOT, path), "utf8")));

/** What is wrong with an import, undefined if nothing is. */
function complaint(from: Source, to: string): string | undefined {
  const say = (what: string): string => `${from.path} imports ${to}: ${what}`;
  if (!/^(src|build|bench|package\.json)/.test(to)) {
    if (to === "@assemblyscript/loader" && from.path !== "src/kernels/load.ts")
      return say("only kernels/load.ts may");
    if (
      /^node:|^worker_threads$/.test(to) &&
      !["src/team/host.ts"].includes(from.path) &&
      from.room !== "cli"
    )
      return say("only team/host.ts may");
    return undefined;
  }
  if (!to.startsWith("src/")) return OUTSIDE[from.room]?.test(to) ? undefined : say("outside src/");
  const place = (room: string): number => ROOMS.findIndex((rooms) => rooms.includes(room));
  const room = roomOf(to);
  if (room === from.room) return undefined;
  if (place(room) < 0) return say("a room that the design does not know");
  if (STRANGERS.some((pair) => pair.includes(room) && pair.includes(from.room)))
    return say("they may not meet");
  // What stands at one place in the order (team and plan, ops and io) may not see each other either.
  return place(room) < place(from.room) ? undefined : say("from right to left");
}

const src = sources("src");

/** Files of src/ whose code (comments and strings aside) matches. */
const naming = (pattern: RegExp): string[] =>
  src.filter(({ code }) => pattern.test(code)).map(({ path }) => path);

test("the sources are read at all", () => {
  const imported = src.flatMap(({ imports }) => imports);
  expect(src.length).toBeGreaterThan(30);
  expect(imported.length).toBeGreaterThan(100);
  expect(imported).toContain("src/errors.ts");
  expect(imported.some((to) => to.startsWith("build/"))).toBe(true);
});

test("every file is in a room of the design", () => {
  const known = ROOMS.flat();
  expect(src.filter(({ room }) => !known.includes(room)).map(({ path }) => path)).toEqual([]);
});

test("imports go one way", () => {
  const complaints = src.flatMap((from) => from.imports.map((to) => complaint(from, to)));
  expect(complaints.filter((text) => text !== undefined)).toEqual([]);
});

describe("the rule itself notices what is wrong", () => {
  test("texts are no code, what is in a template's braces is", () => {
    const template = ["a(`x $", "{b({ c: `y $", "{d} z` })} w`);"].join("");
    const text = `${template} // e\nf('g', "h"); /* i\n */ j`;
    expect(withoutTexts(text).replace(/\s+/g, "")).toBe("a(b({c:d}));f(,);j");
  });

  test.each([
    ["src/memory/arena.ts", 'import { x } from "../sync/lock.ts";', "may not meet"],
    ["src/sync/lock.ts", 'import type { x } from "../memory/arena.ts";', "may not meet"],
    ["src/errors.ts", 'export { x } from "./memory/arena.ts";', "right to left"],
    ["src/kernels/a.ts", 'import {\n  x,\n} from "../array/ndarray.ts";', "right to left"],
    ["src/io/npy.ts", 'import "../ops/matmul.ts";', "right to left"],
    ["src/array/a.ts", 'const x = await import("../context.ts");', "right to left"],
    ["src/ops/a.ts", 'import x from "../describe.ts";', "right to left"],
    ["src/ops/a.ts", 'import x from "../../package.json";', "outside"],
    ["src/ops/a.ts", 'import x from "../other/a.ts";', "does not know"],
    ["src/ops/a.ts", 'import x from "@assemblyscript/loader";', "kernels/load.ts"],
    ["src/kernels/a.ts", 'import x from "node:fs";', "team/host.ts"],
  ])("%s: %s", (path, text, what) => {
    const source = sourceOf(path, text);
    expect(source.imports).toHaveLength(1);
    expect(complaint(source, source.imports[0]!)).toContain(what);
  });

  test.each([
    ["src/memory/arena.ts", 'import { x } from "./block.ts";'],
    ["src/array/a.ts", 'import { x } from "../kernels/job.ts";'],
    ["src/context.ts", 'import { x } from "./describe.ts";'],
    ["src/team/host.ts", 'import type { x } from "node:fs";'],
    ["src/cli/main.ts", 'import { x } from "../../bench/gemm.ts";'],
  ])("%s: %s is as it should be", (path, text) => {
    const source = sourceOf(path, text);
    expect(complaint(source, source.imports[0]!)).toBeUndefined();
  });
});

describe("one place for each", () => {
  const outsideCli = (paths: string[]): string[] => paths.filter((path) => !path.startsWith("src/cli/"));

  test("only team/host.ts knows the host", () => {
    const host = /(?<![.\w"])(?:process|navigator|Worker|worker_threads|Deno|Bun)(?![\w:])/;
    expect(outsideCli(naming(host))).toEqual(["src/team/host.ts"]);
    const words = src.filter(({ imports }) => imports.some((to) => to.includes("worker_threads")));
    expect(words.filter(({ path }) => path !== "src/team/host.ts")).toEqual([]);
  });

  test("only sync/ waits and wakes", () => {
    const waiting = naming(/\bAtomics\s*\.\s*(?:wait|notify|waitAsync|pause)\b|\bAtomics\s*\[/);
    expect(waiting.filter((path) => !path.startsWith("src/sync/"))).toEqual([]);
    expect(naming(/[=({,]\s*Atomics\s*[;),}]/)).toEqual([]);
  });

  test("only memory/block.ts changes a count", () => {
    const counting = naming(/\bAtomics\s*\.\s*(?:add|sub|exchange|compareExchange)\b/);
    expect(counting).toContain("src/memory/block.ts");
    expect(
      counting.filter((path) => path !== "src/memory/block.ts" && !/^src\/(sync|base)\//.test(path)),
    ).toEqual([]);
    // Elsewhere a count is only read, or begun with 1 by the arena that makes the block.
    const written = /FIELD\.refs\s*(?:\]\s*!?\s*(?:[-+]?=[^=]|\+\+|--)|,\s*(?!1\b)[\w-])/;
    expect(naming(written).filter((path) => path !== "src/memory/block.ts")).toEqual([]);
  });

  test("only kernels/load.ts instantiates through the loader", () => {
    const users = src.filter(({ imports }) => imports.includes("@assemblyscript/loader"));
    expect(users.map(({ path }) => path)).toEqual(["src/kernels/load.ts"]);
    expect(naming(/WebAssembly\s*\.\s*(?:instantiate|Instance)\b/)).toEqual([]);
  });

  test("src/ has no SIMD", () => {
    expect(naming(/\bv128\b/)).toEqual([]);
  });
});

describe("bench/ runs in pages, too", () => {
  const benches = sources("bench").filter(({ path }) => !path.startsWith("bench/host/node/"));

  test("the sources are read at all", () => {
    expect(benches.length).toBeGreaterThan(60);
  });

  test("only bench/host/node/ imports and names what is Node's", () => {
    const importing = benches.filter(({ imports }) => imports.some((to) => to.startsWith("node:")));
    expect(importing.map(({ path }) => path)).toEqual([]);
    const nodes = /(?<![.\w"])(?:process|os|Buffer|setImmediate|require|__dirname)(?![\w:])(?=\s*[.(])/;
    expect(benches.filter(({ code }) => nodes.test(code)).map(({ path }) => path)).toEqual([]);
  });

  test("nothing imports bench/host/node/ but the command line", () => {
    const importing = [...benches, ...sources("src")].filter(({ imports }) =>
      imports.some((to) => to.startsWith("bench/host/node/")),
    );
    expect(importing.map(({ path }) => path)).toEqual(["src/cli/bench-host.ts"]);
  });
});

describe("assembly/ is maths only", () => {
  const kernels = sources("assembly");

  test("the sources are read at all", () => {
    expect(kernels.length).toBeGreaterThan(15);
  });

  test.each([
    ["threads", /\batomic\b|\bAtomics\b/],
    [
      "allocation",
      /\bnew\b|\bheap\s*\.|\b__(?:new|alloc|pin|unpin|collect)\b|\bmemory\s*\.\s*(?:grow|data)\b/,
    ],
    ["static data and state", /\bStaticArray\b|\bmemory\.data\b|^(?:export\s+)?(?:let|var)\b/m],
    ["strings and arrays", /`|\bstring\b|\bString\b|\bArray\s*[<(.]|\bMap\s*<|\bSet\s*</],
    ["asserts and exceptions", /\bassert\s*\(|\bthrow\b|\babort\s*\(/],
    ["the host", /@external|\bdeclare\b|\bconsole\b|\bprocess\b/],
  ])("no %s", (_, pattern) => {
    expect(kernels.filter(({ code }) => pattern.test(code)).map(({ path }) => path)).toEqual([]);
  });

  test("no string literal but what it imports from; it imports from assembly/ alone", () => {
    for (const { path } of kernels) {
      const text = readFileSync(join(ROOT, path), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, " ");
      for (const [literal] of text.matchAll(/["'][^"'\n]*["']/g))
        expect(literal, path).toMatch(/^"\.{1,2}\//);
    }
  });

  test("only simd.ts tells relaxed from strict", () => {
    const relaxed = kernels.filter(({ code }) => /relaxed|ASC_FEATURE/.test(code)).map(({ path }) => path);
    expect(relaxed).toEqual(["assembly/simd.ts"]);
  });
});
