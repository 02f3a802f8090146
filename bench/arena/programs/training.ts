import type { Context, NDArray } from "../../../src/index.ts";

const SAMPLES = 1000;
const FEATURES = 48;
const HIDDEN = 96;
/** The last batch of an epoch is smaller. */
const BATCH = 64;
const EPOCHS = 12;
const RATE = 0.01;

/** Weights, with their momenta. */
interface Layer {
  weights: NDArray;
  readonly momentum: NDArray;
}

/**
 * Trains a network with one hidden layer, by batches, as one would write it: temporaries live as long as a step, weights for
 * good, and the best ones so far are kept.
 */
export function training(la: Context): boolean {
  return la.scope(() => {
    const x = la.standardNormal([SAMPLES, FEATURES], { seed: 1, name: "x" });
    const truth = la.standardNormal([FEATURES, 1], { seed: 2, name: "truth" });
    const y = la.matmul(x, truth);
    y.name = "y";
    const layers = [layer(la, FEATURES, HIDDEN, 3), layer(la, HIDDEN, 1, 4)] as const;
    const first = loss(la, x, y, layers);
    let best = first;
    let kept: NDArray[] = [];
    for (let epoch = 0; epoch < EPOCHS; ++epoch) {
      for (let at = 0; at < SAMPLES; at += BATCH) {
        la.scope(() => train(la, x.slice([at, at + BATCH]), y.slice([at, at + BATCH]), layers));
      }
      const now = loss(la, x, y, layers);
      if (now >= best) continue;
      best = now;
      const copies = layers.map(({ weights }) => weights.copy());
      for (const old of kept) old.release();
      kept = copies;
    }
    return best < first / 10;
  });
}

function layer(la: Context, inputs: number, outputs: number, seed: number): Layer {
  const weights = la.standardNormal([inputs, outputs], { seed, name: `w${seed - 2}` });
  for (let i = 0; i < weights.size; ++i) weights.data[i]! /= Math.sqrt(inputs);
  return { weights, momentum: la.zeros([inputs, outputs], { name: `m${seed - 2}` }) };
}

/** A new array with a function's values. */
function map(array: NDArray, f: (value: number) => number): NDArray {
  const result = array.copy();
  const { data } = result;
  for (let i = 0; i < data.length; ++i) data[i] = f(data[i]!);
  return result;
}

/** A new array: of each two elements, a function's value. */
function zip(one: NDArray, other: NDArray, f: (one: number, other: number) => number): NDArray {
  const result = one.copy();
  const [data, otherData] = [result.data, other.data];
  for (let i = 0; i < data.length; ++i) data[i] = f(data[i]!, otherData[i]!);
  return result;
}

/** Forward, backward, and a step down the gradient. */
function train(la: Context, x: NDArray, y: NDArray, [first, last]: readonly [Layer, Layer]): void {
  const hidden = la.matmul(x, first.weights);
  const active = map(hidden, (value) => Math.max(0, value));
  const output = la.matmul(active, last.weights);
  const error = zip(output, y, (value, wanted) => (value - wanted) / y.size);
  const lastGradient = la.matmul(active.T, error);
  const back = la.matmul(error, last.weights.T);
  const masked = zip(back, hidden, (value, before) => (before > 0 ? value : 0));
  descend(first, la.matmul(x.T, masked));
  descend(last, lastGradient);
}

function descend({ weights, momentum }: Layer, gradient: NDArray): void {
  const [w, m, g] = [weights.data, momentum.data, gradient.data];
  for (let i = 0; i < w.length; ++i) {
    m[i] = 0.9 * m[i]! + g[i]!;
    w[i]! -= RATE * m[i]!;
  }
}

/** The mean square error over all samples. */
function loss(la: Context, x: NDArray, y: NDArray, [first, last]: readonly [Layer, Layer]): number {
  return la.scope(() => {
    const active = map(la.matmul(x, first.weights), (value) => Math.max(0, value));
    const error = zip(la.matmul(active, last.weights), y, (value, wanted) => value - wanted);
    return Math.hypot(...error.data) ** 2 / y.size;
  });
}
