import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request as requestFrom, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, normalize } from "node:path";
import { text } from "node:stream/consumers";

const TYPES: Record<string, string> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** What shared memory needs. */
export const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export interface Site {
  /** Where files are looked for, in this order. */
  readonly folders?: readonly string[];
  /** Sent with everything. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is in the page /empty. */
  readonly body?: string;
  /** Texts of other files, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Port on localhost that is asked for what is in no folder. */
  readonly upstream?: number;
  /** Gets what pages post. */
  readonly posted?: (body: string) => void;
}

export interface Server {
  /** Such as http://localhost:1234. */
  readonly origin: string;
  close(): void;
}

/** Serves a site on loopback. */
export async function serve(site: Site): Promise<Server> {
  const { folders = [], headers = {}, body: page = "", files = {}, upstream, posted } = site;
  const made: Record<string, string | undefined> = {
    "/empty": `<!doctype html><link rel=icon href=data:,><title>blasm</title>${page}`,
    ...files,
  };
  const server = createServer(async (request, response) => {
    if (request.method === "POST" && posted !== undefined) {
      posted(await text(request));
      return response.end();
    }
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    const body = made[path] ?? (await fileOf(folders, path));
    if (body === undefined && upstream !== undefined) return passOn(request, response, upstream, headers);
    const type = path === "/empty" ? ".html" : extname(path);
    response.writeHead(body === undefined ? 404 : 200, {
      ...headers,
      "Content-Type": TYPES[type] ?? "application/octet-stream",
    });
    return response.end(body ?? "not found");
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

async function fileOf(folders: readonly string[], path: string): Promise<Buffer | undefined> {
  for (const folder of folders) {
    const body = await readFile(`${folder}/${path}`).catch(() => undefined);
    if (body !== undefined) return body;
  }
  return undefined;
}

/** Answers with what another server answers, and with `headers`. */
function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  headers: Site["headers"],
): void {
  const { method, url, headers: asked } = request;
  const onward = requestFrom({ host: "localhost", port, method, path: url, headers: asked }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...headers });
    answer.pipe(response);
  });
  onward.on("error", (error) => response.writeHead(502).end(error.message));
  request.pipe(onward);
}
