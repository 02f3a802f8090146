// What threads of test/team/arena-threads.test.ts do to an arena that they share.

/** @typedef {import("../../../src/index.ts").Context} Context */
/** @typedef {import("../../../src/index.ts").NDArray} NDArray */
/** @typedef {import("../../../src/index.ts").Lock} Lock */
/** @typedef {import("../../../src/index.ts").SharedArray} SharedArray */

/**
 * An array, and what must be in it: the element at position p of its block is `base` + p.
 * @typedef {{ array: NDArray, base: number, refs: number }} Held
 */

/**
 * What a thread has done.
 * @typedef {{ allocations: number, fulls: number, posted: number, adopted: number }} Done
 */

/** Where threads leave arrays for each other: a row for each, `FULL` in its first column. Two axes at most. */
export const SLOTS = 16;
export const COLUMNS = 10;
const FULL = 1;

/** @param {number} seed */
function generator(seed) {
  let state = (seed % 2147483646) + 1;
  return (/** @type {number} */ below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

/**
 * Every element is what it must be.
 * @param {Held} held
 */
function verify({ array, base }) {
  const [rows, columns] = /** @type {[number, number]} */ (array.shape);
  const [down, along] = /** @type {[number, number]} */ (array.strides);
  for (let i = 0; i < rows; ++i) {
    for (let j = 0; j < columns; ++j) {
      const right = base + array.offset + i * down + j * along;
      const is = array.at(i, j);
      if (is !== right) throw new Error(`element [${i}, ${j}] of ${array.shape} is ${is}, not ${right}`);
    }
  }
}

/** @type {(la: Context, rows: number, columns: number, dtype: "float32" | "float64", base: number) => Held} */
function make(la, rows, columns, dtype, base) {
  const array = la.zeros([rows, columns], { dtype, name: `n${base}` });
  const { data } = array;
  for (let i = 0; i < data.length; ++i) data[i] = base + i;
  return { array, base, refs: 1 };
}

/** @type {(held: Held, random: (below: number) => number) => Held} */
function view({ array, base }, random) {
  const [rows, columns] = /** @type {[number, number]} */ (array.shape);
  const kind = random(3);
  if (kind === 0) return { array: array.T, base, refs: 1 };
  if (kind === 1) return { array: array.slice([random(rows + 1)], [null, null, -1]), base, refs: 1 };
  return { array: array.slice([null, null, 1 + random(3)], [0, random(columns + 1)]), base, refs: 1 };
}

/**
 * Shares an array by way of a free slot; false if none is.
 * @type {(box: NDArray, lock: Lock, held: Held) => boolean}
 */
function post(box, lock, { array, base }) {
  return lock.withLock(() => {
    for (let slot = 0; slot < SLOTS; ++slot) {
      if (box.at(slot, 0) === FULL) continue;
      const { id, generation, dtype, shape, strides, offset } = array.share();
      const single = dtype === "float32" ? 1 : 0;
      const row = [FULL, id, generation, single, ...shape, ...strides, offset, base];
      row.forEach((value, column) => void box.set(value, slot, column));
      return true;
    }
    return false;
  });
}

/**
 * Adopts an array that lies in a slot, if there is one.
 * @type {(la: Context, context: number, box: NDArray, lock: Lock) => Held | undefined}
 */
export function receive(la, context, box, lock) {
  const found = lock.withLock(() => {
    for (let slot = 0; slot < SLOTS; ++slot) {
      if (box.at(slot, 0) !== FULL) continue;
      box.set(0, slot, 0);
      return Array.from({ length: COLUMNS }, (_, column) => box.at(slot, column));
    }
    return undefined;
  });
  if (found === undefined) return undefined;
  const [, id, generation, single, rows, columns, down, along, offset, base] =
    /** @type {[0, number, number, number, number, number, number, number, number, number]} */ (found);
  /** @type {SharedArray} */
  const share = {
    blasm: "NDArray",
    ...{ context, id, generation, offset },
    dtype: single === 1 ? "float32" : "float64",
    shape: [rows, columns],
    strides: [down, along],
  };
  return { array: la.adopt(share), base, refs: 1 };
}

/**
 * A random program: arrays, views, references, names, locks, arrays posted and adopted; now and then one so large that the memory
 * grows. What there is in the end is verified and released.
 * @param {Context} la
 * @param {{ seed: number, steps: number, context: number, large: number }} program
 * @param {NDArray} box
 * @param {Lock} lock
 * @returns {Done}
 */
export function churn(la, { seed, steps, context, large }, box, lock) {
  const random = generator(seed);
  /** @type {Held[]} */
  const held = [];
  const done = { allocations: 0, fulls: 0, posted: 0, adopted: 0 };
  /** @type {<T>(allocate: () => T) => T | undefined} */
  const attempt = (allocate) => {
    try {
      const result = allocate();
      done.allocations += 1;
      return result;
    } catch (error) {
      if (/** @type {{ code?: string }} */ (error).code !== "ARENA_FULL") throw error;
      done.fulls += 1;
      return undefined;
    }
  };
  /** @param {number} at */
  const release = (at) => {
    const one = /** @type {Held} */ (held[at]);
    verify(one);
    one.array.release();
    one.refs -= 1;
    if (one.refs === 0) held.splice(at, 1);
  };
  for (let step = 0; step < steps; ++step) {
    const die = random(20);
    const at = random(Math.max(1, held.length));
    const one = held[at];
    const [rows, columns] = random(200) === 0 ? [256, large] : [random(12), 1 + random(40)];
    if (die < 6 || one === undefined) {
      // Few enough that float32 holds the numbers.
      const base = 1000 * (1 + random(9000));
      const made = attempt(() => make(la, rows, columns, random(2) ? "float32" : "float64", base));
      if (made) held.push(made);
    } else if (die < 12) release(at);
    else if (die < 14) held.push(view(one, random));
    else if (die === 14) {
      one.array.retain();
      one.refs += 1;
    } else if (die === 15) {
      if (post(box, lock, one)) done.posted += 1;
    } else if (die < 18) {
      const got = receive(la, context, box, lock);
      if (got) held.push(got);
      if (got) done.adopted += 1;
    } else if (die === 18) {
      attempt(() => la.lock())?.[Symbol.dispose]();
      one.array.name = `r${step}`;
    } else {
      const { problems, repaired } = la.arena.check();
      if (problems.length > 0 || repaired) throw new Error(problems.join("\n"));
    }
    if (held.length > 60) release(0);
  }
  while (held.length > 0) release(held.length - 1);
  return done;
}

/**
 * Allocates, releases, and counts references up and down, until it is ended from outside. It says how far it is in `progress[at]`.
 * @type {(la: Context, seed: number, progress: NDArray, at: number, common: NDArray) => void}
 */
function churnForEver(la, seed, progress, at, common) {
  const random = generator(seed);
  /** @type {NDArray[]} */
  const held = [];
  for (let step = 1; ; ++step) {
    held.push(random(3) === 0 ? common.T : la.full(random(200), seed));
    while (held.length > random(12)) held.splice(random(held.length), 1)[0]?.release();
    progress.set(step, at);
  }
}

/** @type {Record<string, (la: Context, ...args: any[]) => unknown>} */
const TASKS = {
  /** When all are there: who is late finds no room for its scratch. */
  churn(la, program, box, lock, all) {
    all.wait();
    return churn(la, program, box, lock);
  },
  churnForEver,
  /** One count, raised and lowered by all at once. */
  hammer(_, common, all, rounds) {
    all.wait();
    for (let i = 0; i < rounds; ++i) {
      common.retain();
      const view = common.T;
      common.release();
      view.release();
    }
  },
  /** As many of the references that are on their way as this thread gets. (As a text, spawn() does not adopt the share itself.) */
  grab(la, text, all) {
    const share = JSON.parse(text);
    const arrays = [];
    all.wait();
    try {
      for (;;) arrays.push(la.adopt(share));
    } catch (error) {
      if (/** @type {{ code?: string }} */ (error).code !== "FOREIGN") throw error;
    }
    for (const array of arrays) array.release();
    return arrays.length;
  },
};

export default (/** @type {Context} */ la, /** @type {string} */ task, /** @type {any[]} */ ...args) =>
  /** @type {any} */ (TASKS[task])(la, ...args);
