import { describe, expect, test } from "vitest";
import type { LockErrorCode } from "../../src/errors.ts";
import {
  attach,
  Barrier,
  BlasmError,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  LockError,
  RLock,
  Semaphore,
  type Shared,
} from "../../src/sync/index.ts";

// Bad input, each: a LockError with a code and a remedy, and not a word changed. Of messages only what matters is looked at: the
// numbers that offend, and the names of what helps. (Blocking where that is forbidden: see
// suite/main-thread.mjs.)

const ROOM = 16;
const words = (): Int32Array => new Int32Array(new SharedArrayBuffer(4 * ROOM));
/** Another thread, as far as words can tell. */
const OTHER = { id: 77 };

/** What every primitive is made with. */
type Make = new (words: Int32Array, index?: number) => { words: Int32Array };
const lockOf = (): Lock => new Lock(words());
const KINDS = {
  Lock,
  RLock,
  Semaphore,
  BoundedSemaphore,
  Event,
  Barrier,
  Condition: class extends Condition {
    constructor(given: Int32Array, index = 0) {
      super(given, index, lockOf());
    }
  },
} as Record<string, Make & { BYTES: number }>;

/** A call is refused with this code; its message says what it must; the words are what they were. */
function refuses(
  primitives: { words: Int32Array } | { words: Int32Array }[],
  call: () => unknown,
  code: LockErrorCode,
  ...mentioned: RegExp[]
): void {
  const all = [primitives].flat();
  const before = all.map((one) => [...one.words]);
  let error: unknown;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  expect(error, "nothing of ours was thrown").toBeInstanceOf(LockError);
  expect(error).toBeInstanceOf(BlasmError);
  const { name, message } = error as LockError;
  expect({ name, code: (error as LockError).code }, message).toEqual({ name: "LockError", code });
  for (const text of mentioned) expect(message).toMatch(text);
  expect(
    all.map((one) => [...one.words]),
    "words",
  ).toEqual(before);
}

describe.each(Object.entries(KINDS))("%s: words", (name, Kind) => {
  const size = Kind.BYTES / 4;

  test.each([
    -1,
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    ROOM,
    ROOM - size + 1,
    2 ** 32,
    "1",
    null,
    {},
    1n,
  ])("index %s", (index) => {
    const given = words();
    refuses(
      { words: given },
      () => new Kind(given, index as number),
      "WORDS",
      /from 0 to/,
      RegExp(`${ROOM} words`),
    );
  });

  test("the last index is good", () => {
    const given = words();
    expect(new Kind(given, ROOM - size).words).toBe(given);
    expect([...given]).toEqual(Array(ROOM).fill(0));
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["an array", [0, 0, 0, 0]],
    ["words that are not shared", new Int32Array(ROOM)],
    ["the buffer itself", new SharedArrayBuffer(64)],
    ["unsigned words", new Uint32Array(new SharedArrayBuffer(64))],
    ["floats", new Float32Array(new SharedArrayBuffer(64))],
    ["64-bit words", new BigInt64Array(new SharedArrayBuffer(64))],
    ["bytes", new Uint8Array(new SharedArrayBuffer(64))],
    ["a view", new DataView(new SharedArrayBuffer(64))],
    ["unshared wasm memory", new Int32Array(new WebAssembly.Memory({ initial: 1 }).buffer)],
  ])("%s", (_, given) => {
    refuses([], () => new Kind(given as Int32Array), "WORDS", /Int32Array/, /shared/i);
  });

  test("too few of them", () => {
    const given = new Int32Array(new SharedArrayBuffer(4 * (size - 1)));
    refuses(
      { words: given },
      () => new Kind(given),
      "WORDS",
      RegExp(`${name === "Condition" ? "" : name} takes ${size} of`),
    );
  });
});

