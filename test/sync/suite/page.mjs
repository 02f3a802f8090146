import { startHere } from "./host.mjs";

/** @import { Report } from "./types.ts" */

/**
 * On a page: runs suites in a worker that coordinates them, and starts the threads that it asks for (see host.mjs).
 * @returns {Promise<void>} rejected if the coordinator fails; a case that fails is told as a report.
 */
export function coordinate(
  /** @type {readonly string[]} */ suites,
  /** @type {(report: Report) => void} */ tell,
) {
  const coordinator = new Worker(new URL("./coordinator.mjs", import.meta.url), { type: "module" });
  /** @type {Map<number, ReturnType<typeof startHere>>} */
  const started = new Map();
  return new Promise((resolve, reject) => {
    coordinator.addEventListener("error", ({ message }) => reject(new Error(message)));
    coordinator.addEventListener("message", ({ data }) => {
      const { ready, report, end, start, id, port, terminate } = data;
      if (ready) coordinator.postMessage({ suites });
      if (report) tell(report);
      if (end) reject(new Error(end));
      if (end === "") resolve();
      if (start) {
        const worker = startHere(start, port);
        worker.fail((error) => coordinator.postMessage({ failed: id, message: String(error) }));
        started.set(id, worker);
      }
      if (terminate) started.get(terminate)?.terminate();
    });
  });
}
