import { find } from "./find.js";
import { showBytes } from "./text.js";

/** @import { Context } from "blasm" */

/** The arena's map and sums. */
export class ArenaPicture {
  #la;
  #map = find(document, "#map", HTMLElement);
  #sums = /** @type {const} */ (["used", "free", "peak"]);
  #svg = "";

  /** @param {Context} la */
  constructor(la) {
    this.#la = la;
    this.show();
  }

  /** Shows the arena as it is; cheap if nothing has changed. */
  show() {
    const { arena } = this.#la;
    const svg = arena.map({ format: "svg" });
    if (svg === this.#svg) return;
    this.#svg = svg;
    this.#map.replaceChildren(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement);
    const stats = arena.stats();
    for (const sum of this.#sums) {
      const data = find(document, `#${sum}`, HTMLDataElement);
      data.value = String(stats[sum]);
      data.textContent = showBytes(stats[sum]);
    }
  }
}
