import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type * as Blasm from "../../src/index.ts";

// The other entries, as they are published, and where kernels and threads' programs may come from. `npm test` has built them.

const DIST = new URL("../../dist/", import.meta.url);
const load = async (name: string): Promise<typeof Blasm> =>
  (await import(/* @vite-ignore */ new URL(name, DIST).href)) as typeof Blasm;

const { init } = await load("index.js");
const external = await load("external.js");
const file = (name: string): Promise<Buffer<ArrayBuffer>> =>
  readFile(new URL(name, DIST)) as Promise<Buffer<ArrayBuffer>>;

/** A product's elements, which are the same wherever kernels of a build come from. */
function product(la: Blasm.Context): string {
  return la.scope(() => {
    const a = la.random([37, 41], { seed: 1 });
    return String(la.matmul(a, a.T).toTyped());
  });
}

const expected = await (async () => {
  const la = await init({ build: "strict", threads: 1 });
  try {
    return product(la);
  } finally {
    la.close();
  }
})();

describe("blasm/external", () => {
  test("takes its kernels and its threads' program from files", async () => {
    const la = await external.init({ build: "strict", threads: 2 });
    expect(product(la)).toBe(expected);
    const tasks = new URL("../team/modules/tasks.mjs", import.meta.url);
    expect(await la.spawn(tasks, ["echo", 7]).joinAsync()).toEqual([7]);
    expect(la.config().threads).toMatchObject({ used: 2, reason: "as asked" });
    la.close();
  });

  test("exports what the other entry does", async () => {
    expect(Object.keys(external).sort()).toEqual(Object.keys(await load("index.js")).sort());
  });

  test("holds no kernels", async () => {
    const packed = await readFile(new URL("../../build/kernels.packed", import.meta.url), "utf8");
    expect(String(await file("external.js"))).not.toContain(packed.slice(0, 100));
    expect(String(await file("index.js"))).toContain(packed.slice(0, 100));
  });
});

describe("init({ wasm })", () => {
  test.each(["bytes", "a buffer", "a Response", "a promise of one", "a URL's text"])("%s", async (what) => {
    const bytes = await file("strict.wasm");
    const strict = {
      bytes,
      "a buffer": bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      "a Response": new Response(bytes),
      "a promise of one": Promise.resolve(new Response(bytes)),
      "a URL's text": new URL("strict.wasm", DIST).href,
    }[what]!;
    const la = await init({ wasm: { strict }, build: "strict", threads: 1 });
    expect(product(la)).toBe(expected);
    la.close();
  });

  test("over http; what is none says what it is", async () => {
    const wasm = await file("strict.wasm");
    const server = createServer(({ url }, response) => {
      if (url === "/strict.wasm") response.end(wasm);
      else if (url === "/page") response.end("<!doctype html><title>start page</title>");
      else if (url === "/cut") response.end(wasm.subarray(0, 5000));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "localhost", resolve);
    });
    const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    const from = (path: string) => init({ wasm: { strict: origin + path }, build: "strict", threads: 1 });
    const la = await from("/strict.wasm");
    expect(product(la)).toBe(expected);
    la.close();
    await expect(from("/page")).rejects.toThrow(
      expect.objectContaining({
        name: "FormatError",
        message: expect.stringMatching(
          /expected magic word 00 61 73 6d, found 3c 21 64 6f\..*a page instead/,
        ),
      }),
    );
    await expect(from("/missing")).rejects.toThrow(/answers 404/);
    await expect(from("/cut")).rejects.toThrow(
      expect.objectContaining({ name: "FormatError", message: expect.stringContaining("/cut") }),
    );
    server.close();
    await expect(from("/strict.wasm")).rejects.toThrow(/cannot be fetched/);
  });

  test("empty bytes", async () => {
    await expect(init({ wasm: { strict: new Uint8Array() }, build: "strict" })).rejects.toThrow(
      /found nothing/,
    );
  });
});

describe("init({ module })", () => {
  test.each(["strict", "unshared"])("dist/%s.wasm", async (name) => {
    const module = await WebAssembly.compile(await file(`${name}.wasm`)).catch(() => undefined);
    // An engine without relaxed SIMD.
    if (module === undefined) return expect(name).toBe("unshared");
    const la = await init({ module, threads: 1 });
    expect(la.config().memory.shared).toBe(name === "strict");
    expect(la.config().build).toMatchObject({ reason: "the module given" });
    if (name === "strict") expect(product(la)).toBe(expected);
    la.close();
  });

  test("another module, another build, no module", async () => {
    const other = await WebAssembly.compile(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    const strict = await WebAssembly.compile(await file("strict.wasm"));
    for (const options of [
      { module: other },
      { module: {} as never },
      { module: strict, build: "relaxed" as const },
    ]) {
      await expect(init(options)).rejects.toMatchObject({ name: "UnsupportedError", code: "OPTION" });
    }
  });
});

describe("init({ workerURL })", () => {
  const tasks = new URL("../team/modules/tasks.mjs", import.meta.url);

  test("a file of the package; as a URL or a text", async () => {
    for (const workerURL of [new URL("worker.js", DIST), new URL("worker.js", DIST).href]) {
      const la = await init({ workerURL, threads: 2 });
      expect(await la.spawn(tasks, ["echo", 7]).joinAsync()).toEqual([7]);
      la.close();
    }
  });

  test("a file that is none: the next way is taken, and config() says so", async () => {
    const la = await init({ workerURL: new URL("no-such-file.js", DIST), threads: 2 });
    expect(await la.spawn(tasks, ["echo", 7]).joinAsync()).toEqual([7]);
    expect(la.config().threads.reason).toMatch(/as asked; .*no-such-file\.js/);
    la.close();
  });
});
