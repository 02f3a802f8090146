/** A figure that the project has set itself, and what this run has. */
export interface Target {
  readonly figure: string;
  readonly wanted: string;
  readonly got: string;
  readonly state: "reached" | "missed" | "not measured";
}

/** A number and the case it belongs to; the worst of several decides. */
export interface Value {
  readonly value: number;
  readonly at: string;
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
export const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;

export function judge(
  figure: string,
  kind: "at least" | "at most",
  limit: number,
  values: readonly Value[],
  show: (value: number) => string,
): Target {
  const wanted = `${kind === "at least" ? "≥" : "≤"} ${show(limit)}`;
  const [worst] = [...values].sort((x, y) => (kind === "at least" ? x.value - y.value : y.value - x.value));
  if (worst === undefined) return { figure, wanted, got: "–", state: "not measured" };
  const reached = kind === "at least" ? worst.value >= limit : worst.value <= limit;
  const where =
    values.length > 1 ? ` (worst of ${values.length}: ${worst.at})` : worst.at && ` (${worst.at})`;
  const got = `${show(worst.value)}${where}`;
  return { figure, wanted, got, state: reached ? "reached" : "missed" };
}
