import { UnsupportedError } from "../errors.ts";

/**
 * Refuses an array, or a lock, whose class is another copy's: its memory, too. To be asked of what is no instance of this copy's
 * classes.
 *
 * @throws UnsupportedError (`FOREIGN`)
 */
export function refuseOtherCopy(where: string, value: unknown): void {
  const { share, strides, words } = (value ?? {}) as Record<string, unknown>;
  if (typeof share !== "function" || !(Array.isArray(strides) || words instanceof Int32Array)) return;
  throw new UnsupportedError(
    `${where}: this ${value!.constructor.name} was made by another copy of blasm, which is loaded twice here. Import it from one ` +
      "place; or copy an array's elements: la.fromTyped(other.toTyped(), other.shape).",
    "FOREIGN",
  );
}
