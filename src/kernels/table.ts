import { type DType, type KernelExports, MICRO_KERNELS, type MicroKernel, type Suffix } from "./exports.ts";

/** What one micro-kernel is used through. */
export interface TileKernels {
  /** Rows, and v128 vectors in a row, of its C tile. */
  readonly rows: number;
  readonly vectors: number;
  readonly micro: KernelExports["micro_4x2_f64"];
  readonly macro: KernelExports["macro_4x2_f64"];
  readonly small: KernelExports["small_4x2_f64"];
}

/** The kernels of one dtype, by name: finding an export by a composed name costs more than a small product. */
export interface Kernels {
  readonly pack: KernelExports["pack_f64"];
  readonly scale: KernelExports["scale_f64"];
  readonly copy: KernelExports["copy_f64"];
  readonly gemv: KernelExports["gemv_f64"];
  readonly trsm: KernelExports["trsm_f64"];
  readonly getf2: KernelExports["getf2_f64"];
  readonly laswp: KernelExports["laswp_f64"];
  readonly asum: KernelExports["asum_f64"];
  readonly random: KernelExports["random_f64"];
  readonly standardNormal: KernelExports["standardNormal_f64"];
  readonly tiles: Readonly<Record<MicroKernel, TileKernels>>;
}

/** The kernels of both dtypes. */
export type KernelTable = Readonly<Record<DType, Kernels>>;

function kernelsOf(exports: KernelExports, suffix: Suffix): Kernels {
  const tiles = MICRO_KERNELS.map((name): [MicroKernel, TileKernels] => {
    const [rows, vectors] = name.split("x").map(Number) as [number, number];
    const micro = exports[`micro_${name}_${suffix}`];
    const macro = exports[`macro_${name}_${suffix}`];
    const small = exports[`small_${name}_${suffix}`];
    return [name, { rows, vectors, micro, macro, small }];
  });
  return {
    pack: exports[`pack_${suffix}`],
    scale: exports[`scale_${suffix}`],
    copy: exports[`copy_${suffix}`],
    gemv: exports[`gemv_${suffix}`],
    trsm: exports[`trsm_${suffix}`],
    getf2: exports[`getf2_${suffix}`],
    laswp: exports[`laswp_${suffix}`],
    asum: exports[`asum_${suffix}`],
    random: exports[`random_${suffix}`],
    standardNormal: exports[`standardNormal_${suffix}`],
    tiles: Object.fromEntries(tiles) as Record<MicroKernel, TileKernels>,
  };
}

/** Sorts the exports of an instance by dtype. */
export function tabulate(exports: KernelExports): KernelTable {
  return { float32: kernelsOf(exports, "f32"), float64: kernelsOf(exports, "f64") };
}
