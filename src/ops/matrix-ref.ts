/** One matrix: byte address of its first element, and byte strides from row to row and from column to column. */
export interface MatrixRef {
  readonly address: number;
  readonly rs: number;
  readonly cs: number;
}

/** The same so many bytes on. */
export const shifted = ({ address, rs, cs }: MatrixRef, bytes: number): MatrixRef => ({
  address: address + bytes,
  rs,
  cs,
});

/** The matrix from element (i, j) on. */
export const from = (matrix: MatrixRef, i: number, j: number): MatrixRef =>
  shifted(matrix, i * matrix.rs + j * matrix.cs);

/** The transpose. */
export const flip = ({ address, rs, cs }: MatrixRef): MatrixRef => ({ address, rs: cs, cs: rs });

/** An m × n matrix from its last element on, backwards. */
export const reversed = ({ address, rs, cs }: MatrixRef, m: number, n: number): MatrixRef => ({
  address: address + (m - 1) * rs + (n - 1) * cs,
  rs: -rs,
  cs: -cs,
});
