import { beforeAll, describe, expect, test } from "vitest";
import { forUnsharedMemory, loadBinaries } from "../../src/kernels/binaries.ts";
import type { EngineHost } from "../../src/kernels/engine.ts";
import { instantiateKernels } from "../../src/kernels/load.ts";
import { compileTuned, RECIPES, type WindowResult } from "../../src/kernels/window.ts";
import { detectHost } from "../../src/team/host.ts";

const host = detectHost();
const version = host.v8!.split("-")[0]!;
const recipe = RECIPES.find(({ line }) => version.startsWith(`${line}.`));

let relaxed: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  relaxed = (await loadBinaries()).relaxed;
});

/** The host, with what it is asked to do written down; `changes` go over it. */
function watched(changes: Partial<EngineHost> = {}): {
  host: EngineHost;
  flags: string[];
  programs: string[];
} {
  const flags: string[] = [];
  const programs: string[] = [];
  const real = { ...host, ...changes };
  return {
    flags,
    programs,
    host: {
      ...real,
      setFlags:
        real.setFlags &&
        ((flag) => {
          flags.push(flag);
          real.setFlags!(flag);
        }),
      runChild:
        real.runChild &&
        ((program, input, timeoutMs) => {
          programs.push(program);
          return real.runChild!(program, input, timeoutMs);
        }),
    },
  };
}

const reasonOf = (result: WindowResult): string =>
  result.module === undefined ? result.reason : expect.fail("a module was compiled");

/** A module of one function that this process compiled for itself: () -> 42. */
const OTHER = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65,
  42, 11,
]);
const answer = (module: WebAssembly.Module): unknown =>
  (new WebAssembly.Instance(module).exports.f as () => number)();

describe("the table", () => {
  test("what is set and what undoes it are V8's own names", () => {
    for (const { flags, plain = [], line, tried } of RECIPES) {
      expect(flags.length).toBeGreaterThan(0);
      for (const flag of [...flags, ...plain]) expect(flag).toMatch(/^--(no-)?[a-z-]+$/);
      expect(new Set(flags).size).toBe(flags.length);
      for (const each of tried) expect(each.startsWith(`${line}.`)).toBe(true);
      // V8 14 aborts when it revectorises with inlining on.
      if (flags.includes("--experimental-wasm-revectorize")) expect(flags).toContain("--no-wasm-inlining");
    }
    const lines = RECIPES.map(({ line }) => Number.parseFloat(line));
    expect(lines).toEqual([...lines].sort((one, other) => one - other));
  });

  test("this engine is in it", () => {
    // Another V8 is tried in a child process first: add its exact version once this passes there.
    expect(recipe?.tried ?? [], `V8 ${host.v8} was never tried`).toContain(version);
  });

  test("every flag of this engine's recipe stands, outside the window, as the recipe leaves it", async () => {
    const { host: probe, flags } = watched();
    await compileTuned(relaxed, probe);
    const left = new Map(flags.map((flag) => [flag.replace(/^--(no-)?/, ""), flag]));
    const defaults = await host.runChild!(
      `const { execFileSync } = process.getBuiltinModule("node:child_process");
       console.log(execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" }).replaceAll("_", "-"));`,
      new Uint8Array(),
      20_000,
    );
    expect(defaults.status).toBe(0);
    for (const [name, flag] of left) {
      const standing = new RegExp(`--${name} \\([\\s\\S]*?default: (\\S+)`).exec(defaults.output)?.[1];
      expect(standing, name).toBe(flag);
    }
    expect(left.size).toBeGreaterThanOrEqual(recipe!.flags.length);
  }, 30_000);
});

describe("on this engine", () => {
  test("a module, without a child process, since the recipe was tried; the flags are as before", async () => {
    const before = WebAssembly.validate(relaxed);
    const mine = new WebAssembly.Module(OTHER);
    const { host: probe, flags, programs } = watched();
    const result = await compileTuned(relaxed, probe);
    expect(programs).toEqual([]);
    expect(result.module).toBeInstanceOf(WebAssembly.Module);
    expect(result).toMatchObject({ gain: recipe!.gain });
    // On Node 20 only the window lets relaxed SIMD be compiled: that it is shut again can be seen.
    expect(WebAssembly.validate(relaxed)).toBe(before);
    if (recipe!.plain) expect(before).toBe(false);
    expect(flags.slice(0, recipe!.flags.length)).toEqual(recipe!.flags);
    expect(answer(mine)).toBe(42);
    expect(answer(new WebAssembly.Module(OTHER))).toBe(42);
    const memory = new WebAssembly.Memory({ initial: 100, maximum: 65536, shared: true });
    const kernels = instantiateKernels(result.module!, memory);
    const elements = new Float64Array(memory.buffer);
    elements.fill(3, 1024, 1029);
    kernels.float64.scale(1, 5, 2, 8192, 40, 8);
    expect([...elements.subarray(1023, 1030)]).toEqual([0, 6, 6, 6, 6, 6, 0]);
    // The module is the relaxed build under another name, so that V8 does not take one for the other.
    expect(WebAssembly.Module.customSections(result.module!, "")).toHaveLength(1);
  });

  test("flags that the process was started with are not undone", async () => {
    const given = recipe!.flags[0]!;
    const { host: probe, flags } = watched({ flags: [given.replaceAll("-", "_").replace(/^__/, "--")] });
    expect((await compileTuned(relaxed, probe)).module).toBeInstanceOf(WebAssembly.Module);
    const opposite = given.replace("--no-", "--");
    expect(flags).not.toContain(opposite);
    host.setFlags!(opposite);
    const asDashes = watched({ flags: [given] });
    await compileTuned(relaxed, asDashes.host);
    expect(asDashes.flags).not.toContain(opposite);
    host.setFlags!(opposite);
  });

  test("bytes that do not compile: a reason, and the flags are restored", async () => {
    const before = WebAssembly.validate(relaxed);
    const { host: probe, flags } = watched();
    const broken = relaxed.slice(0, 2000);
    expect(reasonOf(await compileTuned(broken, probe))).toMatch(/compiling failed: .*WebAssembly/);
    const last = new Map(flags.map((flag) => [flag.replace(/^--(no-)?/, ""), flag]));
    for (const flag of recipe!.flags) expect(last.get(flag.replace(/^--(no-)?/, ""))).not.toBe(flag);
    expect(WebAssembly.validate(relaxed)).toBe(before);
    expect(answer(new WebAssembly.Module(OTHER))).toBe(42);
  });
});

