import type { Length } from "../all/run.ts";
import type { BenchName } from "../results-file/format.ts";

/** A bench that a page can run. */
export interface Offer {
  readonly name: BenchName;
  /** How long it takes. */
  readonly seconds: Readonly<Record<Length, number>>;
  /** What it measures. */
  readonly selection: object;
}

/** What an expert asks for in the page's address: some benches, and other numbers than usual in their selections. */
export type Wishes = Partial<Record<BenchName, object>>;

/** What is to be run. */
export interface Plan {
  readonly length: Length;
  readonly benches: readonly BenchName[];
  readonly wishes: Wishes;
}

/**
 * The wishes of an address, as ?selection={"gemm":{"sizes":[64,128],"rounds":3}}; undefined for none.
 * @throws Error that says what nobody knows, or is of another type than in the bench's own selection
 */
export function wishesOf(search: string, offers: readonly Offer[]): Wishes | undefined {
  const text = new URLSearchParams(search).get("selection");
  if (text === null) return undefined;
  const wishes = parsed(text);
  for (const [name, wish] of Object.entries(wishes)) {
    const offer = offers.find((one) => one.name === name);
    if (offer === undefined)
      throw new Error(`selection: no bench "${name}" here, but ${offers.map((one) => one.name).join(", ")}`);
    if (!isObject(wish)) throw new Error(`selection: ${name} is no object`);
    for (const [key, value] of Object.entries(wish)) check(offer, key, value);
  }
  return wishes as Wishes;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw new Error(`selection: no JSON object, as {"gemm":{"rounds":3}}: ${text.slice(0, 40)}`);
}

function check({ name, selection }: Offer, key: string, value: unknown): void {
  const known: Record<string, unknown> = { ...selection };
  if (!Object.hasOwn(known, key))
    throw new Error(`selection: ${name}.${key} is not known; there are ${Object.keys(known).join(", ")}`);
  const kind = (one: unknown): string => (Array.isArray(one) ? "array" : typeof one);
  // What is undefined has a default of another type.
  if (known[key] !== undefined && kind(value) !== kind(known[key]))
    throw new Error(`selection: ${name}.${key} must be of type ${kind(known[key])}`);
}
