import type { Context, DType } from "../../src/index.ts";

/** Multiplies until a context has made its choice of micro-kernel by measurement. */
export function settle(la: Context, dtype: DType): void {
  la.scope(() => {
    const a = la.ones([64, 64], { dtype });
    const c = la.zeros([64, 64], { dtype });
    for (let i = 0; i < 100 && la.config().microKernels[dtype].reason !== "measured"; ++i) {
      la.gemm({ a, b: a, c });
    }
  });
}