describe("time limits", () => {
  const BAD = [
    -1,
    -0.001,
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    "5",
    null,
    true,
    {},
    [],
    5n,
  ] as unknown as number[];
  const given = words();
  const held = new Condition(given, 12, new RLock(given, 0));
  held.lock.acquire();
  const taken = new Lock(given, 3, OTHER);
  taken.acquire();
  const calls: [string, (timeoutMs: number) => unknown][] = [
    ["Lock.acquire, free", (timeoutMs) => new Lock(given, 5).acquire({ timeoutMs })],
    ["Lock.acquire, held", (timeoutMs) => new Lock(given, 3).acquire({ timeoutMs })],
    ["RLock.acquire", (timeoutMs) => new RLock(given, 5).acquire({ timeoutMs })],
    ["RLock.acquire, once more", (timeoutMs) => held.lock.acquire({ timeoutMs })],
    ["Semaphore.acquire", (timeoutMs) => new Semaphore(given, 8).acquire({ timeoutMs })],
    ["Event.wait", (timeoutMs) => new Event(given, 10).wait({ timeoutMs })],
    ["Condition.wait", (timeoutMs) => held.wait({ timeoutMs })],
    ["Condition.waitFor", (timeoutMs) => held.waitFor(() => true, { timeoutMs })],
    ["Barrier.wait", (timeoutMs) => new Barrier(given, 13).wait({ timeoutMs })],
    ["Barrier.wait, by its options", (timeoutMs) => new Barrier(given, 13, undefined, { timeoutMs }).wait()],
  ];
  new Barrier(given, 13).init(2);

  for (const [name, call] of calls) {
    test.each(BAD)(`${name}: %s`, (timeoutMs) => {
      refuses({ words: given }, () => call(timeoutMs), "TIMEOUT", /timeoutMs/, /from 0/, /leave it out/i);
    });
  }

  test.each([0, 5, Number.POSITIVE_INFINITY, -1, Number.NaN])("not blocking, with %s ms", (timeoutMs) => {
    for (const primitive of [new Lock(given, 5), new RLock(given, 5), new Semaphore(given, 8), held.lock]) {
      const call = (): unknown => primitive.acquire({ blocking: false, timeoutMs });
      refuses({ words: given }, call, "TIMEOUT", /timeoutMs/, /blocking: false/);
    }
  });

  test.each<[string, (argument: never) => unknown]>([
    ["Lock.acquire", (argument) => lockOf().acquire(argument)],
    ["Lock.acquire, held", (argument) => taken.acquire(argument)],
    ["RLock.acquire, once more", (argument) => held.lock.acquire(argument)],
    ["Semaphore.acquire", (argument) => new Semaphore(words(), 8).acquire(argument)],
    ["Event.wait", (argument) => new Event(words(), 10).wait(argument)],
    ["Condition.wait", (argument) => held.wait(argument)],
    ["Condition.waitFor", (argument) => held.waitFor(() => false, argument)],
    ["Barrier.wait", (argument) => new Barrier(given, 13).wait(argument)],
  ])("%s: Python's arguments, not in an object", (_, call) => {
    for (const argument of [false, true, 0, 0.5, "5"]) {
      const run = (): unknown => call(argument as never);
      refuses(
        { words: given },
        run,
        "TIMEOUT",
        RegExp(`^${argument}:`),
        /{ timeoutMs }/,
        /{ blocking: false }/,
      );
    }
  });

  test("a limit that is undefined is none", () => {
    const lock = lockOf();
    expect(lock.acquire({ blocking: false, timeoutMs: undefined as never })).toBe(true);
    expect(lock.acquire({ timeoutMs: 0 })).toBe(false);
  });
});

describe("release", () => {
  test("a Lock that is free", () => {
    const lock = lockOf();
    for (let i = 0; i < 2; ++i) {
      refuses(lock, () => lock.release(), "UNLOCKED", /release/, /acquire\(\)/);
      expect([lock.acquire({ blocking: false }), lock.acquire({ blocking: false })]).toEqual([true, false]);
      lock.release();
    }
  });

  // One turn of the event loop: no waiter can run between the two releases.
  for (const starving of [false, true]) {
    test(`a Lock that was just released to a waiter ${starving ? "that starves" : ""}`, async () => {
      const lock = lockOf();
      const other = new Lock(lock.words, 0, OTHER);
      other.acquire();
      const wait = async (): Promise<void> => {
        expect(await lock.acquireAsync()).toBe(true);
        expect(lock.locked()).toBe(true);
        expect(other.acquire({ blocking: false })).toBe(false);
        lock.release();
      };
      const waiters = [wait(), wait()];
      if (starving) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(Atomics.load(lock.words, 1)).not.toBe(0);
      }
      other.release();
      expect(() => other.release()).toThrow(expect.objectContaining({ code: "UNLOCKED" }));
      expect(lock.locked()).toBe(false);
      // The waiters are served nevertheless.
      await Promise.all(waiters);
      expect(other.acquire({ blocking: false })).toBe(true);
      other.release();
      expect([...lock.words.subarray(0, 2)]).toEqual([0, 0]);
    });
  }

  test("a Lock that another thread holds, which is allowed", () => {
    const lock = lockOf();
    lock.acquire();
    new Lock(lock.words, 0, OTHER).release();
    expect(lock.locked()).toBe(false);
  });

  test("an RLock that is free, or another's", () => {
    const lock = new RLock(words());
    const other = new RLock(lock.words, 0, OTHER);
    refuses(lock, () => lock.release(), "NOT_OWNER", /release/, /nobody/);
    other.acquire();
    refuses(lock, () => lock.release(), "NOT_OWNER", /release/, /77/);
    other.release();
    refuses(other, () => other.release(), "NOT_OWNER");
    expect(lock.acquire({ blocking: false })).toBe(true);
  });

  test("a BoundedSemaphore too often", () => {
    const semaphore = new BoundedSemaphore(words()).init(2);
    refuses(semaphore, () => semaphore.release(), "VALUE", /\b3\b/, /\b2\b/, /too often/);
    semaphore.acquire();
    refuses(semaphore, () => semaphore.release(2), "VALUE", /too often/);
    semaphore.release();
    refuses(semaphore, () => semaphore.release(), "VALUE");
    expect(semaphore.value).toBe(2);
    refuses([], () => new BoundedSemaphore(words()).release(), "VALUE");
  });

  test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "1", null])("a Semaphore by %s", (n) => {
    for (const semaphore of [new Semaphore(words()).init(1), new BoundedSemaphore(words()).init(1)]) {
      refuses(semaphore, () => semaphore.release(n as number), "VALUE", /release/, /from 1/);
    }
  });

  test("a Semaphore past the largest number", () => {
    const semaphore = new Semaphore(words()).init(2 ** 31 - 2);
    refuses(semaphore, () => semaphore.release(2), "VALUE", /2147483648/, /2147483647/);
    semaphore.release();
    refuses(semaphore, () => semaphore.release(), "VALUE");
    expect(semaphore.value).toBe(2 ** 31 - 1);
  });
});

