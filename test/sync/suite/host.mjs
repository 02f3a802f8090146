// What differs between Node, Deno, Bun and browsers: how a thread is started and spoken to.
//
// In browsers the page starts all workers, those of a coordinator that is itself a worker, too, and gives them a port to it: while
// WebDriver BiDi watches, as puppeteer has it do, Firefox 153 hangs in `new Worker` of a worker, now and then.

/**
 * @typedef {object} Port one end of a thread's message channel
 * @property {(message: unknown) => void} post
 * @property {(listener: (message: any) => void) => void} listen
 *
 * @typedef {object} Remote a thread, for who has started it
 * @property {() => unknown} terminate
 * @property {(listener: (error: unknown) => void) => void} fail
 */

const node = typeof process === "object" ? await import("node:worker_threads") : undefined;

/** Starts a module in a thread of its own. @returns {Port & Remote} */
export function startWorker(/** @type {URL} */ url) {
  if (node) {
    const worker = new node.Worker(url);
    return {
      post: (message) => worker.postMessage(message),
      listen: (listener) => worker.on("message", listener),
      fail: (listener) => worker.on("error", listener),
      terminate: () => worker.terminate(),
    };
  }
  const { port1, port2 } = new MessageChannel();
  const start = typeof document === "object" ? startHere : startByThePage;
  return { ...portOf(port1), ...start(url.href, port2) };
}

/** In a thread: the channel to who started it. @returns {Promise<Port>} */
export async function parent() {
  const port = node?.parentPort;
  if (port) {
    return {
      post: (message) => port.postMessage(message),
      listen: (listener) => port.on("message", listener),
    };
  }
  return new Promise((resolve) => {
    globalThis.addEventListener("message", ({ data }) => resolve(portOf(data)), { once: true });
    // Not earlier: what is posted to a module that still awaits its imports may get lost.
    globalThis.postMessage("ready");
  });
}

/** @returns {Port} */
function portOf(/** @type {MessagePort} */ port) {
  port.start();
  return {
    post: (message) => port.postMessage(message),
    listen: (listener) => port.addEventListener("message", ({ data }) => listener(data)),
  };
}

/** On a page. @returns {Remote} */
export function startHere(/** @type {string} */ url, /** @type {MessagePort} */ port) {
  const worker = new Worker(url, { type: "module" });
  worker.addEventListener("message", () => worker.postMessage(port, [port]), { once: true });
  return {
    fail: (listener) => worker.addEventListener("error", ({ message }) => listener(new Error(message))),
    terminate: () => worker.terminate(),
  };
}

/** In a coordinator that is a worker: the page does it, see coordinate(). @returns {Remote} */
function startByThePage(/** @type {string} */ url, /** @type {MessagePort} */ port) {
  const id = Math.random();
  globalThis.postMessage({ start: url, id, port }, { transfer: [port] });
  return {
    fail: (listener) =>
      globalThis.addEventListener("message", ({ data }) => {
        if (data.failed === id) listener(new Error(data.message));
      }),
    terminate: () => globalThis.postMessage({ terminate: id }),
  };
}
