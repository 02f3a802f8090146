import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, expect, test } from "vitest";

// What the linters of packages say of the tarball. `npm test` has built it.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "blasm-pack-"));
const [{ filename }] = JSON.parse(
  execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }),
) as [{ filename: string }];
const tarball = readFileSync(join(folder, filename));

afterAll(() => rmSync(folder, { recursive: true }));

test("publint finds nothing", async () => {
  const data = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length);
  const { messages, pkg } = await publint({ pack: { tarball: data as ArrayBuffer }, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("the types resolve everywhere, and are those of what is imported", async () => {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
  if (!result.types) return expect.fail("the package has no types");
  // Files that are fetched, not imported.
  const isFile = (problem: object): boolean =>
    "entrypoint" in problem && /\.wasm$|^\.\/worker\.js$/.test(String(problem.entrypoint));
  // What require() gets is an ES module (Node can since 20.19); and node10, Node before 12, knows no subpaths.
  const known = (problem: { kind: string; resolutionKind?: string }): boolean =>
    problem.kind === "CJSResolvesToESM" || problem.resolutionKind === "node10";
  const problems = result.problems.filter((problem) => !known(problem) && !isFile(problem));
  expect(problems).toEqual([]);
  expect(Object.keys(result.entrypoints).sort()).toEqual(
    expect.arrayContaining([".", "./external", "./sync"]),
  );
});
