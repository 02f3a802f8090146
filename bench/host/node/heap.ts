import { PerformanceObserver } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { HeapGauge, Loop } from "../host.ts";

const MOST_CALLS = 1_000_000;

const usedBytes = (): number => getHeapStatistics().used_heap_size;

/** After it, what the collector did before has been told: a busy process takes some turns of its event loop for that. */
const someTurnsOfTheEventLoop = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

/** By V8's own figures. */
export class NodeHeapGauge implements HeapGauge {
  #collections = 0;
  readonly #observer = new PerformanceObserver((list) => {
    this.#collections += list.getEntries().length;
  });

  constructor() {
    this.#observer.observe({ entryTypes: ["gc"] });
  }

  close(): void {
    this.#observer.disconnect();
  }

  /**
   * The growth of the heap over so many calls that the collector does not run meanwhile: a million, or fewer if they allocate.
   * V8 tells the size to the byte; reading it takes some hundred bytes itself, and so may the engine's compiler in between,
   * which shows in single rounds.
   */
  async bytesPerCall(loop: Loop): Promise<number> {
    for (let calls = MOST_CALLS; ; calls = Math.ceil(calls / 4)) {
      await someTurnsOfTheEventLoop();
      const collections = this.#collections;
      const before = usedBytes();
      await loop(calls);
      const bytes = usedBytes() - before;
      await someTurnsOfTheEventLoop();
      // (A heap that shrank was collected, told or not.)
      if ((collections === this.#collections && bytes >= 0) || calls === 1) return bytes / calls;
    }
  }
}
