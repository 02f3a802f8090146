/** What can be drawn of a results file, and the benches whose measurements it takes. */
export const NEEDS = {
  gemm: "gemm",
  linpack: "linpack",
  roofline: "peak and stream",
  scaling: "threads",
  latency: "latency",
  stream: "stream",
} as const;

/** A kind of plot. */
export type Kind = keyof typeof NEEDS;

export const KINDS = Object.keys(NEEDS) as readonly Kind[];
