import type { Measurement } from "../results-file/format.ts";

/** Operations of an element that is moved: of those kernels whose figures are in bytes. */
const PER_ELEMENT: Readonly<Record<string, number>> = {
  scale: 1 / 2,
  add: 1 / 3,
  triad: 2 / 3,
  // Each element of the matrix is moved once, for a product and a sum; vectors are nothing beside it. Two of a dot product make one.
  "A x": 2,
  "Aᵀ x": 2,
  "x · y": 1,
};

/** Operations a byte; undefined for what is no kernel of a roofline. */
export function intensityOf({ bench, section, what, dtype, n, unit }: Measurement): number | undefined {
  if (dtype === null) return undefined;
  const bytes = dtype === "float32" ? 4 : 8;
  // C <- A B: 2 n³ operations on 3 n² elements.
  if (bench === "gemm" && section === "squares" && what === "gemm" && n !== null)
    return (2 * n) / (3 * bytes);
  const operations = unit === "GB/s" ? PER_ELEMENT[what] : undefined;
  return operations && operations / bytes;
}
