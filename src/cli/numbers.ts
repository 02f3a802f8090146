import { InvalidArgumentError } from "commander";

/** A whole number from `least` to `most`. @throws InvalidArgumentError */
export function wholeNumber(text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new InvalidArgumentError(`"${text}" is no whole number from ${least} to ${most}.`);
}

/** The items between commas, each once. @throws InvalidArgumentError for an empty list. */
export function listOf<T>(text: string, item: (text: string) => T): T[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.some((part) => part === "")) throw new InvalidArgumentError(`"${text}" has an empty item.`);
  return [...new Map(parts.map((part) => [part, item(part)])).values()];
}

/** One of some names. @throws InvalidArgumentError */
export function oneOf<T extends string>(text: string, names: readonly T[]): T {
  const name = names.find((known) => known === text);
  if (name !== undefined) return name;
  throw new InvalidArgumentError(`There is no "${text}"; take ${names.join(", ")}.`);
}
