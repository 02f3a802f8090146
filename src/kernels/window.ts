import { withMark } from "./binaries.ts";
import type { EngineHost } from "./engine.ts";

/** Flags under which V8 compiles every function of a module at once, by its optimising compiler. */
const EAGER = ["--no-liftoff", "--no-wasm-lazy-compilation", "--no-wasm-dynamic-tiering"];

/** What the compile window sets in one line of V8. */
interface Recipe {
  /** V8's major.minor. */
  readonly line: string;
  /** Exact versions this was seen to work on; the tests try them again. Another one is tried in a child process first. */
  readonly tried: readonly string[];
  readonly flags: readonly string[];
  /** Under which the relaxed build compiles as it would without the window, if the engine needs any for that. */
  readonly plain?: readonly string[];
  /** What the user gains, for config(). */
  readonly gain: string;
}

/**
 * The flags that belong to a V8. A wrong set aborts the process: V8 14.6 does so ("Check failed: function_feedback …")
 * when it revectorises with inlining on; V8 before 13 does not know `--no-wasm-inlining`, V8 11.3 not the revectoriser.
 * In V8 12.4 the revectoriser packs nothing of these kernels.
 */
export const RECIPES: readonly Recipe[] = [
  {
    line: "11.3",
    tried: ["11.3.244.8"],
    flags: [...EAGER, "--experimental-wasm-relaxed-simd"],
    plain: ["--experimental-wasm-relaxed-simd"],
    gain: "relaxed SIMD, optimised from the first call",
  },
  { line: "12.4", tried: ["12.4.254.21"], flags: EAGER, gain: "optimised from the first call" },
  {
    line: "13.6",
    tried: ["13.6.233.17"],
    flags: [...EAGER, "--no-wasm-inlining", "--experimental-wasm-revectorize"],
    gain: "256-bit registers",
  },
  {
    line: "14.6",
    tried: ["14.6.202.34"],
    flags: [...EAGER, "--no-wasm-inlining", "--experimental-wasm-revectorize"],
    gain: "256-bit registers",
  },
];

/** Milliseconds a child process may take to show that a set of flags does no harm. */
const PROBE_MS = 10_000;

/** The opposite of a V8 switch: `--liftoff` of `--no-liftoff`. */
function opposite(flag: string): string {
  return flag.startsWith("--no-") ? `--${flag.slice(5)}` : `--no-${flag.slice(2)}`;
}

/** What undoes `flags`: their opposites, but not of those that the process was started with. */
function restoring(flags: readonly string[], startedWith: readonly string[]): string[] {
  const given = new Set(startedWith.map((flag) => `--${flag.replace(/^--?/, "").replaceAll("_", "-")}`));
  return flags.filter((flag) => !given.has(flag)).map(opposite);
}

/**
 * Compiles a module while `flags` are set. Nothing else is compiled meanwhile on this thread; when it returns or throws,
 * `restore` has been set. Self-contained: its source text also runs in the child process of the probe.
 */
function compileInWindow(
  bytes: Uint8Array<ArrayBuffer>,
  flags: readonly string[],
  restore: readonly string[],
  setFlags: (flags: string) => void,
): WebAssembly.Module {
  try {
    for (const flag of flags) setFlags(flag);
    return new WebAssembly.Module(bytes);
  } finally {
    for (const flag of restore) setFlags(flag);
  }
}

/** The program of the probe: compiles what comes on standard input and calls every micro-kernel once, with k = 0. */
function probeProgram(flags: readonly string[], restore: readonly string[]): string {
  return `
    const { setFlagsFromString } = process.getBuiltinModule("node:v8");
    const bytes = process.getBuiltinModule("node:fs").readFileSync(0);
    const compile = ${compileInWindow.toString()};
    const module = compile(bytes, ${JSON.stringify(flags)}, ${JSON.stringify(restore)}, setFlagsFromString);
    const over = (shared) => {
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared });
      return { memory, exports: new WebAssembly.Instance(module, { env: { memory } }).exports };
    };
    const linked = () => { try { return over(true); } catch { return over(false); } };
    const { memory, exports } = linked();
    new Int32Array(memory.buffer)[(1024 + 64) / 4] = 8192;
    for (const [name, run] of Object.entries(exports)) if (name.startsWith("micro_")) run(1024);
    console.log("probe passed");`;
}

/** A module out of the compile window, or why there is none. */
export type WindowResult =
  | {
      readonly module: WebAssembly.Module;
      /** The same code compiled plainly, where only the window lets it be compiled at all: to compare with. */
      readonly reference: WebAssembly.Module | undefined;
      readonly gain: string;
    }
  | { readonly module: undefined; readonly reason: string };

/** Compiles the relaxed build as the tuned one. Never throws: what is unknown or fails is a reason. */
export async function compileTuned(
  relaxed: Uint8Array<ArrayBuffer>,
  host: EngineHost,
): Promise<WindowResult> {
  const bytes = withMark(relaxed);
  const none = (reason: string): WindowResult => ({ module: undefined, reason });
  if (host.runtime !== "node" || host.v8 === undefined)
    return none("the compile window needs Node's V8 flags");
  if (host.setFlags === undefined)
    return none("this Node has no process.getBuiltinModule (20.16 or newer has)");
  const version = host.v8.split("-")[0]!;
  const known = RECIPES.find(({ line }) => version.startsWith(`${line}.`));
  const newest = RECIPES.at(-1)!;
  if (known === undefined && Number.parseFloat(version) < Number.parseFloat(newest.line)) {
    return none(`no flags are known for V8 ${host.v8}`);
  }
  const { tried, flags, plain, gain } = known ?? newest;
  const restore = restoring(flags, host.flags);
  if (!tried.includes(version)) {
    if (host.runChild === undefined)
      return none(`V8 ${host.v8} was never tried, and no child process can try it`);
    const { status, output } = await host.runChild(probeProgram(flags, restore), bytes, PROBE_MS);
    if (status !== 0 || !output.includes("probe passed")) {
      return none(`a child process with the flags of V8 ${(known ?? newest).line} failed on V8 ${host.v8}`);
    }
  }
  try {
    const module = compileInWindow(bytes, flags, restore, host.setFlags);
    const reference = plain && compileInWindow(relaxed, plain, restoring(plain, host.flags), host.setFlags);
    return { module, reference, gain };
  } catch (error) {
    return none(`compiling failed: ${(error as Error).message}`);
  }
}
