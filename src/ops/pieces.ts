import { type DType, of } from "../kernels/exports.ts";
import { itemSize } from "../kernels/job.ts";
import { SCRATCH_PARTS } from "../memory/layout.ts";
import type { MatrixRef } from "./matrix-ref.ts";
import type { Engine } from "./multiply.ts";

// Matrices in messages, between memories that are not shared.

/** A matrix somewhere in a memory. */
export interface Placed extends MatrixRef {
  readonly dtype: DType;
  readonly rows: number;
  readonly columns: number;
}

/** Bytes of a piece at most: 1 ms to copy them twice. The scratch, where strided ones become contiguous, has room for it. */
export const PIECE_BYTES = 2 ** 21;

/** A rectangle of a matrix. */
export interface Piece {
  readonly i: number;
  readonly j: number;
  readonly rows: number;
  readonly columns: number;
}

/** Cuts a matrix into pieces: whole rows, as many as fit, or parts of one. */
export function* piecesOf({
  dtype,
  rows,
  columns,
}: Pick<Placed, "dtype" | "rows" | "columns">): Generator<Piece> {
  const most = PIECE_BYTES / itemSize(dtype);
  const wide = Math.min(columns, most);
  const high = Math.max(1, Math.floor(most / wide));
  for (let i = 0; i < rows; i += high) {
    for (let j = 0; j < columns; j += wide) {
      yield { i, j, rows: Math.min(high, rows - i), columns: Math.min(wide, columns - j) };
    }
  }
}

/** Where a piece lies, whether without gaps, and where it is gathered if there are some. */
function locate({ scratch }: Engine, matrix: Placed, { i, j, rows, columns }: Piece) {
  const { dtype, address, rs, cs } = matrix;
  const size = itemSize(dtype);
  return {
    size,
    at: address + i * rs + j * cs,
    isWhole: cs === size && (rows === 1 || rs === columns * size),
    bytes: rows * columns * size,
    gathered: scratch + SCRATCH_PARTS.bPanel,
  };
}

/** A copy of a piece's elements, row by row. */
export function take(engine: Engine, matrix: Placed, piece: Piece): ArrayBuffer {
  const { size, at, isWhole, bytes, gathered } = locate(engine, matrix, piece);
  const { rows, columns } = piece;
  if (!isWhole) {
    const { copy } = of(engine.kernels, matrix.dtype);
    copy(rows, columns, at, matrix.rs, matrix.cs, gathered, columns * size, size);
  }
  return engine.linear.bytes(isWhole ? at : gathered, bytes).slice().buffer as ArrayBuffer;
}

/** Writes what take() has taken elsewhere. */
export function put(engine: Engine, matrix: Placed, piece: Piece, elements: ArrayBuffer): void {
  const { size, at, isWhole, bytes, gathered } = locate(engine, matrix, piece);
  const { rows, columns } = piece;
  engine.linear.bytes(isWhole ? at : gathered, bytes).set(new Uint8Array(elements));
  if (isWhole) return;
  const { copy } = of(engine.kernels, matrix.dtype);
  copy(rows, columns, gathered, columns * size, size, at, matrix.rs, matrix.cs);
}

/** All of a matrix, piece by piece. */
export function takeAll(engine: Engine, matrix: Placed): ArrayBuffer[] {
  return Array.from(piecesOf(matrix), (piece) => take(engine, matrix, piece));
}

/** Writes what takeAll() has taken elsewhere; nothing, if there are no pieces. */
export function putAll(engine: Engine, matrix: Placed, pieces: readonly ArrayBuffer[]): void {
  let at = 0;
  if (pieces.length > 0) for (const piece of piecesOf(matrix)) put(engine, matrix, piece, pieces[at++]!);
}
