/** A block that comes or goes: where it is, and all the bytes that it takes. */
export interface Step {
  readonly event: "alloc" | "free";
  readonly address: number;
  readonly size: number;
}

/** The time at which most is in use. */
export interface Peak {
  /** Bytes in blocks, and how many those are. */
  readonly used: number;
  readonly blocks: number;
  /** Bytes from where the first block ever was to the end of the last one in use. */
  readonly span: number;
}

/** The part of the span that is in no block: of a memory that grows, what lies behind the last block is nobody's loss. */
export const external = ({ used, span }: Peak): number => (span === 0 ? 0 : 1 - used / span);

/** Follows blocks coming and going to where most is in use; if that is more than once, to the worst of them. */
export function peakOf(steps: readonly Step[]): Peak {
  const base = steps.reduce((lowest, { address }) => Math.min(lowest, address), Number.POSITIVE_INFINITY);
  const sizes = new Map<number, number>();
  let used = 0;
  let peak: Peak = { used: 0, blocks: 0, span: 0 };
  for (const { event, address, size } of steps) {
    used += event === "alloc" ? size : -size;
    if (event === "free") sizes.delete(address);
    else sizes.set(address, size);
    if (event === "free" || used < peak.used) continue;
    let end = base;
    for (const [at, bytes] of sizes) end = Math.max(end, at + bytes);
    const now = { used, blocks: sizes.size, span: end - base };
    if (used > peak.used || now.span > peak.span) peak = now;
  }
  return peak;
}
