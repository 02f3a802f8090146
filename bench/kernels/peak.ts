import { madd } from "../../assembly/simd";

// Multiply-adds in registers: chains of c <- c·x + y, as many at a time as hide how long one takes. No chain can be left out, nor a
// product be computed once for all turns. `at`: their values, a vector each, to begin with and in the end; stored in the order of
// addresses, from which V8's revectoriser makes pairs.
//
// How many chains are best depends on the engine's registers and on the processor (multiply, then add: 6 cycles on Zen 4, fused: 4;
// two of each a cycle), so there are some, and the best one counts.

/** Leaves 16 registers some room: for engines that spill early (Node 20, 22). */
export function peak11<T>(at: usize, x: T, y: T, turns: u32): void {
  const s = v128.splat<T>(x);
  const t = v128.splat<T>(y);
  let c0 = v128.load(at);
  let c1 = v128.load(at, 16);
  let c2 = v128.load(at, 32);
  let c3 = v128.load(at, 48);
  let c4 = v128.load(at, 64);
  let c5 = v128.load(at, 80);
  let c6 = v128.load(at, 96);
  let c7 = v128.load(at, 112);
  let c8 = v128.load(at, 128);
  let c9 = v128.load(at, 144);
  let c10 = v128.load(at, 160);
  for (; turns; --turns) {
    c0 = madd<T>(c0, s, t);
    c1 = madd<T>(c1, s, t);
    c2 = madd<T>(c2, s, t);
    c3 = madd<T>(c3, s, t);
    c4 = madd<T>(c4, s, t);
    c5 = madd<T>(c5, s, t);
    c6 = madd<T>(c6, s, t);
    c7 = madd<T>(c7, s, t);
    c8 = madd<T>(c8, s, t);
    c9 = madd<T>(c9, s, t);
    c10 = madd<T>(c10, s, t);
  }
  v128.store(at, c0);
  v128.store(at, c1, 16);
  v128.store(at, c2, 32);
  v128.store(at, c3, 48);
  v128.store(at, c4, 64);
  v128.store(at, c5, 80);
  v128.store(at, c6, 96);
  v128.store(at, c7, 112);
  v128.store(at, c8, 128);
  v128.store(at, c9, 144);
  v128.store(at, c10, 160);
}

/** All that 16 registers hold beside x, y and one that V8 keeps for itself. */
export function peak13<T>(at: usize, x: T, y: T, turns: u32): void {
  const s = v128.splat<T>(x);
  const t = v128.splat<T>(y);
  let c0 = v128.load(at);
  let c1 = v128.load(at, 16);
  let c2 = v128.load(at, 32);
  let c3 = v128.load(at, 48);
  let c4 = v128.load(at, 64);
  let c5 = v128.load(at, 80);
  let c6 = v128.load(at, 96);
  let c7 = v128.load(at, 112);
  let c8 = v128.load(at, 128);
  let c9 = v128.load(at, 144);
  let c10 = v128.load(at, 160);
  let c11 = v128.load(at, 176);
  let c12 = v128.load(at, 192);
  for (; turns; --turns) {
    c0 = madd<T>(c0, s, t);
    c1 = madd<T>(c1, s, t);
    c2 = madd<T>(c2, s, t);
    c3 = madd<T>(c3, s, t);
    c4 = madd<T>(c4, s, t);
    c5 = madd<T>(c5, s, t);
    c6 = madd<T>(c6, s, t);
    c7 = madd<T>(c7, s, t);
    c8 = madd<T>(c8, s, t);
    c9 = madd<T>(c9, s, t);
    c10 = madd<T>(c10, s, t);
    c11 = madd<T>(c11, s, t);
    c12 = madd<T>(c12, s, t);
  }
  v128.store(at, c0);
  v128.store(at, c1, 16);
  v128.store(at, c2, 32);
  v128.store(at, c3, 48);
  v128.store(at, c4, 64);
  v128.store(at, c5, 80);
  v128.store(at, c6, 96);
  v128.store(at, c7, 112);
  v128.store(at, c8, 128);
  v128.store(at, c9, 144);
  v128.store(at, c10, 160);
  v128.store(at, c11, 176);
  v128.store(at, c12, 192);
}

/** Twelve 256-bit registers in the tuned build; or for a processor with 32. */
export function peak24<T>(at: usize, x: T, y: T, turns: u32): void {
  const s = v128.splat<T>(x);
  const t = v128.splat<T>(y);
  let c0 = v128.load(at);
  let c1 = v128.load(at, 16);
  let c2 = v128.load(at, 32);
  let c3 = v128.load(at, 48);
  let c4 = v128.load(at, 64);
  let c5 = v128.load(at, 80);
  let c6 = v128.load(at, 96);
  let c7 = v128.load(at, 112);
  let c8 = v128.load(at, 128);
  let c9 = v128.load(at, 144);
  let c10 = v128.load(at, 160);
  let c11 = v128.load(at, 176);
  let c12 = v128.load(at, 192);
  let c13 = v128.load(at, 208);
  let c14 = v128.load(at, 224);
  let c15 = v128.load(at, 240);
  let c16 = v128.load(at, 256);
  let c17 = v128.load(at, 272);
  let c18 = v128.load(at, 288);
  let c19 = v128.load(at, 304);
  let c20 = v128.load(at, 320);
  let c21 = v128.load(at, 336);
  let c22 = v128.load(at, 352);
  let c23 = v128.load(at, 368);
  for (; turns; --turns) {
    c0 = madd<T>(c0, s, t);
    c1 = madd<T>(c1, s, t);
    c2 = madd<T>(c2, s, t);
    c3 = madd<T>(c3, s, t);
    c4 = madd<T>(c4, s, t);
    c5 = madd<T>(c5, s, t);
    c6 = madd<T>(c6, s, t);
    c7 = madd<T>(c7, s, t);
    c8 = madd<T>(c8, s, t);
    c9 = madd<T>(c9, s, t);
    c10 = madd<T>(c10, s, t);
    c11 = madd<T>(c11, s, t);
    c12 = madd<T>(c12, s, t);
    c13 = madd<T>(c13, s, t);
    c14 = madd<T>(c14, s, t);
    c15 = madd<T>(c15, s, t);
    c16 = madd<T>(c16, s, t);
    c17 = madd<T>(c17, s, t);
    c18 = madd<T>(c18, s, t);
    c19 = madd<T>(c19, s, t);
    c20 = madd<T>(c20, s, t);
    c21 = madd<T>(c21, s, t);
    c22 = madd<T>(c22, s, t);
    c23 = madd<T>(c23, s, t);
  }
  v128.store(at, c0);
  v128.store(at, c1, 16);
  v128.store(at, c2, 32);
  v128.store(at, c3, 48);
  v128.store(at, c4, 64);
  v128.store(at, c5, 80);
  v128.store(at, c6, 96);
  v128.store(at, c7, 112);
  v128.store(at, c8, 128);
  v128.store(at, c9, 144);
  v128.store(at, c10, 160);
  v128.store(at, c11, 176);
  v128.store(at, c12, 192);
  v128.store(at, c13, 208);
  v128.store(at, c14, 224);
  v128.store(at, c15, 240);
  v128.store(at, c16, 256);
  v128.store(at, c17, 272);
  v128.store(at, c18, 288);
  v128.store(at, c19, 304);
  v128.store(at, c20, 320);
  v128.store(at, c21, 336);
  v128.store(at, c22, 352);
  v128.store(at, c23, 368);
}
