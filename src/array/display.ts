/**
 * Prints an array as NumPy 2.4 prints it with default print options. What is not printed is not read.
 * Below, `single` says that the array is float32: its numbers have fewer digits that tell them apart.
 */

import { sizeOf } from "./shape.ts";

/** What printing reads of an array. */
export interface Printable {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "float64";
  at(...index: number[]): number;
}

// NumPy's defaults, as `np.get_printoptions()` gives them.
/** At most so many digits after the point; fewer where fewer tell a number from its neighbours. */
const PRECISION = 8;
/** With more elements than this, each long axis shows its two ends only. */
const THRESHOLD = 1000;
/** So many items at each end of such an axis. */
const EDGE_ITEMS = 3;
const LINE_WIDTH = 75;

/** `repr(a)`: `array([[1., 2.]], dtype=float32)`. */
export function toRepr(array: Printable): string {
  const { shape, dtype } = array;
  const size = sizeOf(shape);
  const prefix = "array(";
  const extras: string[] = [];
  if (size > THRESHOLD || (size === 0 && shape.length > 1)) {
    extras.push(`shape=(${shape.join(", ")}${shape.length === 1 ? "," : ""})`);
  }
  if (size === 0 || dtype !== "float64") extras.push(`dtype=${dtype}`);

  const text = prefix + nested(array, ", ", prefix.length, LINE_WIDTH - 1);
  if (extras.length === 0) return `${text})`;
  const ending = `${extras.join(", ")})`;
  const lastLine = text.length - text.lastIndexOf("\n"); // its comma counts, its newline does not
  const fits = lastLine + 1 + ending.length <= LINE_WIDTH;
  return `${text},${fits ? " " : `\n${" ".repeat(prefix.length)}`}${ending}`;
}

/** `str(a)`, what `print(a)` shows: `[[1. 2.]]`. A 0-d array shows as the number in it. */
export function toText(array: Printable): string {
  if (array.shape.length === 0) return scalar(array.at(), array.dtype === "float32");
  return nested(array, " ", 0, LINE_WIDTH);
}

const longest = (words: string[]): number => words.reduce((most, word) => Math.max(most, word.length), 0);

/** The array in brackets; `indent` is the width of what stands before the first one. */
function nested(array: Printable, separator: string, indent: number, lineWidth: number): string {
  const { shape } = array;
  const { items, words } = layOut(array);
  if (words.length === 0) return "[]";
  const word = words.values();

  const write = (axis: number, hang: string, width: number): string => {
    if (axis === shape.length) return word.next().value!;
    const parts = items[axis]!.map((i) => (i === undefined ? "..." : write(axis + 1, `${hang} `, width - 1)));
    const innerAxes = shape.length - axis - 1;
    return innerAxes > 0
      ? `[${parts.join(separator.trimEnd() + "\n".repeat(innerAxes) + hang)}]`
      : `[${wrapped(parts, separator, hang, width - 1)}]`;
  };
  return write(0, " ".repeat(indent + 1), lineWidth);
}

/** What is shown of an array: the indices along each axis, undefined where some are left out; and the words, in C order. */
export function layOut(array: Printable): {
  readonly items: readonly (readonly (number | undefined)[])[];
  readonly words: readonly string[];
} {
  const { shape } = array;
  const size = sizeOf(shape);
  if (size === 0) return { items: [], words: [] };
  const summarised = size > THRESHOLD;
  const items = shape.map((n) =>
    summarised && n > 2 * EDGE_ITEMS
      ? Array.from({ length: 2 * EDGE_ITEMS + 1 }, (_, i) =>
          i === EDGE_ITEMS ? undefined : i < EDGE_ITEMS ? i : n - 2 * EDGE_ITEMS - 1 + i,
        )
      : Array.from({ length: n }, (_, i) => i),
  );
  const values: number[] = [];
  const read = (...index: number[]): void => {
    const along = items[index.length];
    if (along === undefined) values.push(array.at(...index));
    else for (const i of along) if (i !== undefined) read(...index, i);
  };
  read();
  return { items, words: aligned(values, array.dtype === "float32") };
}

/** Words in lines of at most `width`; every line stands behind `hang`, the first without showing it. */
function wrapped(words: string[], separator: string, hang: string, width: number): string {
  let done = "";
  let line = hang;
  words.forEach((word, i) => {
    if (i > 0) line += separator;
    if (i > 0 && line.length + word.length > width) {
      done += `${line.trimEnd()}\n`;
      line = hang;
    }
    line += word;
  });
  return (done + line).slice(hang.length);
}

