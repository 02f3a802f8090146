import { DTypeError, FormatError } from "../errors.ts";

/** Magic string, major and minor version: what every version begins with. */
export const PREFIX = 8;

/**
 * The longest header read, in bytes. Version 1 cannot have a longer one; that of an array of numbers with 64 axes
 * takes under 2 KiB.
 */
export const MAX_HEADER = 65535;

/** NumPy's NPY_MAXDIMS. */
const MAX_AXES = 64;

/** What the header says: the three keys of its dictionary. */
export interface NpyHeader {
  /** NumPy's `dtype.str`, e.g. `<f8`; not looked into. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  /** Elements per axis, empty for a 0-d array. */
  readonly shape: readonly number[];
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/**
 * Checks the first {@link PREFIX} bytes and returns how many bytes the header's length takes: 2 in version 1, 4 in
 * versions 2 and 3.
 * @throws FormatError if the magic string or the version is another.
 */
export function lengthBytes(prefix: Uint8Array): 2 | 4 {
  const wrong = MAGIC.findIndex((byte, at) => prefix[at] !== byte);
  if (wrong >= 0) fail(wrong, `no .npy file: it begins with ${hex(prefix)}, not with ${hex(MAGIC)}`);
  const [major, minor] = [prefix[6]!, prefix[7]!];
  if (major < 1 || major > 3 || minor !== 0) {
    fail(6, `format version ${major}.${minor} is none of 1.0, 2.0, 3.0`);
  }
  return major === 1 ? 2 : 4;
}

/**
 * The header's length from its little-endian field, which follows the prefix.
 * @throws FormatError if it is over {@link MAX_HEADER}.
 */
export function headerLength(field: Uint8Array): number {
  const length = field.reduceRight((high, byte) => high * 256 + byte, 0);
  if (length > MAX_HEADER) {
    fail(PREFIX, `a header of ${length} bytes; an array of numbers needs fewer than ${MAX_HEADER}`);
  }
  return length;
}

/**
 * Parses the header: a Python dictionary literal with exactly the keys descr, fortran_order and shape, in any order,
 * and nothing but white space around it. A proper subset of what NumPy's `ast.literal_eval` takes (no escapes,
 * comments, or other spellings of numbers).
 * @param bytes the header, without what comes before it
 * @param offset where it begins in the file, for messages
 * @param version major version: before 3, numbers may end in L, as Python 2 wrote them
 * @throws FormatError with the byte offset; DTypeError if descr is that of a structured dtype.
 */
export function parseHeader(bytes: Uint8Array, offset: number, version: number): NpyHeader {
  const text = new Cursor(bytes, offset);
  let descr: string | undefined;
  let fortranOrder: boolean | undefined;
  let shape: number[] | undefined;
  text.expect("{", "a dictionary");
  while (!text.take("}")) {
    const at = text.next();
    const key = text.string("a key in quotes");
    text.expect(":");
    if (key === "descr" && descr === undefined) descr = parseDescr(text);
    else if (key === "fortran_order" && fortranOrder === undefined) fortranOrder = parseBool(text);
    else if (key === "shape" && shape === undefined) shape = parseShape(text, version < 3);
    else {
      const known = key === "descr" || key === "fortran_order" || key === "shape";
      fail(at, `${known ? "a second" : "an unknown"} key '${key.slice(0, 40)}'`);
    }
    if (!text.take(",")) {
      text.expect("}", "',' or '}'");
      break;
    }
  }
  const end = text.end("the header's end");
  if (descr === undefined) return fail(end, "the header has no key 'descr'");
  if (fortranOrder === undefined) return fail(end, "the header has no key 'fortran_order'");
  if (shape === undefined) return fail(end, "the header has no key 'shape'");
  return { descr, fortranOrder, shape };
}

function parseDescr(text: Cursor): string {
  const at = text.next();
  if (text.take("[") || text.take("(")) {
    throw new DTypeError(
      `the file's elements are records (structured dtype, byte ${at}); save each field as an array of its own`,
    );
  }
  return text.string("a dtype in quotes");
}

function parseBool(text: Cursor): boolean {
  if (text.take("True")) return true;
  text.expect("False", "True or False");
  return false;
}

function parseShape(text: Cursor, longs: boolean): number[] {
  const shape: number[] = [];
  text.expect("(", "a tuple");
  while (!text.take(")")) {
    const at = text.next();
    if (shape.length === MAX_AXES) fail(at, `more than ${MAX_AXES} axes`);
    shape.push(text.natural(longs));
    if (!text.take(",")) {
      text.expect(")", "',' or ')'");
      // Python: (3) is a number, (3,) a tuple.
      if (shape.length === 1) fail(at, "the shape is a number, not a tuple: a comma is missing after it");
      break;
    }
  }
  return shape;
}

/** Steps through Python tokens, over white space before each. */
class Cursor {
  readonly #bytes: Uint8Array;
  readonly #offset: number;
  #at = 0;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  /** Offset in the file of the next token. */
  next(): number {
    while (isSpace(this.#bytes[this.#at])) this.#at++;
    return this.#offset + this.#at;
  }

  /** Steps over `token` if it is next. */
  take(token: string): boolean {
    this.next();
    for (let i = 0; i < token.length; i++) {
      if (this.#bytes[this.#at + i] !== token.charCodeAt(i)) return false;
    }
    this.#at += token.length;
    return true;
  }

  /** Steps over `token`, which has to be next. */
  expect(token: string, what = `'${token}'`): void {
    if (!this.take(token)) this.#unexpected(what);
  }

  /** Offset in the file of the end, which has to be next. */
  end(what: string): number {
    const end = this.next();
    return this.#at < this.#bytes.length ? this.#unexpected(what) : end;
  }

  /** A string literal in ' or ". */
  string(what: string): string {
    const begin = this.next();
    const quote = this.#bytes[this.#at];
    if (quote !== 0x27 && quote !== 0x22) this.#unexpected(what);
    let value = "";
    for (this.#at++; this.#bytes[this.#at] !== quote; this.#at++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) return fail(begin, "a string without an end");
      if (byte < 0x20 || byte > 0x7e || byte === 0x5c) {
        fail(this.#offset + this.#at, `${this.#found()} in a string that should be plain ASCII`);
      }
      value += String.fromCharCode(byte);
    }
    this.#at++;
    return value;
  }

  /** A decimal number of 0 or more; with `longs` also one with Python 2's L. */
  natural(longs: boolean): number {
    const begin = this.next();
    const first = this.#at;
    let value = 0;
    for (; isDigit(this.#bytes[this.#at]); this.#at++) {
      value = value * 10 + (this.#bytes[this.#at]! - 0x30);
      if (value > Number.MAX_SAFE_INTEGER) fail(begin, "a dimension of more than 2^53 - 1");
    }
    if (this.#at === first) {
      if (this.take("-")) fail(begin, "a negative dimension");
      this.#unexpected("a dimension");
    }
    if (this.#bytes[first] === 0x30 && this.#at > first + 1) fail(begin, "a dimension that begins with 0");
    if (longs && this.#bytes[this.#at] === 0x4c) this.#at++;
    return value;
  }

  #unexpected(what: string): never {
    return fail(this.next(), `${this.#found()} where ${what} should be`);
  }

  #found(): string {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) return "the header ends";
    return byte > 0x20 && byte < 0x7f ? `'${String.fromCharCode(byte)}'` : `byte ${hex([byte])}`;
  }
}

/**
 * The bytes before the data, as `np.save` writes them: version 1.0 (2.0 where its length takes more than 16 bits),
 * room for the growing axis to take 21 digits, and the data aligned to 64 bytes. As NumPy does, an array that is
 * contiguous in both orders is called C-contiguous.
 */
export function formatHeader({ descr, fortranOrder, shape }: NpyHeader): Uint8Array<ArrayBuffer> {
  const fortran = fortranOrder && shape.every((n) => n > 0) && shape.filter((n) => n > 1).length > 1;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  let text = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${tuple}, }`;
  const growing = shape.at(fortran ? -1 : 0);
  if (growing !== undefined) text += " ".repeat(21 - String(growing).length);

  // NumPy pads by 1 to 64 spaces, so by 64 where none were needed.
  let before = PREFIX + 2;
  let length = text.length + 65 - ((before + text.length + 1) % 64);
  if (length > 65535) {
    before = PREFIX + 4;
    length = text.length + 65 - ((before + text.length + 1) % 64);
  }
  const bytes = new Uint8Array(before + length).fill(0x20);
  bytes.set([...MAGIC, before === PREFIX + 2 ? 1 : 2, 0]);
  for (let at = PREFIX; at < before; at++) bytes[at] = length >>> (8 * (at - PREFIX));
  for (let i = 0; i < text.length; i++) bytes[before + i] = text.charCodeAt(i);
  bytes[bytes.length - 1] = 0x0a;
  return bytes;
}

function fail(at: number, reason: string): never {
  throw new FormatError(`.npy, byte ${at}: ${reason}`);
}

function hex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** Blank, tab, line feed, form feed, carriage return: what Python skips between tokens. */
function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0c || byte === 0x0d;
}
