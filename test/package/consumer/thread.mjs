// What use.mjs starts as a thread.
export default (_la, lock, a, n) => lock.withLock(() => n * a.at(1, 0));
