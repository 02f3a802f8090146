import type { Context, NDArray } from "../../../src/index.ts";

const N = 520;
/** Columns of a panel; the last one is narrower. */
const WIDTH = 64;

/** Factors a panel in place, without pivoting: its upper square becomes L \ U, what is below becomes L. */
function factorPanel(panel: NDArray): void {
  const [rows, columns] = panel.shape as [number, number];
  const { data } = panel;
  for (let k = 0; k < columns; ++k) {
    for (let i = k + 1; i < rows; ++i) {
      data[i * columns + k]! /= data[k * columns + k]!;
      const factor = data[i * columns + k]!;
      for (let j = k + 1; j < columns; ++j) data[i * columns + j]! -= factor * data[k * columns + j]!;
    }
  }
}

/** The inverse of the unit lower triangle of a factored square. */
function inverseOfLower(la: Context, square: NDArray): NDArray {
  const n = square.shape[0]!;
  const inverse = la.eye(n);
  for (let column = 0; column < n; ++column) {
    for (let i = column + 1; i < n; ++i) {
      let sum = 0;
      for (let k = column; k < i; ++k) sum += square.at(i, k) * inverse.at(k, column);
      inverse.set(-sum, i, column);
    }
  }
  return inverse;
}

/**
 * LU by panels, right-looking, in the upper part of A; panels of L are kept packed, as solvers want them. Then L U is compared
 * with A.
 */
export function blockedLu(la: Context): boolean {
  return la.scope(() => {
    const original = la.random([N, N], { seed: 1, name: "A" });
    // Dominant on the diagonal: no pivots are needed.
    for (let i = 0; i < N; ++i) original.set(original.at(i, i) + N, i, i);
    const a = original.copy();
    a.name = "LU";
    const panels: NDArray[] = [];
    for (let k = 0; k < N; k += WIDTH) panels.push(step(la, a, k));
    return isFactored(la, original, a, panels);
  });
}

/** Makes the panel from column k on, updates what is right of it, and returns its part of L. */
function step(la: Context, a: NDArray, k: number): NDArray {
  return la.scope(() => {
    const end = Math.min(k + WIDTH, N);
    const panel = a.slice([k, N], [k, end]).copy();
    panel.name = `panel ${k / WIDTH}`;
    factorPanel(panel);
    if (end === N) return panel;
    const top = a.slice([k, end], [end, N]);
    const inverse = inverseOfLower(la, panel.slice([0, WIDTH]));
    const u = la.matmul(inverse, top.copy());
    la.matmul(la.eye(WIDTH), u, { out: top });
    const rest = a.slice([end, N], [end, N]);
    la.gemm({ alpha: -1, a: panel.slice([WIDTH, N - k]), b: u, beta: 1, c: rest });
    return panel;
  });
}

function isFactored(la: Context, original: NDArray, a: NDArray, panels: readonly NDArray[]): boolean {
  const lower = la.eye(N);
  const upper = la.zeros([N, N]);
  for (let i = 0; i < N; ++i) {
    for (let j = 0; j < N; ++j) {
      const panel = panels[Math.floor(j / WIDTH)]!;
      const [row, column] = [i - WIDTH * Math.floor(j / WIDTH), j % WIDTH];
      if (i > j) lower.set(panel.at(row, column), i, j);
      // Of the squares on the diagonal, the panels have U, too.
      else upper.set(row >= 0 ? panel.at(row, column) : a.at(i, j), i, j);
    }
  }
  const product = la.matmul(lower, upper).data;
  return original.data.every((value, i) => Math.abs(value - product[i]!) < 1e-10 * N);
}