describe("a version that was never tried", () => {
  const unknown = `${recipe?.line ?? "99.9"}.9999.99-node.1`;

  test("is tried in a child process, and trusted if that survives", async () => {
    for (const bytes of [relaxed, forUnsharedMemory(relaxed)]) {
      const { host: probe, programs, flags } = watched({ v8: unknown });
      const result = await compileTuned(bytes, probe);
      expect(programs).toHaveLength(1);
      expect(result.module, JSON.stringify(result)).toBeInstanceOf(WebAssembly.Module);
      expect(flags.length).toBeGreaterThan(0);
    }
  }, 40_000);

  test("newer than the newest: the newest recipe is tried", async () => {
    const { host: probe, flags } = watched({
      v8: "99.1.2.3",
      runChild: async (program) => {
        for (const flag of RECIPES.at(-1)!.flags) expect(program).toContain(flag);
        return { status: 1, output: "" };
      },
    });
    expect(reasonOf(await compileTuned(relaxed, probe))).toContain("99.1.2.3");
    expect(flags).toEqual([]);
  });

  test.each<[string, number | undefined, string]>([
    ["fails", 1, "probe passed"],
    ["is killed", undefined, "probe passed"],
    ["does not get to the end", 0, ""],
  ])("whose child %s: a reason, and no flag is touched", async (_, status, output) => {
    const {
      host: probe,
      flags,
      programs,
    } = watched({ v8: unknown, runChild: async () => ({ status, output }) });
    const reason = reasonOf(await compileTuned(relaxed, probe));
    expect(reason).toContain("a child process");
    expect(reason).toContain(unknown);
    expect(programs).toHaveLength(1);
    expect(flags).toEqual([]);
  });

  test("a child that aborts dies alone", async () => {
    const runChild: EngineHost["runChild"] = (program, input, timeoutMs) =>
      host.runChild!(`${program}\nprocess.abort();`, input, timeoutMs);
    const { host: probe, flags } = watched({ v8: unknown, runChild });
    expect(reasonOf(await compileTuned(relaxed, probe))).toContain("failed");
    expect(flags).toEqual([]);
    const died = await host.runChild!(
      'console.log("probe passed"); process.abort();',
      new Uint8Array(1e6),
      10_000,
    );
    expect(died.status).not.toBe(0);
  }, 40_000);

  test("flags that abort V8 itself kill the child only", async () => {
    // "Check failed": V8 14.6 with inlining; what an older one does with an unknown flag is print it, and go on.
    const runChild: EngineHost["runChild"] = (program, input, timeoutMs) =>
      host.runChild!(program.replace('"--no-wasm-inlining",', ""), input, timeoutMs);
    const { host: probe } = watched({ v8: unknown, runChild });
    const result = await compileTuned(relaxed, probe);
    if (version.startsWith("14.")) expect(reasonOf(result)).toContain("failed");
    else expect(result.module).toBeInstanceOf(WebAssembly.Module);
  }, 40_000);

  test("a child that hangs is ended after its time", async () => {
    const start = performance.now();
    const { status } = await host.runChild!("setInterval(() => {}, 1000);", new Uint8Array(), 500);
    expect(status).not.toBe(0);
    expect(performance.now() - start).toBeLessThan(8000);
  });
});

describe("hosts without a window: a reason, nothing is touched", () => {
  test.each<[string, Partial<EngineHost>, string]>([
    ["Deno", { runtime: "deno" }, "needs Node's V8 flags"],
    ["a browser", { runtime: "browser", setFlags: undefined, runChild: undefined }, "needs Node's V8 flags"],
    ["Electron", { runtime: "electron" }, "needs Node's V8 flags"],
    ["an unknown engine", { v8: undefined }, "needs Node's V8 flags"],
    ["Node before 20.16", { setFlags: undefined }, "process.getBuiltinModule"],
    [
      "a V8 older than the table",
      { v8: "10.2.154.26-node.36" },
      "no flags are known for V8 10.2.154.26-node.36",
    ],
    ["a V8 between two lines of the table", { v8: "12.9.1.2" }, "no flags are known for V8 12.9.1.2"],
    ["no child processes", { v8: "99.1.2.3", runChild: undefined }, "was never tried"],
  ])("%s", async (_, changes, reason) => {
    const { host: probe, flags, programs } = watched(changes);
    expect(reasonOf(await compileTuned(relaxed, probe))).toContain(reason);
    expect([flags, programs]).toEqual([[], []]);
  });
});
