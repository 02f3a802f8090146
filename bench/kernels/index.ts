// The kernels of `blasm bench` that the library does not need: names as in assembly/index.ts, mirrored by bench/common/kernels.ts.
import { peak11, peak13, peak24 } from "./peak";
import { add, scale, triad } from "./stream";

export { cycles } from "./clock";
export { copy } from "./stream";

export function scale_f32(q: f32, c: usize, b: usize, bytes: usize): void {
  scale<f32>(q, c, b, bytes);
}

export function scale_f64(q: f64, c: usize, b: usize, bytes: usize): void {
  scale<f64>(q, c, b, bytes);
}

export function add_f32(a: usize, b: usize, c: usize, bytes: usize): void {
  add<f32>(a, b, c, bytes);
}

export function add_f64(a: usize, b: usize, c: usize, bytes: usize): void {
  add<f64>(a, b, c, bytes);
}

export function triad_f32(q: f32, b: usize, c: usize, a: usize, bytes: usize): void {
  triad<f32>(q, b, c, a, bytes);
}

export function triad_f64(q: f64, b: usize, c: usize, a: usize, bytes: usize): void {
  triad<f64>(q, b, c, a, bytes);
}

export function peak11_f32(at: usize, x: f32, y: f32, turns: u32): void {
  peak11<f32>(at, x, y, turns);
}

export function peak11_f64(at: usize, x: f64, y: f64, turns: u32): void {
  peak11<f64>(at, x, y, turns);
}

export function peak13_f32(at: usize, x: f32, y: f32, turns: u32): void {
  peak13<f32>(at, x, y, turns);
}

export function peak13_f64(at: usize, x: f64, y: f64, turns: u32): void {
  peak13<f64>(at, x, y, turns);
}

export function peak24_f32(at: usize, x: f32, y: f32, turns: u32): void {
  peak24<f32>(at, x, y, turns);
}

export function peak24_f64(at: usize, x: f64, y: f64, turns: u32): void {
  peak24<f64>(at, x, y, turns);
}
