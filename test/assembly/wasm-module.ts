/** What the tests want to know of a wasm file, read by hand from its bytes. */
export interface WasmModule {
  /** Ids of the sections that are there, custom ones (0) aside. */
  readonly sections: readonly number[];
  readonly imports: readonly Import[];
  /** Name -> "(i32, f64) -> ()" of a function, or another kind's number. */
  readonly exports: ReadonlyMap<string, string>;
  readonly mutableGlobals: number;
  /** Every opcode that occurs; one with a prefix byte is prefix · 65536 + number. */
  readonly opcodes: ReadonlySet<number>;
}

export interface Import {
  readonly name: string;
  readonly kind: "function" | "table" | "memory" | "global";
  /** Of a memory: bit 0 says it has a maximum, bit 1 that it is shared. */
  readonly flags: number;
}

export const SECTION = {
  import: 2,
  table: 4,
  memory: 5,
  global: 6,
  start: 8,
  element: 9,
  data: 11,
  dataCount: 12,
};
const KINDS = ["function", "table", "memory", "global"] as const;
const TYPES: Record<number, string> = { 127: "i32", 126: "i64", 125: "f32", 124: "f64", 123: "v128" };

class Reader {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
  ) {}

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error("the file ends in the middle of something");
    return byte;
  }

  /** LEB128; right for unsigned numbers up to 2⁵³, and it passes over signed ones of any length. */
  leb(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  lebs(count: number): void {
    for (let i = 0; i < count; ++i) this.leb();
  }

  name(): string {
    const length = this.leb();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }

  list<T>(item: () => T): T[] {
    return Array.from({ length: this.leb() }, item);
  }
}

export function readModule(bytes: Uint8Array): WasmModule {
  const reader = new Reader(bytes, 8);
  const sections: number[] = [];
  const imports: Import[] = [];
  const exports = new Map<string, string>();
  const opcodes = new Set<number>();
  let types: string[] = [];
  let functions: number[] = [];
  let mutableGlobals = 0;

  while (reader.at < bytes.length) {
    const id = reader.byte();
    const length = reader.leb();
    const end = reader.at + length;
    if (id !== 0) sections.push(id);
    if (id === 1) types = reader.list(() => readType(reader));
    else if (id === SECTION.import) imports.push(...reader.list(() => readImport(reader)));
    else if (id === 3) functions = reader.list(() => reader.leb());
    else if (id === SECTION.global) {
      reader.list(() => {
        reader.byte();
        mutableGlobals += reader.byte();
        while (readOpcode(reader) !== 0x0b);
      });
    } else if (id === 7) {
      const imported = imports.filter(({ kind }) => kind === "function").length;
      reader.list(() => {
        const name = reader.name();
        const kind = KINDS[reader.byte()];
        const index = reader.leb();
        exports.set(name, kind === "function" ? (types[functions[index - imported]!] ?? "?") : `${kind}`);
      });
    } else if (id === 10) reader.list(() => readBody(reader, opcodes));
    else reader.at = end;
    if (reader.at !== end) throw new Error(`section ${id} ends at ${reader.at}, not ${end}`);
  }
  return { sections, imports, exports, mutableGlobals, opcodes };
}

function readType(reader: Reader): string {
  if (reader.byte() !== 0x60) throw new Error("a type that is not a function's");
  const types = () => reader.list(() => TYPES[reader.byte()] ?? "?").join(", ");
  return `(${types()}) -> (${types()})`;
}

function readImport(reader: Reader): Import {
  const name = `${reader.name()}.${reader.name()}`;
  const kind = KINDS[reader.byte()] ?? "function";
  if (kind === "function") {
    reader.leb();
    return { name, kind, flags: 0 };
  }
  if (kind === "global") {
    reader.byte();
    return { name, kind, flags: reader.byte() };
  }
  if (kind === "table") reader.byte();
  const flags = reader.byte();
  reader.lebs(flags & 1 ? 2 : 1);
  return { name, kind, flags };
}

function readBody(reader: Reader, opcodes: Set<number>): void {
  const length = reader.leb();
  const end = reader.at + length;
  reader.list(() => {
    reader.leb();
    reader.byte();
  });
  while (reader.at < end) opcodes.add(readOpcode(reader));
  if (reader.at !== end) throw new Error(`a function's body ends at ${reader.at}, not ${end}`);
}

/** Reads one instruction with its immediates. */
function readOpcode(reader: Reader): number {
  const opcode = reader.byte();
  if (opcode >= 0xfb) {
    const number = reader.leb();
    if (opcode === 0xfc) reader.lebs([2, 1, 2, 1, 2, 1, 2, 1, 1, 1][number - 8] ?? 0);
    else if (opcode === 0xfd) skipSimd(reader, number);
    else if (opcode === 0xfe) reader.lebs(number === 3 ? 1 : 2);
    else throw new Error(`opcode ${opcode} ${number} is not one that this reader knows`);
    return opcode * 65536 + number;
  }
  if (opcode >= 0x02 && opcode <= 0x04) reader.leb();
  else if (opcode === 0x0c || opcode === 0x0d || opcode === 0x10 || opcode === 0x12) reader.leb();
  else if (opcode === 0x0e) {
    reader.list(() => reader.leb());
    reader.leb();
  } else if (opcode === 0x11 || opcode === 0x13) reader.lebs(2);
  else if (opcode === 0x1c) reader.list(() => reader.byte());
  else if (opcode >= 0x20 && opcode <= 0x26) reader.leb();
  else if (opcode >= 0x28 && opcode <= 0x3e) reader.lebs(2);
  else if (opcode >= 0x3f && opcode <= 0x42) reader.leb();
  else if (opcode === 0x43) reader.at += 4;
  else if (opcode === 0x44) reader.at += 8;
  else if (opcode === 0xd0 || opcode === 0xd2) reader.leb();
  else if (opcode > 0xd2) throw new Error(`opcode ${opcode} is not one that this reader knows`);
  return opcode;
}

function skipSimd(reader: Reader, number: number): void {
  const lane = number >= 84 && number <= 91;
  if (number <= 11 || lane || number === 92 || number === 93) reader.lebs(2);
  if (number === 12 || number === 13) reader.at += 16;
  if (lane || (number >= 21 && number <= 34)) reader.at += 1;
}
