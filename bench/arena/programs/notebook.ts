import type { Context, NDArray } from "../../../src/index.ts";
import { Lot } from "../../common/lot.ts";

/** Times that cells are run again. */
const TURNS = 100;
const ROWS = 6000;
const FEATURES = 40;

/** The variables of a notebook. */
class Variables {
  readonly #arrays = new Map<string, NDArray>();

  get(name: string): NDArray | undefined {
    return this.#arrays.get(name);
  }

  get names(): string[] {
    return [...this.#arrays.keys()];
  }

  /** `name = array`: what had the name lives until then. */
  set(name: string, array: NDArray): void {
    const before = this.#arrays.get(name);
    this.#arrays.set(name, array);
    before?.release();
  }

  /** `del name` */
  delete(name: string): void {
    this.#arrays.get(name)?.release();
    this.#arrays.delete(name);
  }
}

/** A cell: does nothing, as an error would, if a variable that it needs is not there. */
type Cell = (la: Context, variables: Variables, lot: Lot) => void;

/** The data set, as a file has it. */
const load: Cell = (la, variables) => variables.set("data", la.random([ROWS, FEATURES], { seed: 1 }));

/** `chosen = data[data[:, 0] > threshold]`, for a threshold that one plays with. */
const choose: Cell = (la, variables, lot) => {
  const data = variables.get("data");
  if (data === undefined) return;
  const threshold = lot.draw(10) / 10;
  const rows: number[] = [];
  for (let row = 0; row < ROWS; ++row) if (data.at(row, 0) > threshold) rows.push(row);
  const chosen = la.zeros([rows.length, FEATURES]);
  const [from, to] = [data.data, chosen.data];
  for (const [i, row] of rows.entries()) {
    to.set(from.subarray(row * FEATURES, (row + 1) * FEATURES), i * FEATURES);
  }
  variables.set("chosen", chosen);
};

/** Views: `train, test = chosen[:k], chosen[k:]`. */
const split: Cell = (_la, variables) => {
  const chosen = variables.get("chosen");
  if (chosen === undefined) return;
  const at = Math.floor(0.8 * chosen.shape[0]!);
  variables.set("train", chosen.slice([0, at]));
  variables.set("test", chosen.slice([at]));
};

const centre: Cell = (la, variables) => {
  const train = variables.get("train");
  if (train === undefined) return;
  const centred = la.scope(() => {
    const rows = train.shape[0]!;
    const means = la.matmul(la.full([1, rows], 1 / rows), train);
    const result = train.copy();
    la.gemm({ alpha: -1, a: la.ones([rows, 1]), b: means, beta: 1, c: result });
    return result;
  });
  variables.set("centred", centred);
};

const covariance: Cell = (la, variables) => {
  const centred = variables.get("centred");
  if (centred === undefined) return;
  const transposed = centred.T;
  variables.set("covariance", la.matmul(transposed, centred));
  transposed.release();
};

/** The strongest direction, by the power method. */
const component: Cell = (la, variables) => {
  const matrix = variables.get("covariance");
  if (matrix === undefined) return;
  const vector = la.scope(() => {
    let current = la.ones([FEATURES, 1]);
    for (let i = 0; i < 10; ++i) {
      current = la.matmul(matrix, current);
      const norm = Math.hypot(...current.data);
      for (let k = 0; k < FEATURES; ++k) current.data[k]! /= norm;
    }
    return current;
  });
  variables.set("component", vector);
};

const project: Cell = (la, variables) => {
  const [test, vector] = [variables.get("test"), variables.get("component")];
  if (test !== undefined && vector !== undefined) variables.set("projected", la.matmul(test, vector));
};

/** More features, by lot; how many of them, one plays with. */
const features: Cell = (la, variables, lot) => {
  const train = variables.get("train");
  if (train === undefined) return;
  const width = 20 * (1 + lot.draw(6));
  const made = la.scope(() => la.matmul(train, la.standardNormal([FEATURES, width], { seed: 2 })));
  variables.set("features", made);
};

const gram: Cell = (la, variables) => {
  const made = variables.get("features");
  if (made !== undefined)
    variables.set(
      "gram",
      la.scope(() => la.matmul(made.T, made)),
    );
};

/** A column for a plot: a view, which keeps all of the array that `chosen` was before it is chosen anew. */
const column: Cell = (_la, variables, lot) => {
  const chosen = variables.get("chosen");
  if (chosen !== undefined) variables.set(`column ${lot.draw(2)}`, chosen.col(lot.draw(FEATURES)));
};

/** The cells in their order. */
const CELLS = [load, choose, split, centre, covariance, component, project, features, gram, column];

/**
 * A session with a notebook: all cells are run, then again and again one of them, or one and all below, with other sizes;
 * variables are bound anew, some are views, and what nobody has any more goes.
 */
export function notebook(la: Context, seed = 1): boolean {
  const variables = new Variables();
  const lot = new Lot(seed);
  const runFrom = (first: number, end: number): void => {
    for (const cell of CELLS.slice(first, end)) cell(la, variables, lot);
  };
  runFrom(0, CELLS.length);
  for (let turn = 0; turn < TURNS; ++turn) {
    const first = lot.draw(CELLS.length);
    runFrom(first, lot.draw(2) === 0 ? first + 1 : CELLS.length);
  }
  const right = isSymmetric(variables.get("covariance"));
  for (const name of variables.names) variables.delete(name);
  return right;
}

function isSymmetric(matrix: NDArray | undefined): boolean {
  if (matrix === undefined) return true;
  const [one, other] = [matrix.toTyped(), matrix.T];
  const transposed = other.toTyped();
  other.release();
  return one.every((value, i) => Math.abs(value - transposed[i]!) <= 1e-9 * Math.abs(value) + 1e-9);
}
