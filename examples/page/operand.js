import { find } from "./find.js";
import { showArray, showBytes, showError } from "./text.js";

/** @import { Context, NDArray } from "blasm" */

/** One operand: a card of the page in which a file is chosen or dropped, or numbers are drawn. */
export class Operand {
  /** Undefined until there is one, and after Release. @type {NDArray | undefined} */
  array;
  #la;
  #name;
  #changed;
  #info;
  #error;
  #release;
  /** Ends the reading of a file when something else is wanted. */
  #reading = new AbortController();

  /**
   * @param {HTMLElement} card
   * @param {string} name what the arena's map calls it
   * @param {Context} la
   * @param {() => void} changed called when there is another array, or none
   */
  constructor(card, name, la, changed) {
    this.#la = la;
    this.#name = name;
    this.#changed = changed;
    this.#info = find(card, ".info", HTMLElement);
    this.#error = find(card, ".error", HTMLElement);
    this.#release = find(card, ".release", HTMLButtonElement);
    find(card, "legend", HTMLElement).textContent = name;
    this.#release.textContent = `Release ${name}`;
    this.#release.addEventListener("click", () => this.#replace(undefined, ""));
    const file = find(card, "input[type=file]", HTMLInputElement);
    // So that a file that was mended can be chosen again.
    file.addEventListener("click", () => {
      file.value = "";
    });
    file.addEventListener("change", () => {
      if (file.files?.[0]) this.load(file.files[0]);
    });
    const form = find(card, "form", HTMLFormElement);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#generate(new FormData(form));
    });
  }

  /** Reads an .npy file; if that fails, says so and keeps the array there was. @param {File} file */
  async load(file) {
    const { signal } = this.#begin();
    try {
      const array = await this.#la.loadNpy(file, {
        convert: true,
        signal,
        onProgress: (done, total) => {
          this.#info.textContent = `Reading ${file.name}: ${showBytes(done)} of ${showBytes(total)}`;
        },
      });
      if (signal.aborted) return array.release();
      array.name = this.#name;
      this.#replace(array, `from ${file.name}`);
    } catch (error) {
      if (!signal.aborted) this.refuse(`${file.name}: ${showError(error)}`);
    }
  }

  /** The same numbers for the same name and size, each time. @param {FormData} fields */
  #generate(fields) {
    this.#begin();
    const shape = [Number(fields.get("rows")), Number(fields.get("columns"))];
    const dtype = fields.get("dtype") === "float64" ? "float64" : "float32";
    const seed = this.#name.charCodeAt(0);
    try {
      const array = this.#la.random(shape, { dtype, seed, name: this.#name });
      this.#replace(array, `random, seed ${seed}`);
    } catch (error) {
      this.refuse(showError(error));
    }
  }

  /** Says what is wrong; the array there was stays. @param {string} message */
  refuse(message) {
    this.#error.textContent = message;
    this.#tell("as before");
  }

  #begin() {
    this.#reading.abort();
    this.#reading = new AbortController();
    this.#error.textContent = "";
    return this.#reading;
  }

  /** @param {NDArray | undefined} array @param {string} origin */
  #replace(array, origin) {
    this.array?.release();
    this.array = array;
    this.#release.disabled = array === undefined;
    this.#tell(origin);
    this.#changed();
  }

  /** @param {string} origin */
  #tell(origin) {
    const { array } = this;
    this.#info.textContent = array ? `${showArray(array)}, ${origin}` : "None.";
  }
}

/**
 * Files dropped on a card go there, and a second one to the next card.
 * @param {readonly HTMLElement[]} cards
 * @param {readonly Operand[]} operands
 */
export function acceptDrops(cards, operands) {
  // Elsewhere a browser would leave the page to show the file.
  for (const type of ["dragover", "drop"]) addEventListener(type, (event) => event.preventDefault());
  cards.forEach((card, i) => {
    card.addEventListener("dragover", () => card.classList.add("over"));
    card.addEventListener("dragleave", () => card.classList.remove("over"));
    card.addEventListener("drop", ({ dataTransfer }) => {
      card.classList.remove("over");
      const files = Array.from(dataTransfer?.files ?? []);
      if (files.length > operands.length) {
        return operands[i]?.refuse(
          `${files.length} files were dropped: there is room for ${operands.length}.`,
        );
      }
      return files.forEach((file, k) => void operands[(i + k) % operands.length]?.load(file));
    });
  });
}