/** All values in one notation, points and exponents in columns: NumPy's `FloatingFormat`. */
function aligned(values: number[], single: boolean): string[] {
  const inDtype = single ? Math.fround : Number; // NumPy compares and divides in the array's own dtype
  const sizes = values.map(Math.abs).filter((x) => x > 0 && x < Infinity);
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  const smallest = sizes.reduce((a, b) => Math.min(a, b), Infinity);
  const scientific =
    largest >= (single ? 1e6 : 1e8) || smallest < inDtype(0.0001) || inDtype(largest / smallest) > 1000;

  const parts = values.map((x) => partsOf(x, unique(Math.abs(x), single, scientific, PRECISION)));
  const fractionWidth = longest(parts.map((part) => part.fraction));
  const exponentWidth = longest(parts.map((part) => part.exponent));
  const words = values.map((x, i) => {
    let part = parts[i]!;
    if (!Number.isFinite(x)) return part.whole;
    if (!scientific) return `${part.whole}.${part.fraction.padEnd(fractionWidth)}`;
    // What fills a column is the number's own next digits, which in a float32 are seldom zeros.
    if (part.fraction.length < fractionWidth) part = partsOf(x, rounded(Math.abs(x), fractionWidth, true));
    const { whole, fraction, sign, exponent } = part;
    return `${whole}.${fraction.padEnd(fractionWidth, "0")}e${sign}${exponent.padStart(exponentWidth, "0")}`;
  });
  const width = longest(words);
  return words.map((word) => word.padStart(width));
}

/** A number on its own, as `str(np.float64(x))`: all its digits, and another limit for the notation. */
function scalar(x: number, single: boolean): string {
  const size = Math.abs(x);
  const scientific = size > 0 && (size < 0.0001 || size >= (single ? 1e6 : 1e16));
  const { whole, fraction, sign, exponent } = partsOf(x, unique(size, single, scientific, Infinity));
  if (!Number.isFinite(x)) return whole;
  if (!scientific) return `${whole}.${fraction || "0"}`;
  return `${whole}${fraction && "."}${fraction}e${sign}${exponent}`;
}

/** What stands before the point, after it without trailing zeros, and in the exponent; `nan` is all `whole`. */
interface Parts {
  whole: string;
  fraction: string;
  sign: string;
  exponent: string;
}

/** Takes `digits`, the text of |x|, apart. */
function partsOf(x: number, digits: string): Parts {
  const minus = x < 0 || Object.is(x, -0) ? "-" : "";
  const pieces = /^([^.e]+)\.?(\d*?)0*(?:e(.)(\d+))?$/.exec(digits)!;
  const [, whole = "", fraction = "", sign = "", exponent = ""] = pieces;
  return { whole: minus + whole, fraction, sign, exponent: sign && exponent.padStart(2, "0") };
}

/** The fewest digits that give `size` back, or `precision` of them after the point where those are fewer. */
function unique(size: number, single: boolean, scientific: boolean, precision: number): string {
  if (!Number.isFinite(size)) return size > 0 ? "inf" : "nan";
  const short = single ? shortest(size) : size;
  const text = scientific ? short.toExponential() : String(short);
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
  return fraction.length > precision ? rounded(size, precision, scientific) : text;
}

/** The number whose shortest digits, as a float64, are the shortest digits of the float32 `x`. */
function shortest(x: number): number {
  // Below a power of two float32 lies twice as dense as above, so what rounds to it has its middle further up.
  const middle = x * (1 + 2 ** -26);
  for (let digits = 0; ; digits++) {
    for (const text of [rounded(x, digits, true), middle.toExponential(digits)]) {
      if (Math.fround(Number(text)) === x) return Number(text);
    }
  }
}

/** `toExponential` or `toFixed`, but a tie goes to the even digit, as in NumPy; JavaScript rounds it up. */
function rounded(x: number, digits: number, scientific: boolean): string {
  const write = (n: number): string => (scientific ? x.toExponential(n) : x.toFixed(n));
  // A float64 whose next 50 digits are 5 and zeros lies exactly between: no other comes so near.
  const tie = /^(.*[02468]\.?)50{49}(e.*)?$/.exec(write(digits + 50));
  return tie ? `${tie[1]}${tie[2] ?? ""}` : write(digits);
}
