import { ELEMENTS, FIELD, NAME_BYTES } from "./layout.ts";

/** What lies in a block: for pictures and lists, not for computing. */
export interface Label {
  /** "" for what is no array. */
  readonly elements: (typeof ELEMENTS)[number];
  readonly shape: readonly number[];
  readonly name: string;
}

/** The label of what is no array. */
export const labelled = (name: string): Label => ({ elements: "", shape: [], name });

const SIZE = { "": 1, float32: 4, float64: 8 } as const;

/** Writes a label into a block's record. */
export function writeLabel(words: Int32Array, record: number, { elements, shape, name }: Label): void {
  const axes = shape.length;
  // As in ELEMENTS, whose indexOf() takes as long as all the rest of this.
  const kind = elements === "float64" ? 2 : elements === "float32" ? 1 : 0;
  words[record + FIELD.elements] = kind | (axes << 8);
  words[record + FIELD.rows] = axes > 1 ? shape[axes - 2]! : 1;
  words[record + FIELD.columns] = axes > 0 ? shape[axes - 1]! : 1;
  words[record + FIELD.name] = 0;
  if (name !== "") writeName(words, record, name);
}

/** As much of a name as there is room for, whole characters only. */
export function writeName(words: Int32Array, record: number, name: string): void {
  const bytes = new Uint8Array(NAME_BYTES);
  // Not into the memory itself: TextEncoder refuses what is shared.
  new TextEncoder().encodeInto(name, bytes);
  words.set(new Int32Array(bytes.buffer), record + FIELD.name);
}

/** The label of a block's record. Of more than three axes the leading ones are multiplied to one. */
export function readLabel(words: Int32Array, record: number): Label {
  const packed = words[record + FIELD.elements]!;
  const elements = ELEMENTS[packed & 255] ?? "";
  const axes = packed >>> 8;
  const last = [words[record + FIELD.rows]!, words[record + FIELD.columns]!];
  const requested = words[record + FIELD.requested]! >>> 0;
  const [rows, columns] = last as [number, number];
  const lead = rows * columns === 0 ? 0 : requested / SIZE[elements] / (rows * columns);
  const shape = axes > 2 ? [lead, ...last] : last.slice(2 - axes);
  return { elements, shape, name: readName(words.subarray(record + FIELD.name, record + FIELD.name + 3)) };
}

const DECODER = new TextDecoder();

/** A name from its three words. Most blocks have none, and lists may have a million. */
export function readName(words: ArrayLike<number>): string {
  if (words[0] === 0) return "";
  const bytes = new Uint8Array(Int32Array.of(words[0]!, words[1]!, words[2]!).buffer);
  const end = bytes.indexOf(0);
  return DECODER.decode(end < 0 ? bytes : bytes.subarray(0, end));
}
