import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import packageJson from "../../package.json";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Files that `npm pack` would put into the tarball. */
function packed(): string[] {
  const [report] = JSON.parse(
    execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  ) as { files: { path: string }[] }[];
  return report!.files.map(({ path }) => path);
}

/** Entries, what lies beside them, and the command line. */
const BUILT = [
  ...["index", "external", "worker", "workerd", "sync", "cli", "plot", "thread"].map(
    (name) => `dist/${name}.js`,
  ),
  ...["strict", "relaxed", "unshared"].map((name) => `dist/${name}.wasm`),
  "dist/results.schema.json",
];

test("the tarball: the library, the command line, types, and nothing else", () => {
  const files = packed();
  for (const file of ["package.json", "LICENSE", ...BUILT]) expect(files).toContain(file);
  const others = ["package.json", "LICENSE", "README.md", "CHANGELOG.md", ...BUILT];
  const rest = files.filter((file) => !others.includes(file));
  for (const file of rest) expect(file).toMatch(/^dist\/types\/src\/[^.]+\.d\.ts$/);
});

test("what package.json names is there", async () => {
  const { exports, bin, types } = packageJson;
  const files = (entry: string | object): string[] =>
    typeof entry === "string" ? [entry] : Object.values(entry).flatMap(files);
  const entries = Object.values(exports).flatMap(files);
  for (const file of [...entries, bin.blasm, types]) {
    expect(existsSync(`${ROOT}${file}`), file).toBe(true);
  }
  expect((await readFile(`${ROOT}${bin.blasm}`, "utf8")).startsWith("#!/usr/bin/env node\n")).toBe(true);
  expect((await stat(`${ROOT}${bin.blasm}`)).mode & 0o111).toBe(0o111);
});

test("the types import only what is packed", async () => {
  const seen = new Set<string>();
  const visit = async (url: URL): Promise<void> => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    const text = await readFile(url, "utf8");
    for (const [, name] of text.matchAll(/(?:from|import)\s*\(?"([^"]+)"/g)) {
      expect(name, url.pathname).toMatch(/^\.\.?\//);
      await visit(new URL(name!.replace(/\.[jt]s$/, ".d.ts"), url));
    }
  };
  for (const { types } of [packageJson.exports["."], packageJson.exports["./sync"]]) {
    await visit(new URL(types, new URL("../../", import.meta.url)));
  }
  expect(seen.size).toBeGreaterThan(3);
});

test("LICENSE names every package whose code is packed, with its licence", async () => {
  const licence = await readFile(`${ROOT}LICENSE`, "utf8");
  const metafiles = JSON.parse(await readFile(`${ROOT}build/metafile.json`, "utf8")) as Record<
    string,
    { outputs: Record<string, { inputs: Record<string, unknown> }> }
  >;
  const inputs = Object.values(metafiles).flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) => Object.keys(output.inputs)),
  );
  const bundled = new Set(
    inputs.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  expect([...bundled]).toContain("@assemblyscript/loader");
  const words = (text: string): string => text.replace(/\s+/g, " ").trim();
  for (const name of bundled) {
    expect(licence).toMatch(new RegExp(`^-{20,}\\n(.*, )?${name}(, .*)?\\n`, "m"));
    expect(words(licence), name).toContain(words(await licenceOf(name)));
  }
});

/** The licence text that a package ships; the loader ships none, and has the compiler's. */
async function licenceOf(name: string): Promise<string> {
  const folder = `${ROOT}node_modules/${name === "@assemblyscript/loader" ? "assemblyscript" : name}`;
  for (const file of ["LICENSE", "LICENSE.md", "LICENSE-MIT.txt", "license"]) {
    if (existsSync(`${folder}/${file}`)) return readFile(`${folder}/${file}`, "utf8");
  }
  throw new Error(`${name} ships no licence`);
}
