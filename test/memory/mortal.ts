import { afterEach, beforeEach, vi } from "vitest";
import { Arena, type ArenaOptions } from "../../src/memory/arena.ts";
import { PAGE } from "../../src/memory/layout.ts";
import { LinearMemory } from "../../src/memory/linear.ts";

/** Thrown where a thread dies. */
class Death extends Error {}

/** How many words the mortal thread may still write. */
let left = Number.POSITIVE_INFINITY;

/** A thread that is dead writes nothing any more: what `finally` blocks try to is lost, too. */
function write(): void {
  if (--left < 0) throw new Death();
}

/** Lets the mortal thread do something, and die before its next word when it has written `words`; returns how many it wrote. */
export function live(words: number, run: () => void): number {
  left = words;
  try {
    run();
    return words - left;
  } catch (error) {
    if (error instanceof Death) return words;
    throw error;
  } finally {
    left = Number.POSITIVE_INFINITY;
  }
}

type Words = Int32Array | Float64Array | Uint8Array;
/** What is behind a proxy, for Atomics. */
const real = new WeakMap<object, Words>();

/** Words whose every change is a write of the mortal thread; fill() is two. */
function mortal<T extends Words>(words: T): T {
  const fill = (value: number, from = 0, to = words.length): void => {
    const half = (from + to) >> 1;
    write();
    words.fill(value, from, half);
    write();
    words.fill(value, half, to);
  };
  const set = (values: ArrayLike<number>, at = 0): void => {
    for (let i = 0; i < values.length; ++i) {
      write();
      words[at + i] = values[i]!;
    }
  };
  const proxy = new Proxy(words, {
    get(_, key) {
      if (key === "fill") return fill;
      if (key === "set") return set;
      const value = Reflect.get(words, key, words);
      return typeof value === "function" ? value.bind(words) : value;
    },
    set(_, key, value) {
      write();
      return Reflect.set(words, key, value, words);
    },
  });
  real.set(proxy, words);
  return proxy;
}

class MortalMemory extends LinearMemory {
  override refresh(): void {
    super.refresh();
    this.i32 = mortal(this.i32);
    this.f64 = mortal(this.f64);
  }

  override bytes(address: number, length: number): Uint8Array {
    return mortal(super.bytes(address, length));
  }
}

/** Atomics take no proxies. Registers hooks of the test file that calls this. */
export function useMortalThreads(): void {
  beforeEach(() => {
    for (const name of ["load", "store", "add", "sub", "exchange", "compareExchange"] as const) {
      const original = Atomics[name] as (words: Words, ...rest: number[]) => number;
      vi.spyOn(Atomics, name).mockImplementation(((words: Words, ...rest: number[]) => {
        const behind = real.get(words);
        if (behind !== undefined && name !== "load") write();
        return original(behind ?? words, ...rest);
      }) as never);
    }
  });
  afterEach(() => void vi.restoreAllMocks());
}

/** Memory that can grow, and be put back to what it once was. */
export class Rewindable {
  buffer: ArrayBuffer;

  constructor(pages: number) {
    this.buffer = new ArrayBuffer(pages * PAGE);
  }

  grow(pages: number): void {
    const grown = new ArrayBuffer(this.buffer.byteLength + pages * PAGE);
    new Uint8Array(grown).set(new Uint8Array(this.buffer));
    this.buffer = grown;
  }

  copy(): ArrayBuffer {
    return this.buffer.slice(0);
  }
}

/** A thread's arena on a memory that has been laid out, or is by `base`. */
export function arenaOn(
  memory: Rewindable,
  maximum: number,
  options: ArenaOptions & { readonly mortal?: boolean; readonly base?: number },
): Arena {
  const Memory = options.mortal ? MortalMemory : LinearMemory;
  const linear = new Memory(memory as unknown as WebAssembly.Memory, maximum, true, undefined);
  return options.base === undefined
    ? new Arena(linear, options)
    : Arena.layOut(linear, options.base, options);
}
