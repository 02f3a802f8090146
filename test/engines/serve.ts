import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, normalize } from "node:path";

const TYPES: Record<string, string> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".html": "text/html; charset=utf-8",
};

export interface Server {
  /** Such as http://localhost:1234. */
  readonly origin: string;
  close(): void;
}

/** Serves a folder on loopback; /empty is an empty page. `isolated`: with the headers that shared memory needs. */
export async function serve(root: string, isolated: boolean): Promise<Server> {
  const server = createServer(async (request, response) => {
    if (isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    const page = "<!doctype html><link rel=icon href=data:,><title>blasm</title>";
    const body = path === "/empty" ? page : await readFile(`${root}/${path}`).catch(() => undefined);
    response.writeHead(body === undefined ? 404 : 200, {
      "Content-Type":
        path === "/empty" ? TYPES[".html"] : (TYPES[extname(path)] ?? "application/octet-stream"),
    });
    response.end(body ?? "not found");
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "localhost", resolve);
  });
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
