/**
 * NumPy's `.npy` format, versions 1.0, 2.0 and 3.0, as specified in NEP 1 and in the documentation of
 * `numpy.lib.format`:
 *
 *     0         6     7     8              10 or 12                      a multiple of 64 (from NumPy)
 *     ├─────────┼─────┼─────┼──────────────┼─────────────────────────────┼───────────────┤
 *     │ \x93    │major│minor│ length of    │ {'descr': '<f8',            │ elements, in  │
 *     │ NUMPY   │  1  │  0  │ header,      │  'fortran_order': False,    │ C or Fortran  │
 *     │         │     │     │ 2 or 4 bytes │  'shape': (3, 4), }    …\n  │ order         │
 *     └─────────┴─────┴─────┴──────────────┴─────────────────────────────┴───────────────┘
 */
import { DTypeError, FormatError, ShapeError } from "../errors.ts";
import type { DType } from "../kernels/exports.ts";
import { type ByteReader, type ByteWriter, fill } from "./bytes.ts";
import { decode, type Elements, elementsOf } from "./npy-elements.ts";
import { formatHeader, headerLength, lengthBytes, PREFIX, parseHeader } from "./npy-header.ts";

/** Elements read or converted at a time: 4 MiB of float64 (256 MiB of warm file: 26 ms, with 1 MiB pieces 38 ms). */
const PIECE = 512 * 1024;

/** Memory that a file is read into. */
export interface NpyTarget {
  /**
   * All bytes of the array, contiguous: product of the shape times 4 (float32) or 8 (float64). Asked for anew after
   * every wait, since memory that is not shared may have grown, which detaches earlier views.
   */
  bytes(): Uint8Array;
  /** Gives the memory back: reading has failed. */
  discard(): void;
}

