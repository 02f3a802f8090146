import binary from "../../build/tlsf.wasm";

/** AssemblyScript's own allocator in a memory of its own (tlsf/index.ts): for one thread, without counts and names. */
export class Tlsf {
  readonly alloc: (bytes: number) => number;
  readonly free: (address: number) => void;
  readonly #memory: WebAssembly.Memory;

  constructor() {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary));
    const { alloc, free, memory } = exports as unknown as Pick<Tlsf, "alloc" | "free"> & {
      memory: WebAssembly.Memory;
    };
    this.alloc = alloc;
    this.free = free;
    this.#memory = memory;
  }

  /** All bytes of a block: its header is the word before it, and says what is behind that. */
  sizeOf(address: number): number {
    const header = new DataView(this.#memory.buffer).getUint32(address - 4, true);
    return 4 + (header & ~3);
  }
}
