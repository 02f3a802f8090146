// `node bench/page/record.mjs BROWSER FILE`, after `npm run build:page`: runs the page's benches in a browser that nobody drives, as
// users have it, and writes the file that the page offers for download. BROWSER: chromium, firefox, or where one of them is.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { files, ISOLATION } from "../../examples/serve.mjs";

/** Flags for a browser on a machine without a desktop or a network. */
const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
];

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/** What stands beside the page. @type {Record<string, [type: string, text: string]>} */
const BESIDE = {
  "/record.html": ["text/html", await readFile(here("record.html"), "utf8")],
  "/record.js": ["text/javascript", await readFile(here("record.js"), "utf8")],
};

/**
 * Serves the page until something is posted.
 * @param {Record<string, string>} headers
 * @param {(origin: string) => void} ready
 * @returns {Promise<string>} what was posted
 */
async function posted(headers, ready) {
  const page = files("../build/page", headers);
  const server = createServer();
  /** @type {Promise<string>} */
  const body = new Promise((resolve) => {
    server.on("request", async (request, response) => {
      const found = BESIDE[new URL(request.url ?? "", "http://localhost").pathname];
      if (found) response.writeHead(200, { ...headers, "Content-Type": found[0] }).end(found[1]);
      else if (request.method !== "POST") page(request, response, () => void response.writeHead(404).end());
      else {
        resolve(await text(request));
        response.writeHead(204).end();
      }
    });
  });
  await once(server.listen(0, "localhost"), "listening");
  ready(`http://localhost:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`);
  try {
    return await body;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    machine: { type: "string", default: "" },
    length: { type: "string", default: "full" },
    plain: { type: "boolean", default: false },
  },
});
const [browser, file] = positionals;
if (browser === undefined || file === undefined) {
  console.error("node bench/page/record.mjs BROWSER FILE [--machine TEXT] [--length quick|full] [--plain]");
  process.exit(2);
}
const { machine, length, plain } = values;
const profile = await mkdtemp(join(tmpdir(), "blasm-record-"));
const flags = browser.includes("firefox")
  ? ["--headless", "--no-remote", "--profile", profile]
  : [...CHROMIUM_FLAGS, `--user-data-dir=${profile}`];
/** @type {import("node:child_process").ChildProcess | undefined} */
let child;
const body = await posted(plain ? {} : ISOLATION, (origin) => {
  const url = `${origin}/record.html?${new URLSearchParams({ machine, length })}`;
  // A group of its own: what it starts ends with it.
  child = spawn(browser, [...flags, url], { stdio: "ignore", detached: true });
  child.on("error", ({ message }) => {
    console.error(message);
    process.exit(1);
  });
});
if (child?.pid) process.kill(-child.pid, "SIGKILL");
await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
if (!body.startsWith("{")) {
  console.error(body);
  process.exit(1);
}
await writeFile(file, body);
