import { DTypeError } from "../errors.ts";

/** How a file stores one element. */
export interface Elements {
  /** As in the file, e.g. `<f8`. */
  readonly descr: string;
  /** NumPy's name, e.g. `float64`. */
  readonly name: string;
  /** Bytes per element. */
  readonly bytes: 1 | 2 | 4 | 8;
  readonly littleEndian: boolean;
  /** The dtype it is read as; what `name` is not equal to has to be converted. */
  readonly dtype: "float32" | "float64";
}

type Get = (view: DataView, at: number, littleEndian: boolean) => number;

/** By type code: NumPy's name, and how to get one as a number. Floats are moved, never looked at. */
const READABLE = new Map<string, readonly [name: string, get?: Get]>([
  ["f4", ["float32"]],
  ["f8", ["float64"]],
  ["b1", ["bool", (view, at) => (view.getUint8(at) === 0 ? 0 : 1)]],
  ["i1", ["int8", (view, at) => view.getInt8(at)]],
  ["u1", ["uint8", (view, at) => view.getUint8(at)]],
  ["i2", ["int16", (view, at, little) => view.getInt16(at, little)]],
  ["u2", ["uint16", (view, at, little) => view.getUint16(at, little)]],
  ["i4", ["int32", (view, at, little) => view.getInt32(at, little)]],
  ["u4", ["uint32", (view, at, little) => view.getUint32(at, little)]],
  [
    "i8",
    ["int64", (view, at, little) => wide(view.getInt32(at + (little ? 4 : 0), little), view, at, little)],
  ],
  [
    "u8",
    ["uint64", (view, at, little) => wide(view.getUint32(at + (little ? 4 : 0), little), view, at, little)],
  ],
]);

/** By the letter of the type code: what else NumPy can store. */
const UNREADABLE = new Map([
  ["f", "float16 or long double"],
  ["c", "complex numbers"],
  ["O", "Python objects, pickled"],
  ["S", "byte strings"],
  ["U", "strings"],
  ["V", "raw bytes"],
  ["M", "dates"],
  ["m", "time differences"],
]);

/** High word times 2^32 is exact and so is the low word, so the sum is rounded once: to nearest, as astype does. */
function wide(high: number, view: DataView, at: number, littleEndian: boolean): number {
  return high * 2 ** 32 + view.getUint32(at + (littleEndian ? 0 : 4), littleEndian);
}

/**
 * What a descr stands for. `=` and `|` (NumPy: "native" and "does not matter") are read as `<`: wasm's native order.
 * @throws DTypeError if its elements are not real numbers, or of a width that neither float32 nor float64 can hold.
 */
export function elementsOf(descr: string): Elements {
  const code = descr.slice(1);
  const readable = READABLE.get(code);
  if (readable === undefined || !"<>=|".includes(descr.charAt(0))) {
    const what = UNREADABLE.get(code.charAt(0)) ?? "of no dtype known here";
    throw new DTypeError(
      `the file's elements are ${what} (descr '${descr.slice(0, 40)}'); blasm reads float32, float64 and, with ` +
        "convert: true, integers and booleans: save it with np.save(file, array.astype('float64'))",
    );
  }
  return {
    descr,
    name: readable[0],
    bytes: Number(code.charAt(1)) as Elements["bytes"],
    littleEndian: descr.charAt(0) !== ">",
    dtype: code === "f4" ? "float32" : "float64",
  };
}

/**
 * Turns stored elements into little-endian numbers of `elements.dtype`, in place. `bytes` has the length of the
 * result; the stored elements are at its *end*. Where they are narrower than a float64, number i overwrites no stored
 * element behind i: with n left and w bytes each, 8(n − 1) bytes of room are at least the w(n − 1) of the rest.
 */
export function decode(bytes: Uint8Array, elements: Elements): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { bytes: width, littleEndian } = elements;
  const get = READABLE.get(elements.descr.slice(1))?.[1];
  if (get !== undefined) {
    const count = bytes.length / 8;
    const stored = bytes.length - count * width;
    for (let i = 0; i < count; i++) view.setFloat64(8 * i, get(view, stored + width * i, littleEndian), true);
  } else if (!littleEndian) {
    // As integers: a number that is not a number has to keep its bits.
    for (let at = 0; at < bytes.length; at += width) {
      const first = view.getUint32(at, false);
      if (width === 8) view.setUint32(at, view.getUint32(at + 4, false), true);
      view.setUint32(at + width - 4, first, true);
    }
  }
}
