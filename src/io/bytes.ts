/**
 * A source of bytes, read once from front to back: a file, a Blob, a download.
 *
 * The array given to `read` may lie in shared memory.
 */
export interface ByteReader {
  /** Length of the whole source in bytes; `undefined` if only reading to the end will tell. */
  readonly size: number | undefined;
  /**
   * Puts the next bytes at the front of `target`, at least one if any are left and at most `target.length`, and
   * resolves to how many; 0 says that the source is at its end. Nothing is written after the promise has settled.
   */
  read(target: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

/** A sink for bytes, in the order of the calls. */
export interface ByteWriter {
  /** Resolves when `bytes` are taken. They are in ordinary memory, and the writer's to keep. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Called once, after the last byte. */
  close(): Promise<void>;
  /** Called instead of `close` if writing failed half-way: removes what is there, as far as the sink can. */
  abort?(): Promise<void>;
}

/** Reads from memory. */
export function bytesReader(bytes: Uint8Array | ArrayBufferLike): ByteReader {
  const source = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  let at = 0;
  return {
    size: source.length,
    async read(target) {
      const piece = source.subarray(at, at + target.length);
      target.set(piece);
      at += piece.length;
      return piece.length;
    },
    async close() {},
  };
}

/** Reads from a Blob, so also from a File of an `<input>` or a drop, never holding more of it than one piece. */
export function blobReader(blob: Blob): ByteReader {
  let at = 0;
  return {
    size: blob.size,
    async read(target) {
      const piece = new Uint8Array(await blob.slice(at, at + target.length).arrayBuffer());
      target.set(piece);
      at += piece.length;
      return piece.length;
    },
    async close() {},
  };
}

/** Fills `target` unless the source ends before; returns how many bytes there were. */
export async function fill(reader: ByteReader, target: Uint8Array): Promise<number> {
  let filled = 0;
  while (filled < target.length) {
    const count = await reader.read(target.subarray(filled));
    if (count === 0) break;
    filled += count;
  }
  return filled;
}