describe("conditions", () => {
  for (const LockType of [Lock, RLock]) {
    const lock = new LockType(words());
    const condition = new Condition(lock.words, 8, lock);
    const theirs = new LockType(lock.words, 0, OTHER);
    const calls: [string, () => unknown][] = [
      ["wait", () => condition.wait()],
      ["wait with a limit", () => condition.wait({ timeoutMs: 1 })],
      ["waitFor", () => condition.waitFor(() => true)],
      ["notify", () => condition.notify()],
      ["notify 0", () => condition.notify(0)],
      ["notifyAll", () => condition.notifyAll()],
    ];
    test.each(calls)(`${LockType.KIND}: %s without it`, (_, call) => {
      refuses(condition, call, "NOT_OWNER", /hold the condition's lock/i, /nobody/);
      theirs.acquire();
      refuses(condition, call, "NOT_OWNER", /77/);
      theirs.release();
    });
  }

  test.each([-1, 0.5, Number.NaN, Number.NEGATIVE_INFINITY, "1", null])("notify(%s)", (n) => {
    const lock = lockOf();
    const condition = new Condition(lock.words, 8, lock);
    lock.acquire();
    refuses(condition, () => condition.notify(n as number), "VALUE", /notify/);
  });

  test.each([undefined, null, {}, new Event(words()), new Semaphore(words())])(
    "with %s for a lock",
    (lock) => {
      refuses([], () => new Condition(words(), 0, lock as Lock), "WORDS", /Lock or an RLock/);
    },
  );
});

describe("numbers", () => {
  test.each([-1, 0.5, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY, "1", undefined, null])(
    "a semaphore of %s",
    (value) => {
      for (const semaphore of [new Semaphore(words()), new BoundedSemaphore(words())]) {
        refuses(semaphore, () => semaphore.init(value as number), "VALUE", /from 0 to 2147483647/);
      }
    },
  );

  test.each([0, -1, 0.5, Number.NaN, 2048, Number.POSITIVE_INFINITY, "1", undefined, null])(
    "a barrier for %s",
    (parties) => {
      const barrier = new Barrier(words());
      refuses(barrier, () => barrier.init(parties as number), "VALUE", /from 1 to 2047/);
    },
  );

  test("a barrier that nobody said how many it is for", () => {
    const barrier = new Barrier(words());
    refuses(barrier, () => barrier.wait(), "VALUE", /init\(\)/);
  });
});

test("a barrier that is broken, until it is reset", () => {
  const barrier = new Barrier(words()).init(2);
  barrier.abort();
  refuses(barrier, () => barrier.wait(), "BROKEN", /reset\(\)/);
  expect(() => new Barrier(words()).init(2).wait({ timeoutMs: 1 })).toThrow(
    expect.objectContaining({ code: "BROKEN" }),
  );
  barrier.reset();
  expect([barrier.broken, barrier.nWaiting]).toEqual([false, 0]);
});

test("a barrier whose action throws is broken", () => {
  const error = new Error("of the action");
  const action = (): void => {
    throw error;
  };
  const barrier = new Barrier(words(), 0, undefined, { action }).init(1);
  expect(() => barrier.wait()).toThrow(error);
  expect([barrier.broken, barrier.nWaiting]).toEqual([true, 0]);
  refuses(barrier, () => barrier.wait(), "BROKEN");
});

test.each([
  undefined,
  null,
  5,
  "Lock",
  {},
  { blasm: "Mutex", words: words(), index: 0 },
  { blasm: "Lock" },
  { blasm: "Lock", words: words(), index: ROOM },
  { blasm: "Lock", words: new Int32Array(4), index: 0 },
  { blasm: "Condition", words: words(), index: 0 },
  { blasm: "Condition", words: words(), index: 0, lock: new Event(words()).share() },
])("attach(%o)", (shared) => {
  refuses([], () => attach(shared as Shared), "WORDS");
});
