import { ArenaFullError, UnsupportedError } from "../errors.ts";
import { CONTROL, PAGE, UNIT, WORD } from "./layout.ts";

/** Sizes in bytes, as numbers or as "64 MiB", "4 GiB". */
export interface MemoryOptions {
  /** Committed at the start. Pages that nobody touches cost nothing. Default "64 MiB". */
  initial?: number | string;
  /** The most it can grow to, at most 4 GiB (wasm32). Default: the largest of 4, 2, 1, 0.5, 0.25 GiB the host grants. */
  maximum?: number | string;
  /** Whether other threads can share it. Default: where the host allows it. */
  shared?: boolean;
}

const GIB = 2 ** 30;
const INITIAL = 64 * 2 ** 20;
const LADDER = [4 * GIB, 2 * GIB, GIB, GIB / 2, GIB / 4];

/** "64 MiB" or a number of bytes, as bytes. */
export function parseBytes(value: number | string, name: string): number {
  const match = typeof value === "number" ? null : /^\s*(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB)?\s*$/.exec(value);
  const factor = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: GIB }[match?.[2] ?? "B"];
  const bytes = typeof value === "number" ? value : Number(match?.[1] ?? Number.NaN) * (factor ?? Number.NaN);
  if (!Number.isFinite(bytes) || bytes <= 0 || bytes > 4 * GIB) {
    throw new UnsupportedError(
      `${name}: ${JSON.stringify(value)} is no size between 1 byte and 4 GiB. Write a number of bytes or "64 MiB".`,
      "OPTION",
    );
  }
  return Math.ceil(bytes);
}

/** One WebAssembly.Memory and fresh views of it: growing leaves no stale view in anybody's hands. */
export class LinearMemory {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  /** Bytes it can grow to. */
  readonly maximum: number;
  /** Why it is not shared or not as large as asked for; undefined when all is as wished. */
  readonly reason: string | undefined;
  /** The whole memory; re-derived after every growth. */
  i32!: Int32Array;
  f32!: Float32Array;
  f64!: Float64Array;
  /** What those are views of, and bytes committed: kept, as asking the memory or a view for them takes 10 to 30 ns. */
  buffer!: ArrayBufferLike;
  size!: number;

  constructor(memory: WebAssembly.Memory, maximum: number, shared: boolean, reason: string | undefined) {
    this.memory = memory;
    this.maximum = maximum;
    this.shared = shared;
    this.reason = reason;
    this.refresh();
  }

  /** Bytes [address, address + length) as they are now. */
  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  /**
   * Takes new views if the memory has grown: a shared memory's old buffer stays valid but short, an unshared one's is
   * detached.
   */
  refresh(): void {
    const end = this.i32 === undefined ? 0 : this.i32[CONTROL / 4 + WORD.end]! * UNIT;
    // V8 tells a thread of another's growth when it gets around to it; growing by nothing asks at once. (Only then: each time
    // gives another buffer object.)
    if (this.shared && this.memory.buffer.byteLength < end) this.memory.grow(0);
    const { buffer } = this.memory;
    this.buffer = buffer;
    this.size = buffer.byteLength;
    this.i32 = new Int32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Grows to at least `bytes` in all; false if the host refuses or the maximum forbids. */
  growTo(bytes: number): boolean {
    if (bytes > this.maximum) return false;
    const pages = Math.ceil(bytes / PAGE) - this.memory.buffer.byteLength / PAGE;
    if (pages > 0) {
      try {
        this.memory.grow(pages);
      } catch {
        return false;
      }
    }
    this.refresh();
    return true;
  }
}

/** Why this host does not let wasm memory be shared between threads; undefined if it does. */
function unshareable(): string | undefined {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  if (crossOriginIsolated === false) return "the page is not cross-origin isolated";
  return typeof SharedArrayBuffer === "function" ? undefined : "this engine has no SharedArrayBuffer";
}

/**
 * Makes the memory of a context, walking down a ladder of maxima where the host refuses a reservation (a phone, a
 * container, a 32-bit browser).
 *
 * @param unsharedFor why it cannot be shared, if that is not the host's doing.
 * @throws UnsupportedError for sizes out of range, @throws ArenaFullError if the host grants not even the smallest.
 */
export function createLinearMemory(
  options: MemoryOptions,
  atLeast: number,
  unsharedFor?: string,
): LinearMemory {
  if (options.shared !== undefined && typeof options.shared !== "boolean") {
    throw new UnsupportedError(
      `memory.shared: ${String(options.shared)} is neither true nor false.`,
      "OPTION",
    );
  }
  const asked = options.maximum === undefined ? undefined : parseBytes(options.maximum, "memory.maximum");
  const wanted = parseBytes(options.initial ?? Math.min(INITIAL, asked ?? INITIAL), "memory.initial");
  const initial = Math.max(wanted, atLeast);
  if (asked !== undefined && asked < initial) {
    throw new UnsupportedError(
      `memory.maximum ${asked} bytes is less than the ${initial} bytes needed at the start. Raise it, or lower memory.initial.`,
      "OPTION",
    );
  }
  const obstacle = unsharedFor ?? unshareable();
  if (options.shared === true && obstacle !== undefined) {
    throw new UnsupportedError(
      `memory.shared: there can be no shared memory: ${obstacle}. Leave the option out to run unshared.`,
    );
  }
  const reasons: string[] = [];
  if (options.shared === undefined && obstacle !== undefined) reasons.push(obstacle);
  const rungs = [
    asked ?? LADDER[0]!,
    ...LADDER.filter((rung) => rung < (asked ?? LADDER[0]!) && rung >= initial),
  ];
  const kinds =
    obstacle === undefined && options.shared !== false ? (options.shared ? [true] : [true, false]) : [false];
  for (const shared of kinds) {
    for (const maximum of rungs) {
      try {
        const memory = new WebAssembly.Memory({
          initial: Math.ceil(initial / PAGE),
          maximum: Math.ceil(maximum / PAGE),
          shared,
        });
        if (maximum < rungs[0]!)
          reasons.push(`maximum ${rungs[0]} bytes refused by the host, ${maximum} granted`);
        return new LinearMemory(
          memory,
          Math.ceil(maximum / PAGE) * PAGE,
          shared,
          reasons.join("; ") || undefined,
        );
      } catch {
        // The next rung asks for less; the last one ends in the error below.
      }
    }
    if (shared) reasons.push("the host refused a shared memory of any size");
  }
  throw new ArenaFullError(
    `The host grants no wasm memory of ${initial} bytes (tried maxima ${rungs.join(", ")}). Ask for less with memory.initial.`,
  );
}
