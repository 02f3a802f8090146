/** What the kernels need to know of the host, and to have done by it; team/host.ts fills it in. */
export interface EngineHost {
  /** "node", "deno", "bun", "electron", "browser", "unknown". */
  readonly runtime: string;
  /** The runtime's version, or the user agent. */
  readonly version: string;
  readonly engine: "v8" | "spidermonkey" | "javascriptcore" | "unknown";
  /** V8's version where it can be known: "14.6.202.34-node.34". */
  readonly v8: string | undefined;
  /** "x64", "arm64", … where it can be known. */
  readonly architecture: string | undefined;
  /** Sets V8 flags, where the host can (Node). */
  readonly setFlags: ((flags: string) => void) | undefined;
  /** Flags the process was started with, to be restored as they were. */
  readonly flags: readonly string[];
  /** Inflates a raw deflate stream at once, where the host can: in Node, 20 ms sooner than a DecompressionStream. */
  readonly inflate: Inflate | undefined;
  /** Runs a program in a child process of the same runtime, with `input` on its standard input. */
  readonly runChild:
    | ((program: string, input: Uint8Array, timeoutMs: number) => Promise<ChildResult>)
    | undefined;
}

export type Inflate = (deflated: Uint8Array) => Uint8Array;

export interface ChildResult {
  /** Exit status; undefined if a signal ended it. */
  readonly status: number | undefined;
  readonly output: string;
}