/** How to read a file, and into what. */
export interface ReadNpyOptions<T extends NpyTarget> {
  /**
   * Called once, when everything before the data has been checked, and the file's length too where it is known.
   * @param shape elements per axis, empty for a 0-d array
   * @param order "F": the elements come with the *first* index running fastest, so in C order of the transpose
   */
  allocate(shape: readonly number[], dtype: DType, order: "C" | "F"): T;
  /** Read integers and booleans, as float64; 64-bit ones are rounded to nearest, as `astype` does. Default: false. */
  readonly convert?: boolean | undefined;
  /** Called after each piece of at most 4 MiB, with bytes of data in the file; once for an array without elements. */
  onProgress?(doneBytes: number, totalBytes: number): void;
  /** Looked at before each piece; reading then fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** An array to be written. */
export interface NpySource {
  /** Elements per axis, empty for a 0-d array. */
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The pieces have the first index running fastest. */
  readonly fortranOrder: boolean;
  /**
   * The elements, little-endian, in pieces of any length (a few MiB are best). Each is copied as soon as it is there,
   * so a piece may be a view that the next step, or growing memory, makes invalid.
   */
  pieces(): Iterable<Uint8Array>;
}

/** What may be watched and stopped while writing. */
export interface WriteNpyOptions {
  /** Called after each piece, with bytes of data; once for an array without elements. */
  onProgress?(doneBytes: number, totalBytes: number): void;
  /** Looked at before each piece; writing then fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads one array and closes the reader, also if it fails.
 *
 * The header is checked in full before anything is allocated; until then no more than 64 KiB are held. The data goes
 * straight into the target, where it is also byte-swapped and converted. (Unless its memory is unshared: that can grow
 * while the reader waits, and take the view away; so there each piece takes the way over ordinary memory.)
 *
 * @returns what `allocate` has given, filled
 * @throws FormatError if the file is not a `.npy` file, or is longer or shorter than its header says; the message has
 * the byte offset.
 * @throws DTypeError if its elements cannot be read, or only with `convert`.
 */
export async function readNpy<T extends NpyTarget>(
  reader: ByteReader,
  options: ReadNpyOptions<T>,
): Promise<T> {
  let target: T | undefined;
  try {
    const header = await readHeader(reader, options.convert === true);
    const { elements, shape, fortranOrder } = header;
    target = options.allocate(shape, elements.dtype, fortranOrder ? "F" : "C");
    await readData(reader, header, target, options);
    return target;
  } catch (error) {
    target?.discard();
    throw error;
  } finally {
    await reader.close().catch(() => {}); // all is read and checked, or there is a better error
  }
}

/**
 * Writes one array and closes the writer; if that fails, calls the writer's `abort`, or `close` if it has none. The
 * bytes are those of `np.save` (NumPy 2) for the same array in the same order.
 * @throws ShapeError if the pieces do not add up to the shape.
 */
export async function writeNpy(
  writer: ByteWriter,
  array: NpySource,
  options: WriteNpyOptions = {},
): Promise<void> {
  const width = array.dtype === "float32" ? 4 : 8;
  const total = array.shape.reduce((product, n) => product * n, width);
  const { signal } = options;
  try {
    signal?.throwIfAborted();
    await writer.write(formatHeader({ ...array, descr: `<f${width}` }));
    let done = 0;
    for (const piece of array.pieces()) {
      signal?.throwIfAborted();
      done += piece.length;
      if (done > total) break;
      await writer.write(new Uint8Array(piece));
      options.onProgress?.(done, total);
    }
    if (done !== total) {
      throw new ShapeError(
        `the pieces have ${done > total ? "more than " : ""}${Math.min(done, total)} bytes, but shape ` +
          `(${array.shape.join(", ")}) of ${array.dtype} has ${total}`,
      );
    }
    if (total === 0) options.onProgress?.(0, 0);
  } catch (error) {
    await (writer.abort ?? writer.close).call(writer).catch(() => {}); // the first error is the one to hear about
    throw error;
  }
  await writer.close();
}

interface Header {
  readonly elements: Elements;
  readonly shape: readonly number[];
  readonly fortranOrder: boolean;
  /** Offset and length of the data in the file, in bytes. */
  readonly begin: number;
  readonly bytes: number;
}

/** Reads and checks all that comes before the data. */
async function readHeader(reader: ByteReader, convert: boolean): Promise<Header> {
  let at = 0;
  const next = async (length: number, what: string): Promise<Uint8Array> => {
    if (reader.size !== undefined && at + length > reader.size)
      throw truncated(reader.size, at + length, what);
    const bytes = new Uint8Array(length);
    const got = await fill(reader, bytes);
    if (got < length) throw truncated(at + got, at + length, what);
    at += length;
    return bytes;
  };
  const prefix = await next(PREFIX, "magic string");
  const field = await next(lengthBytes(prefix), "header's length");
  const text = await next(headerLength(field), "header");
  const header = parseHeader(text, at - text.length, prefix[6]!);
  const elements = elementsOf(header.descr);
  if (elements.name !== elements.dtype && !convert) {
    throw new DTypeError(
      `the file's elements are ${elements.name} (descr '${elements.descr}'): pass convert: true to read them as ` +
        "float64, or save them with np.save(file, array.astype('float64'))",
    );
  }
  const bytes = dataBytes(header.shape, elements.bytes, at);
  if (reader.size !== undefined) checkEnd(header.shape, at + bytes, reader.size);
  return { ...header, elements, begin: at, bytes };
}

/** Reads the data into `target`. */
async function readData<T extends NpyTarget>(
  reader: ByteReader,
  { elements, shape, begin, bytes }: Header,
  target: T,
  { onProgress, signal }: ReadNpyOptions<T>,
): Promise<void> {
  const width = elements.dtype === "float32" ? 4 : 8;
  const count = bytes / elements.bytes;
  let spare: Uint8Array | undefined;
  for (let first = 0; first < count; first += PIECE) {
    signal?.throwIfAborted();
    const length = Math.min(PIECE, count - first);
    const stored = length * elements.bytes;
    const place = () => target.bytes().subarray(first * width, (first + length) * width);
    // At the end of their place: see decode().
    let into = place().subarray(-stored);
    const straight = isShared(into);
    if (!straight) {
      spare ??= new Uint8Array(stored);
      into = spare.subarray(0, stored);
    }
    const got = await fill(reader, into);
    const done = first * elements.bytes + got;
    if (got < stored) throw truncated(begin + done, begin + bytes, `data of ${describe(shape)}`);
    if (!straight) place().set(into, length * width - stored);
    decode(place(), elements);
    onProgress?.(done, bytes);
  }
  if (count === 0) onProgress?.(0, 0);
  if (reader.size === undefined && (await reader.read(new Uint8Array(1))) > 0) {
    checkEnd(shape, begin + bytes, undefined);
  }
}

/** Product of the shape times `width`. Zero-size axes do not excuse the others, as in NumPy. */
function dataBytes(shape: readonly number[], width: number, begin: number): number {
  let bytes = width;
  for (const n of shape) {
    bytes *= Math.max(n, 1);
    if (bytes > Number.MAX_SAFE_INTEGER) {
      throw new FormatError(
        `.npy, byte ${begin}: data of ${describe(shape)} would take more than 2^53 - 1 bytes`,
      );
    }
  }
  return shape.includes(0) ? 0 : bytes;
}

/** The file has to end at `end`; `size` undefined: it is longer, nobody knows by how much. */
function checkEnd(shape: readonly number[], end: number, size: number | undefined): void {
  if (size === end) return;
  if (size !== undefined && size < end) throw truncated(size, end, `data of ${describe(shape)}`);
  const more = size === undefined ? "more bytes" : `${size - end} more bytes`;
  throw new FormatError(`.npy, byte ${end}: the data of ${describe(shape)} ends here, but ${more} follow`);
}

function truncated(size: number, end: number, what: string): FormatError {
  return new FormatError(
    `.npy, byte ${size}: the file ends here, but its ${what} should reach to byte ${end}`,
  );
}

function describe(shape: readonly number[]): string {
  return `shape (${shape.join(", ")})`;
}

/** Shared memory never moves, so its views stay valid. */
function isShared(bytes: Uint8Array): boolean {
  return typeof SharedArrayBuffer !== "undefined" && bytes.buffer instanceof SharedArrayBuffer;
}
