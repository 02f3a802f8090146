import { find } from "./find.js";
import { showArray, showError } from "./text.js";

/** @import { Context, NDArray } from "blasm" */

/** The product: its elements, its download, its release. */
export class Result {
  #la;
  #changed;
  #info = find(document, "#result-info", HTMLElement);
  #elements = find(document, "#elements", HTMLElement);
  #error = find(document, "#result-error", HTMLElement);
  #buttons = ["#download", "#release"].map((id) => find(document, id, HTMLButtonElement));
  /** @type {NDArray | undefined} */
  #array;

  /**
   * @param {Context} la
   * @param {() => void} changed called when there is another array, or none
   */
  constructor(la, changed) {
    this.#la = la;
    this.#changed = changed;
    const [download, release] = this.#buttons;
    download?.addEventListener("click", () => this.#download());
    release?.addEventListener("click", () => this.show(undefined));
  }

  /** Shows an array instead of the last one, which is released. @param {NDArray | undefined} array */
  show(array) {
    this.#array?.release();
    this.#array = array;
    if (array) array.name = "C";
    this.#info.textContent = array ? showArray(array) : "None.";
    this.#elements.textContent = array ? String(array) : "";
    this.#error.textContent = "";
    for (const button of this.#buttons) button.disabled = array === undefined;
    this.#changed();
  }

  async #download() {
    if (this.#array === undefined) return;
    this.#error.textContent = "";
    try {
      const file = new Blob([await this.#la.npyBytes(this.#array)], { type: "application/octet-stream" });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = "C.npy";
      link.click();
      // The download has begun by then.
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch (error) {
      this.#error.textContent = showError(error);
    }
  }
}
