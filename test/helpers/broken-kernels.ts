/** An instruction of a module, and what takes its place: of the same type, another value. */
interface Replacement {
  readonly name: string;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** WebAssembly core specification, binary instructions, 5.4.9: the prefix 0xfd, then a number in LEB128. */
export const REPLACEMENTS: readonly Replacement[] = [
  { name: "f32x4.add", from: [0xfd, 0xe4, 1], to: [0xfd, 0xe6, 1] },
  { name: "f32x4.mul", from: [0xfd, 0xe6, 1], to: [0xfd, 0xe4, 1] },
  { name: "f64x2.add", from: [0xfd, 0xf0, 1], to: [0xfd, 0xf2, 1] },
  { name: "f64x2.mul", from: [0xfd, 0xf2, 1], to: [0xfd, 0xf0, 1] },
  { name: "f32x4.relaxed_madd", from: [0xfd, 0x85, 2], to: [0xfd, 0x86, 2] },
  { name: "f64x2.relaxed_madd", from: [0xfd, 0x87, 2], to: [0xfd, 0x88, 2] },
  { name: "f32x4.neg", from: [0xfd, 0xe1, 1], to: [0xfd, 0xe0, 1] },
  { name: "f32x4.div", from: [0xfd, 0xe7, 1], to: [0xfd, 0xe6, 1] },
  { name: "f32x4.pmax", from: [0xfd, 0xeb, 1], to: [0xfd, 0xea, 1] },
  { name: "f32x4.abs", from: [0xfd, 0xe0, 1], to: [0xfd, 0xe1, 1] },
  { name: "f64x2.neg", from: [0xfd, 0xed, 1], to: [0xfd, 0xec, 1] },
  { name: "f64x2.div", from: [0xfd, 0xf3, 1], to: [0xfd, 0xf2, 1] },
  { name: "f64x2.pmax", from: [0xfd, 0xf7, 1], to: [0xfd, 0xf6, 1] },
  { name: "f64x2.abs", from: [0xfd, 0xec, 1], to: [0xfd, 0xed, 1] },
  { name: "v128.load32_splat", from: [0xfd, 9], to: [0xfd, 1] },
  { name: "v128.load64_splat", from: [0xfd, 10], to: [0xfd, 1] },
];

/** The module with the instruction at byte `at` replaced. */
export function replaced(
  bytes: Uint8Array,
  { to }: Pick<Replacement, "to">,
  at: number,
): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  copy.set(to, at);
  return copy;
}

/** Where a sequence of bytes stands. */
export function occurrences(bytes: Uint8Array, sequence: readonly number[]): number[] {
  const found: number[] = [];
  for (let at = 0; at <= bytes.length - sequence.length; ++at) {
    if (sequence.every((byte, i) => bytes[at + i] === byte)) found.push(at);
  }
  return found;
}

/** The module with every instruction of a name replaced. */
export function broken(bytes: Uint8Array, name: string): Uint8Array<ArrayBuffer> {
  const replacement = REPLACEMENTS.find((each) => each.name === name)!;
  return occurrences(bytes, replacement.from).reduce(
    (copy, at) => replaced(copy, replacement, at),
    Uint8Array.from(bytes),
  );
}

const SHUFFLE = [0xfd, 13];

/** Every module that differs by one shuffle, which gives its first operand as it is. */
export function unshuffled(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const lanes = (at: number): Uint8Array => bytes.subarray(at + 2, at + 18);
  return occurrences(bytes, SHUFFLE)
    .filter((at) => lanes(at).every((lane) => lane < 32))
    .map((at) => replaced(bytes, { to: [...SHUFFLE, ...lanes(at).map((_, i) => i)] }, at));
}
