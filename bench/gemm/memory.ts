import type { DType, NDArray } from "../../src/index.ts";
import { timed } from "../common/sample.ts";
import { type Bench, type Contestant, contest, type Entry } from "./bench.ts";
import { type Floats, floats, uniform } from "./cases.ts";

/** Bytes of an operand: no cache holds it. */
const BYTES = 64 * 2 ** 20;

/** Rows of the matrix, and elements of its rows. */
const ROWS = 2048;

/** Half a unit in the last place, relative. */
const ROUNDING = { float32: 2 ** -24, float64: 2 ** -53 } as const;

/** Error of one sum, in units of its rounding bound. */
function sumError(dtype: DType, got: number, terms: number, term: (i: number) => number): number {
  let sum = 0;
  let magnitude = 0;
  for (let i = 0; i < terms; ++i) {
    const value = term(i);
    sum += value;
    magnitude += Math.abs(value);
  }
  const error = Math.abs(got - sum);
  return Number.isFinite(error)
    ? error / (2 * (terms + 2) * ROUNDING[dtype] * magnitude)
    : Number.POSITIVE_INFINITY;
}

/** Two arrays outside of any context: the numbers to work on, and room to copy them to. */
interface Arrays {
  readonly values: Floats;
  readonly room: Floats;
}

function arraysOf(dtype: DType): Arrays {
  const count = BYTES / floats(dtype, 0).BYTES_PER_ELEMENT;
  return { values: uniform(dtype, count, 1), room: floats(dtype, count).fill(1) };
}

/** Copying from one JavaScript array to another, the fastest way there is; bytes read plus bytes written. */
function copyEntry({ build }: Contestant, { values, room }: Arrays): Entry {
  return { who: build, what: "copy", unit: "GB/s", work: 2 * BYTES, subject: timed(() => room.set(values)) };
}

/** A x, Aᵀ x and x · y in bytes read. */
function vectorEntries({ la, build }: Contestant, dtype: DType, values: Floats): Entry[] {
  const count = values.length;
  const columns = count / ROWS;
  const x = la.fromTyped(values);
  const y = x.copy();
  const a = x.reshape([ROWS, columns]);
  const short = la.fromTyped(uniform(dtype, columns, 2));
  const tall = la.fromTyped(uniform(dtype, ROWS, 2));
  const alongRows = la.full([ROWS], Number.NaN, { dtype });
  const alongColumns = la.full([columns], Number.NaN, { dtype });
  const transposed = a.T;
  const arrays: NDArray[] = [x, y, a, short, tall, alongRows, alongColumns, transposed];
  const last = ROWS - 1;
  const common = { who: build, unit: "GB/s" } as const;

  la.matmul(a, short, { out: alongRows });
  la.matmul(transposed, tall, { out: alongColumns });
  const shortValues = short.toTyped();
  const tallValues = tall.toTyped();
  const product = la.matmul(x, y);
  const got = product.at();
  product.release();
  return [
    {
      ...common,
      what: "A x",
      work: BYTES,
      subject: timed(() => la.matmul(a, short, { out: alongRows })),
      residual: sumError(
        dtype,
        alongRows.at(last),
        columns,
        (j) => values[last * columns + j]! * shortValues[j]!,
      ),
    },
    {
      ...common,
      what: "Aᵀ x",
      work: BYTES,
      subject: timed(() => la.matmul(transposed, tall, { out: alongColumns })),
      residual: sumError(dtype, alongColumns.at(7), ROWS, (i) => values[i * columns + 7]! * tallValues[i]!),
    },
    {
      ...common,
      what: "x · y",
      work: 2 * BYTES,
      subject: timed(() => la.matmul(x, y).release()),
      residual: sumError(dtype, got, count, (i) => values[i]! * values[i]!),
      release: () => {
        for (const array of arrays) array.release();
      },
    },
  ];
}

/** Products with a vector, bound by memory, beside a copy. */
export async function memory(bench: Bench): Promise<void> {
  const { everyBuildOnVectors, dtypes } = bench.selection;
  const contestants = everyBuildOnVectors ? bench.contestants : bench.contestants.slice(-1);
  for (const dtype of dtypes) {
    const arrays = arraysOf(dtype);
    for (const contestant of contestants) {
      if (bench.settings.stopped()) return;
      const entries = [copyEntry(contestant, arrays), ...vectorEntries(contestant, dtype, arrays.values)];
      await contest(bench, "memory", dtype, "64 MiB", entries);
    }
  }
}
