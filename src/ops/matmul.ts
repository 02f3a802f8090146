import type { ArrayLike } from "../array/create.ts";
import type { NDArray } from "../array/ndarray.ts";
import { checkOptions, sameShape, show } from "../array/shape.ts";
import type { ArrayStore } from "../array/store.ts";
import { ShapeError } from "../errors.ts";
import { itemSize } from "../kernels/job.ts";
import { type Batch, type Engine, type MatrixRef, multiply } from "./multiply.ts";
import { operands, ours, refuseOverlap, sameDType } from "./operands.ts";

export interface MatmulOptions {
  /** Where the result goes: right shape and dtype, any strides, no element in common with an operand. */
  out?: NDArray;
}

const OPTIONS = { out: true } as const;

/** An operand as a stack of matrices: a 1-D one as a row (first operand) or a column (second). Strides in elements. */
interface Stack {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly rows: number;
  readonly columns: number;
  readonly matrix: MatrixRef;
}

function stackOf(array: NDArray, side: "row" | "column"): Stack {
  const size = itemSize(array.dtype);
  const shape = array.shape.slice(0, -2);
  const strides = array.strides.slice(0, -2);
  const extent = array.shape.at(-1)!;
  const step = array.strides.at(-1)! * size;
  const { address } = array;
  if (array.ndim > 1) {
    return {
      shape,
      strides,
      rows: array.shape.at(-2)!,
      columns: extent,
      matrix: { address, rs: array.strides.at(-2)! * size, cs: step },
    };
  }
  return side === "row"
    ? { shape, strides, rows: 1, columns: extent, matrix: { address, rs: 0, cs: step } }
    : { shape, strides, rows: extent, columns: 1, matrix: { address, rs: step, cs: 0 } };
}

/** The common shape of two stacks: extents of 1 and missing axes stretch. */
function broadcast(a: NDArray, b: NDArray, one: readonly number[], other: readonly number[]): number[] {
  const shape: number[] = [];
  for (let back = Math.max(one.length, other.length); back > 0; --back) {
    const [x, y] = [one.at(-back) ?? 1, other.at(-back) ?? 1];
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(
        `matmul: the stacks ${show(one)} of ${show(a.shape)} and ${show(other)} of ${show(b.shape)} do not broadcast: ` +
          `${x} and ${y} differ and neither is 1.`,
      );
    }
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

/** Byte strides of a stack over the broadcast shape: 0 where it is stretched. */
function stretch(
  { shape, strides }: { shape: readonly number[]; strides: readonly number[] },
  to: readonly number[],
  size: number,
): number[] {
  const missing = to.length - shape.length;
  return to.map((_, axis) =>
    axis < missing || shape[axis - missing] === 1 ? 0 : strides[axis - missing]! * size,
  );
}

/** NumPy's matmul: 1-D and 2-D operands, and stacks of matrices whose leading axes broadcast. */
export function matmul(
  engine: Engine,
  store: ArrayStore,
  left: ArrayLike,
  right: ArrayLike,
  options?: MatmulOptions,
): NDArray {
  checkOptions(options, OPTIONS, "matmul");
  const { arrays, done } = operands(store, "matmul", [left, right]);
  try {
    const [a, b] = arrays as [NDArray, NDArray];
    sameDType("matmul", a, b);
    if (a.ndim === 0 || b.ndim === 0) {
      throw new ShapeError(
        `matmul: a 0-d operand (shapes ${show(a.shape)}, ${show(b.shape)}); multiply numbers with *.`,
      );
    }
    const [sa, sb] = [stackOf(a, "row"), stackOf(b, "column")];
    if (sa.columns !== sb.rows) {
      throw new ShapeError(
        `matmul: inner sizes differ (${show(a.shape)} by ${show(b.shape)}): ${sa.columns} ≠ ${sb.rows}. Transpose one operand?`,
      );
    }
    const stack = broadcast(a, b, sa.shape, sb.shape);
    const shape = [...stack];
    if (a.ndim > 1) shape.push(sa.rows);
    if (b.ndim > 1) shape.push(sb.columns);
    const c =
      options?.out === undefined ? store.allocate(shape, a.dtype) : output(store, options.out, shape, [a, b]);
    run(engine, c, stack, sa, sb, [a.ndim > 1, b.ndim > 1]);
    return c;
  } finally {
    done();
  }
}

/** @throws ShapeError, DTypeError, UnsupportedError if `out` cannot take the result. */
function output(
  store: ArrayStore,
  out: NDArray,
  shape: readonly number[],
  inputs: readonly NDArray[],
): NDArray {
  const c = ours(store, "matmul", out);
  sameDType("matmul", inputs[0]!, c);
  if (!sameShape(c.shape, shape)) {
    throw new ShapeError(`matmul: out has shape ${show(c.shape)}, the result ${show(shape)}.`);
  }
  for (const input of inputs) refuseOverlap("matmul", c, input);
  return c;
}

/** One product if there is no stack, else stack by stack: the last batch axis in one call each. */
function run(
  engine: Engine,
  c: NDArray,
  stack: readonly number[],
  sa: Stack,
  sb: Stack,
  [rows, columns]: readonly [boolean, boolean],
): void {
  const { dtype } = c;
  const size = itemSize(dtype);
  const axes = stack.length;
  const rs = rows ? c.strides[axes]! * size : 0;
  const cs = columns ? c.strides[axes + (rows ? 1 : 0)]! * size : 0;
  const [m, n, k] = [sa.rows, sb.columns, sa.columns];
  // Written out, not spread: this is on the path of the smallest product.
  const multiplyAt = (aAt: number, bAt: number, cAt: number, batch?: Batch): void => {
    const a = { address: aAt, rs: sa.matrix.rs, cs: sa.matrix.cs };
    const b = { address: bAt, rs: sb.matrix.rs, cs: sb.matrix.cs };
    multiply(engine, { dtype, m, n, k, alpha: 1, a, b, beta: 0, c: { address: cAt, rs, cs } }, batch);
  };
  if (axes === 0) {
    multiplyAt(sa.matrix.address, sb.matrix.address, c.address);
    return;
  }
  const cStrides = c.strides.slice(0, axes).map((stride) => stride * size);
  const [aStrides, bStrides] = [stretch(sa, stack, size), stretch(sb, stack, size)];
  const walk = (axis: number, aAt: number, bAt: number, cAt: number): void => {
    if (axis === axes - 1) {
      const batch = {
        count: stack[axis]!,
        nextA: aStrides[axis]!,
        nextB: bStrides[axis]!,
        nextC: cStrides[axis]!,
      };
      multiplyAt(aAt, bAt, cAt, batch);
      return;
    }
    for (let i = 0; i < stack[axis]!; ++i) {
      walk(axis + 1, aAt + i * aStrides[axis]!, bAt + i * bStrides[axis]!, cAt + i * cStrides[axis]!);
    }
  };
  walk(0, sa.matrix.address, sb.matrix.address, c.address);
}
