import { find } from "./find.js";
import { measure, sameBits } from "./measure.js";
import { showError, showShape, showThreads, showTime } from "./text.js";

/**
 * @import { Context, NDArray } from "blasm"
 * @import { Frames } from "./frames.js"
 * @import { Run } from "./measure.js"
 */

/**
 * What the form asks for and tells.
 * @typedef {object} Hooks
 * @property {() => readonly (NDArray | undefined)[]} operands A and B as they are now
 * @property {() => void} changed called when there may be something new in the arena
 * @property {(c: NDArray | undefined) => void} onResult gets the product; before one is begun, so that the last can go, nothing
 */

/** The form that multiplies: on all threads, then, to compare, on one. */
export class ProductForm {
  #la;
  #frames;
  #hooks;
  #multiply = find(document, "#product [type=submit]", HTMLButtonElement);
  #cancel = find(document, "#cancel", HTMLButtonElement);
  #compare = find(document, "#compare", HTMLInputElement);
  #progress = find(document, "#progress", HTMLProgressElement);
  #live = find(document, "#live", HTMLElement);
  #status = find(document, "#product-status", HTMLElement);
  #error = find(document, "#product-error", HTMLElement);
  #runs = find(document, "#runs", HTMLTableSectionElement);
  /** Of what is being computed. @type {AbortController | undefined} */
  #running;

  /**
   * @param {Context} la
   * @param {Frames} frames
   * @param {Hooks} hooks
   */
  constructor(la, frames, hooks) {
    this.#la = la;
    this.#frames = frames;
    this.#hooks = hooks;
    this.#cancel.addEventListener("click", () => this.#running?.abort());
    find(document, "#product", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#running === undefined) this.#submit();
    });
    this.#offerComparison();
  }

  /** There is nothing to compare where there is one thread. */
  #offerComparison() {
    if (this.#la.config().threads.used > 1) return;
    this.#compare.checked = false;
    this.#compare.disabled = true;
  }

  async #submit() {
    const [a, b] = this.#hooks.operands();
    this.#error.textContent = "";
    this.#status.textContent = "";
    if (a === undefined || b === undefined) {
      this.#error.textContent = "Choose or generate A and B first.";
      return;
    }
    const { signal } = this.#begin();
    try {
      this.#status.textContent = await this.#compute(a, b, signal);
    } catch (error) {
      if (signal.aborted) this.#status.textContent = "Cancelled; its memory is a hole again.";
      else this.#error.textContent = showError(error);
    } finally {
      this.#end();
    }
  }

  /** The keyboard's user stays where the next key belongs: Cancel while it runs, then Multiply. */
  #begin() {
    this.#running = new AbortController();
    this.#cancel.disabled = false;
    if (document.activeElement === this.#multiply) this.#cancel.focus();
    return this.#running;
  }

  #end() {
    if (document.activeElement === this.#cancel) this.#multiply.focus();
    this.#cancel.disabled = true;
    this.#running = undefined;
    this.#progress.value = 0;
    this.#live.textContent = "–";
    this.#hooks.changed();
  }

  /**
   * Computes once or twice. Both operands are held by the library until it is done, whatever is released meanwhile.
   * @param {NDArray} a
   * @param {NDArray} b
   * @param {AbortSignal} signal
   * @returns {Promise<string>} what there is to say about it
   */
  async #compute(a, b, signal) {
    this.#hooks.onResult(undefined);
    const what = `${a.shape.join("×")} · ${b.shape.join("×")}, ${a.dtype}`;
    const compares = this.#compare.checked;
    const first = await this.#run(a, b, what, signal);
    this.#offerComparison();
    this.#hooks.onResult(first.c);
    const { threads } = first;
    const said = `${showShape(first.c.shape)} by ${showThreads(threads)}: ${first.gflops.toFixed(1)} GFLOP/s.`;
    if (!compares || threads === 1) return said;
    const expected = first.c.retain();
    this.#la.setThreads(1);
    try {
      const alone = await this.#run(a, b, what, signal);
      const same = await sameBits(expected, alone.c).finally(() => alone.c.release());
      const speedup = (alone.ms / first.ms).toFixed(2);
      return `${said} That is ${speedup} times one thread’s speed, with ${same ? "the same bits" : "OTHER BITS"}.`;
    } finally {
      this.#la.setThreads(threads);
      expected.release();
    }
  }

  /**
   * Computes with the threads there are, shows how it goes, adds a row to the table.
   * @param {NDArray} a
   * @param {NDArray} b
   * @param {string} what
   * @param {AbortSignal} signal
   * @returns {Promise<Run & { threads: number }>}
   */
  async #run(a, b, what, signal) {
    const { used } = this.#la.config().threads;
    const run = await this.#frames.during(
      measure(this.#la, a, b, signal, (share, gflops) => {
        this.#progress.value = share;
        this.#live.textContent = `${gflops.toFixed(1)} GFLOP/s so far, ${showThreads(used)}`;
        this.#hooks.changed();
      }),
    );
    // Whether threads could be started is known only now.
    const { used: threads } = this.#la.config().threads;
    const row = this.#runs.insertRow(0);
    for (const text of [
      what,
      run.gflops.toFixed(1),
      String(threads),
      showTime(run.ms),
      String(run.frames),
      showTime(run.longestMs),
    ])
      row.insertCell().textContent = text;
    return { ...run, threads };
  }
}
