// What threads of the tests run: the default export calls one of these by name.

/** @typedef {import("../../../src/index.ts").Context} Context */
/** @typedef {import("../../../src/index.ts").NDArray} NDArray */
/** @typedef {import("../../../src/index.ts").Lock} Lock */

const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Without end, and without a function call that could be interrupted. */
function spin() {
  for (;;);
}

/** @type {Record<string, (la: Context, ...args: any[]) => unknown>} */
const TASKS = {
  nothing: () => {},
  echo: (_, ...values) => values,
  /** Adds 1 to a[0] n times, holding the lock: read, then written, so that any overlap loses an increment. */
  increment(_, /** @type {Lock} */ lock, /** @type {NDArray} */ a, /** @type {number} */ n) {
    for (let i = 0; i < n; ++i) lock.withLock(() => a.set(a.at(0) + 1, 0));
    return a.at(0);
  },
  async incrementAsync(_, /** @type {Lock} */ lock, /** @type {NDArray} */ a, /** @type {number} */ n) {
    for (let i = 0; i < n; ++i) await lock.withLockAsync(() => a.set(a.at(0) + 1, 0));
  },
  async fail(_, /** @type {string} */ how) {
    if (how === "range") throw new RangeError("no such number: 7");
    if (how === "blasm") _.zeros([-1]);
    if (how === "text") throw "only a text";
    if (how === "later") return Promise.reject(new TypeError("later"));
    if (how === "callback") {
      setTimeout(() => {
        throw new Error("in a callback");
      });
      await sleep(10_000);
    }
    if (how === "function") return () => {};
    if (how === "exit") process.exit(3);
    return undefined;
  },
  /** Takes the lock, says so by the event, and ends in some way. */
  hold(
    _,
    /** @type {Lock} */ lock,
    /** @type {import("../../../src/index.ts").Event} */ held,
    /** @type {string} */ how,
  ) {
    lock.acquire();
    held.set();
    if (how === "spin") spin();
    if (how === "sleep") return sleep(60_000);
    if (how === "throw") throw new Error("dropped it");
    return undefined;
  },
  wait(_, /** @type {Lock} */ lock, /** @type {import("../../../src/index.ts").Event} */ here) {
    here.set();
    lock.acquire();
    lock.release();
    return "got it";
  },
  product: (la, /** @type {NDArray} */ a, /** @type {NDArray} */ b) => la.matmul(a, b),
  /** The same product again and again; how often it was right. */
  products(la, /** @type {NDArray} */ a, /** @type {NDArray} */ expected, /** @type {number} */ rounds) {
    let right = 0;
    for (let i = 0; i < rounds; ++i) {
      const c = la.matmul(a, a);
      right += Number(String(c.data) === String(expected.data));
      c.release();
    }
    return right;
  },
  /** Allocates and releases; what is left when it returns must be released for it. */
  churn(la, /** @type {number} */ rounds) {
    const kept = [];
    for (let i = 0; i < rounds; ++i) {
      const a = la.full([1 + ((i * 37) % 500)], i);
      if (i % 3 === 0) kept.push(a.T);
      if (i % 2 === 0) a.release();
      if (i % 50 === 49) for (const view of kept.splice(0)) view.release();
    }
    return la.random([3], { seed: 1 }).toArray();
  },
  /** A thread that starts a thread. */
  async parent(la, /** @type {string} */ url, /** @type {NDArray} */ a) {
    const child = la.spawn(url, ["echo", a, 5]);
    const [same, five] = /** @type {[NDArray, number]} */ (await child.joinAsync());
    return [same.at(0), five];
  },
  /** A thread that starts a thread, and does not wait for it. */
  orphan(
    la,
    /** @type {string} */ url,
    /** @type {NDArray} */ a,
    /** @type {number} */ value,
    /** @type {number} */ ms,
  ) {
    la.spawn(url, ["late", a, value, ms]);
  },
  async late(_, /** @type {NDArray} */ a, /** @type {number} */ value, /** @type {number} */ ms) {
    await sleep(ms);
    a.set(value, 0);
    console.log(`late ${value}`);
  },
  /** Two locks in one order, meeting another thread in between. */
  twoLocks(
    _,
    /** @type {Lock} */ first,
    /** @type {Lock} */ second,
    /** @type {import("../../../src/index.ts").Barrier} */ both,
  ) {
    const one = first.hold();
    both.wait();
    try {
      second.hold().release();
      return "both";
    } catch (error) {
      return /** @type {Error} */ (error).message;
    } finally {
      one.release();
    }
  },
};

export default (/** @type {Context} */ la, /** @type {string} */ task, /** @type {any[]} */ ...args) =>
  /** @type {any} */ (TASKS[task])(la, ...args);
