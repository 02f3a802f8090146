import { DTypeError } from "../errors.ts";
import type { DType } from "../kernels/exports.ts";

/** NumPy's names and their short forms. */
export type DTypeName = DType | "f32" | "f64";

const NAMES: Readonly<Record<DTypeName, DType>> = {
  float32: "float32",
  f32: "float32",
  float64: "float64",
  f64: "float64",
};

/** The dtype a name stands for; `undefined` is NumPy's default, float64. @throws DTypeError for any other name. */
export function parseDType(name: DTypeName | undefined): DType {
  if (name === undefined) return "float64";
  const dtype = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
  if (dtype === undefined) {
    throw new DTypeError(`dtype ${JSON.stringify(name)} is not known here. Use "float64" or "float32".`);
  }
  return dtype;
}
