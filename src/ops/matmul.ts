import type { ArrayLike } from "../array/create.ts";
import type { NDArray } from "../array/ndarray.ts";
import { checkOptions, sameShape, show } from "../array/shape.ts";
import type { ArrayStore } from "../array/store.ts";
import { ShapeError } from "../errors.ts";
import { itemSize } from "../kernels/job.ts";
import { eachWorthCopying } from "./apart.ts";
import { checkLater, computeLater, type LaterOptions } from "./later.ts";
import type { MatrixRef } from "./matrix-ref.ts";
import type { Batch, Engine, Product } from "./multiply.ts";
import {
  held,
  type Outline,
  ours,
  outline,
  refuseOverlap,
  sameDType,
  withOperands,
  withoutGil,
} from "./operands.ts";
import { compute, productTask, type Task } from "./together.ts";

/** Options of matmul(). */
export interface MatmulOptions {
  /** Where the result goes: right shape and dtype, any strides, no element in common with an operand. */
  out?: NDArray;
}

/** Options of matmulAsync(). */
export interface MatmulAsyncOptions extends MatmulOptions, LaterOptions {}

const OPTIONS = { out: true } as const;
const ASYNC_OPTIONS = { out: true, signal: true, onProgress: true } as const;

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

/** The common leading shape of two operands: extents of 1 and missing axes stretch. */
function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const [one, other] = [a.slice(0, -2), b.slice(0, -2)];
  const shape: number[] = [];
  for (let back = Math.max(one.length, other.length); back > 0; --back) {
    const [x, y] = [one.at(-back) ?? 1, other.at(-back) ?? 1];
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(
        `matmul: the stacks ${show(one)} of ${show(a)} and ${show(other)} of ${show(b)} do not broadcast: ` +
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
  const { c, stack, k } = prepare(store, left, right, options?.out);
  try {
    withOperands(store, left, right, (one, other) => {
      withoutGil(engine, c.size * k, [one, other, c], () => {
        run(c, stack, one, other, (product, batch) => compute(engine, product, batch));
      });
    });
  } catch (error) {
    // A literal did not fit the arena any more.
    if (c !== options?.out) c.release();
    throw error;
  }
  return c;
}

/** As matmul(), by others while this thread's event loop runs. */
export async function matmulAsync(
  engine: Engine,
  store: ArrayStore,
  left: ArrayLike,
  right: ArrayLike,
  options: MatmulAsyncOptions = {},
): Promise<NDArray> {
  checkOptions(options, ASYNC_OPTIONS, "matmulAsync");
  checkLater("matmulAsync", options);
  const { c, stack } = prepare(store, left, right, options.out);
  // Held until it is done, whatever the caller, or the end of a scope, releases meanwhile.
  c.retain();
  let operands: ReturnType<typeof held> | undefined;
  let done = false;
  try {
    operands = held(store, left, right);
    const tasks: Task[] = [];
    run(c, stack, operands.a, operands.b, (product, batch) => {
      for (const each of eachWorthCopying(engine, product, batch)) tasks.push(productTask(engine, ...each));
    });
    await computeLater(engine, store, tasks, options);
    done = true;
  } finally {
    operands?.release();
    c.release();
    if (!done && c !== options.out && !c.released) c.release();
  }
  return c;
}

/** Checks shapes and dtypes; the result's array, the stack's shape, the inner size. */
function prepare(
  store: ArrayStore,
  left: ArrayLike,
  right: ArrayLike,
  out: NDArray | undefined,
): { readonly c: NDArray; readonly stack: readonly number[]; readonly k: number } {
  const a = outline(store, "matmul", left);
  const b = outline(store, "matmul", right);
  sameDType("matmul", a, b);
  const [axesA, axesB] = [a.shape.length, b.shape.length];
  if (axesA === 0 || axesB === 0) {
    throw new ShapeError(
      `matmul: a 0-d operand (shapes ${show(a.shape)}, ${show(b.shape)}); multiply numbers with *.`,
    );
  }
  const [k, kB] = [a.shape.at(-1)!, axesB > 1 ? b.shape.at(-2)! : b.shape[0]!];
  if (k !== kB) {
    throw new ShapeError(
      `matmul: inner sizes differ (${show(a.shape)} by ${show(b.shape)}): ${k} ≠ ${kB}. Transpose one operand?`,
    );
  }
  const stack = axesA > 2 || axesB > 2 ? broadcast(a.shape, b.shape) : [];
  const shape = [...stack];
  if (axesA > 1) shape.push(a.shape.at(-2)!);
  if (axesB > 1) shape.push(b.shape.at(-1)!);
  const c = out === undefined ? store.allocate(shape, a.dtype) : output(store, out, shape, a, b);
  return { c, stack, k };
}

/** @throws ShapeError, DTypeError, UnsupportedError if `out` cannot take the result. */
function output(
  store: ArrayStore,
  out: NDArray,
  shape: readonly number[],
  a: NDArray | Outline,
  b: NDArray | Outline,
): NDArray {
  const c = ours(store, "matmul", out);
  sameDType("matmul", a, c);
  if (!sameShape(c.shape, shape)) {
    throw new ShapeError(`matmul: out has shape ${show(c.shape)}, the result ${show(shape)}.`);
  }
  refuseOverlap("matmul", c, a);
  refuseOverlap("matmul", c, b);
  return c;
}

/** One product if there is no stack, else stack by stack: the last batch axis in one call each. */
function run(
  c: NDArray,
  stack: readonly number[],
  left: NDArray,
  right: NDArray,
  perform: (product: Product, batch?: Batch) => void,
): void {
  const [sa, sb] = [stackOf(left, "row"), stackOf(right, "column")];
  const [rows, columns] = [left.ndim > 1, right.ndim > 1];
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
    perform({ dtype, m, n, k, alpha: 1, a, b, beta: 0, c: { address: cAt, rs, cs } }, batch);
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
