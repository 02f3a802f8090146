import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { visit } from "../engines/browser.ts";
import { browserPath, missing, RUNTIME_NAMES, runtimePath } from "../engines/runtimes.ts";
import { ISOLATED } from "../engines/serve.ts";

// spawn() with a function in place of a module, in every engine: over dist/index.js.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A program that posts what two threads say, a function and one that throws. */
const program = (entry: string, post: string): string => `
  import { init } from ${JSON.stringify(entry)};
  const la = await init({ threads: 1 });
  const a = la.ones([2, 3]);
  const c = await la.spawn((la, x, alpha) => la.matmul(la.full([1, 2], alpha), x), [a, 7]).joinAsync();
  const failed = await la.spawn(() => nowhere).joinAsync().catch(({ name }) => name);
  await (${post})([c.toArray(), failed]);
  la.close();`;

const ANSWER = [[[14, 14, 14]], "ReferenceError"];

test.for(["this node", ...RUNTIME_NAMES] as const)("%s", async (name, { skip }) => {
  const path = name === "this node" ? process.execPath : runtimePath(name);
  if (path === undefined) return skip(missing(name));
  const text = program(
    new URL("../../dist/index.js", import.meta.url).href,
    "(x) => console.log(JSON.stringify(x))",
  );
  const args = name.includes("node")
    ? ["--input-type=module", "--eval", text]
    : name === "deno"
      ? ["eval", "--quiet", text]
      : ["--eval", text];
  const { stdout } = await promisify(execFile)(path, args, { timeout: 60_000 });
  expect(JSON.parse(stdout)).toEqual(ANSWER);
});

test.for(["chrome", "firefox"] as const)("%s, isolated", async (name, { skip }) => {
  if (browserPath(name) === undefined) return skip(missing(name));
  const post = `(x) => fetch("/", { method: "POST", body: JSON.stringify(x) })`;
  const body = `<script type="module">${program("/dist/index.js", post)}</script>`;
  expect(await visit(name, { folders: [ROOT], headers: ISOLATED, body })).toEqual(ANSWER);
});
