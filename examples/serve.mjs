// `npm run page`: serves the page in page/, and what `npm run build:page` makes of bench/page/, twice each, on loopback only.
//
//     /isolated/  /bench/isolated/  with the two headers that give a page shared memory, so threads
//     /plain/     /bench/plain/     as most servers would send it: one thread

import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import sirv from "sirv";

/** What gives a page shared memory. */
export const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** A folder beside this file. Read anew for each request: an edit is seen at the next reload. */
export const files = (/** @type {string} */ folder, /** @type {Record<string, string>} */ headers = {}) =>
  sirv(fileURLToPath(new URL(folder, import.meta.url)), {
    dev: true,
    setHeaders: (response) => response.setHeaders(new Map(Object.entries(headers))),
  });

/**
 * Serves the page until close(); `dist/` and `build/page/` must have been built.
 * @param {number} port 0: any that is free
 * @returns {Promise<{ origin: string, close(): void }>} origin: such as http://localhost:8080
 * @throws what the system says if the port cannot be had
 */
export async function servePage(port) {
  const folders = {
    isolated: files("page", ISOLATION),
    plain: files("page"),
    dist: files("../dist"),
    "bench/isolated": files("../build/page", ISOLATION),
    "bench/plain": files("../build/page"),
  };
  const server = createServer((request, response) => {
    const [, folder, path] =
      /^\/(isolated|plain|dist|bench\/isolated|bench\/plain)(\/.*)$/.exec(request.url ?? "") ?? [];
    if (path === undefined) {
      response.writeHead(302, { Location: "/isolated/" }).end();
      return;
    }
    request.url = path;
    folders[/** @type {keyof typeof folders} */ (folder)](request, response);
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "localhost", () => resolve(undefined));
  });
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://localhost:${address.port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: "string", default: "8080" } } });
  const { origin } = await servePage(Number(values.port)).catch((error) => {
    console.error(`${error.message}\nAnother port: npm run page -- --port 8081`);
    process.exit(1);
  });
  console.log(`${origin}/isolated/  threads over one shared memory`);
  console.log(`${origin}/plain/     without the headers: one thread`);
  console.log(`${origin}/bench/isolated/, ${origin}/bench/plain/  the benches, with threads and without`);
  console.log("Ctrl-C ends it.");
}
