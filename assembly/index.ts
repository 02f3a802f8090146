// The list of exports, nothing else. A name is operation_tile_type; src/kernels/exports.ts is its typed mirror.
import { pack } from "./gemm/pack";
import { scale } from "./gemm/scale";
import { asum } from "./lapack/asum";
import { getf2 } from "./lapack/getf2";
import { laswp } from "./lapack/laswp";
import { copy } from "./level1/copy";
import { gemv } from "./level2/gemv";
import { trsm } from "./level3/trsm";
import { standardNormalFill } from "./random/normal";
import { randomFill } from "./random/pcg64";

export * from "./gemm/micro-2x4";
export * from "./gemm/micro-3x3";
export * from "./gemm/micro-4x2";
export * from "./gemm/micro-4x4";
export * from "./gemm/micro-5x2";
export * from "./gemm/micro-6x2";
export * from "./gemm/micro-6x4";

export function pack_f32(
  extent: usize,
  kc: usize,
  width: usize,
  src: usize,
  rs: usize,
  cs: usize,
  dst: usize,
): void {
  pack<f32>(extent, kc, width, src, rs, cs, dst);
}

export function scale_f32(m: usize, n: usize, beta: f32, c: usize, rsc: usize, csc: usize): void {
  scale<f32>(m, n, beta, c, rsc, csc);
}

export function copy_f32(
  m: usize,
  n: usize,
  src: usize,
  rss: usize,
  css: usize,
  dst: usize,
  rsd: usize,
  csd: usize,
): void {
  copy<f32>(m, n, src, rss, css, dst, rsd, csd);
}

export function gemv_f32(
  m: usize,
  k: usize,
  alpha: f32,
  a: usize,
  rsa: usize,
  csa: usize,
  x: usize,
  incx: usize,
  beta: f32,
  y: usize,
  incy: usize,
  scratch: usize,
): void {
  gemv<f32>(m, k, alpha, a, rsa, csa, x, incx, beta, y, incy, scratch);
}

export function pack_f64(
  extent: usize,
  kc: usize,
  width: usize,
  src: usize,
  rs: usize,
  cs: usize,
  dst: usize,
): void {
  pack<f64>(extent, kc, width, src, rs, cs, dst);
}

export function scale_f64(m: usize, n: usize, beta: f64, c: usize, rsc: usize, csc: usize): void {
  scale<f64>(m, n, beta, c, rsc, csc);
}

export function copy_f64(
  m: usize,
  n: usize,
  src: usize,
  rss: usize,
  css: usize,
  dst: usize,
  rsd: usize,
  csd: usize,
): void {
  copy<f64>(m, n, src, rss, css, dst, rsd, csd);
}

export function gemv_f64(
  m: usize,
  k: usize,
  alpha: f64,
  a: usize,
  rsa: usize,
  csa: usize,
  x: usize,
  incx: usize,
  beta: f64,
  y: usize,
  incy: usize,
  scratch: usize,
): void {
  gemv<f64>(m, k, alpha, a, rsa, csa, x, incx, beta, y, incy, scratch);
}

export function random_f32(state: usize, dst: usize, count: usize): void {
  randomFill<f32>(state, dst, count);
}

export function standardNormal_f32(state: usize, tables: usize, dst: usize, count: usize): void {
  standardNormalFill<f32>(state, tables, dst, count);
}

export function random_f64(state: usize, dst: usize, count: usize): void {
  randomFill<f64>(state, dst, count);
}

export function standardNormal_f64(state: usize, tables: usize, dst: usize, count: usize): void {
  standardNormalFill<f64>(state, tables, dst, count);
}

export function trsm_f32(
  n: usize,
  r: usize,
  t: usize,
  rst: usize,
  cst: usize,
  pst: usize,
  unit: bool,
  b: usize,
  rsb: usize,
): void {
  trsm<f32>(n, r, t, rst, cst, pst, unit, b, rsb);
}

export function getf2_f32(m: usize, n: usize, a: usize, csa: usize, piv: usize, row0: usize): i32 {
  return getf2<f32>(m, n, a, csa, piv, row0);
}

export function laswp_f32(
  n: usize,
  a: usize,
  rsa: usize,
  csa: usize,
  piv: usize,
  first: usize,
  last: usize,
  backward: bool,
): void {
  laswp<f32>(n, a, rsa, csa, piv, first, last, backward);
}

export function asum_f32(m: usize, n: usize, a: usize, rsa: usize, csa: usize, sums: usize): void {
  asum<f32>(m, n, a, rsa, csa, sums);
}

export function trsm_f64(
  n: usize,
  r: usize,
  t: usize,
  rst: usize,
  cst: usize,
  pst: usize,
  unit: bool,
  b: usize,
  rsb: usize,
): void {
  trsm<f64>(n, r, t, rst, cst, pst, unit, b, rsb);
}

export function getf2_f64(m: usize, n: usize, a: usize, csa: usize, piv: usize, row0: usize): i32 {
  return getf2<f64>(m, n, a, csa, piv, row0);
}

export function laswp_f64(
  n: usize,
  a: usize,
  rsa: usize,
  csa: usize,
  piv: usize,
  first: usize,
  last: usize,
  backward: bool,
): void {
  laswp<f64>(n, a, rsa, csa, piv, first, last, backward);
}

export function asum_f64(m: usize, n: usize, a: usize, rsa: usize, csa: usize, sums: usize): void {
  asum<f64>(m, n, a, rsa, csa, sums);
}
