import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, normalize } from "node:path";
import { text } from "node:stream/consumers";

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

/**
 * Serves a folder on loopback; /empty is an empty page, with the script `module` in it if there is one. `isolated`: with the
 * headers that shared memory needs. `posted` gets what pages post.
 */
export async function serve(
  root: string,
  isolated: boolean,
  { module, posted }: { module?: string; posted?: (body: string) => void } = {},
): Promise<Server> {
  const script = module === undefined ? "" : `<script type=module>${module}</script>`;
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      posted?.(await text(request));
      return response.end();
    }
    if (isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
    const page = `<!doctype html><link rel=icon href=data:,><title>blasm</title>${script}`;
    const body = path === "/empty" ? page : await readFile(`${root}/${path}`).catch(() => undefined);
    response.writeHead(body === undefined ? 404 : 200, {
      "Content-Type":
        path === "/empty" ? TYPES[".html"] : (TYPES[extname(path)] ?? "application/octet-stream"),
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
