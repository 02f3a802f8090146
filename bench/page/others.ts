import { find } from "../../examples/page/find.js";
import { showError } from "../../examples/page/text.js";
import type { Source } from "../plot/source.ts";
import type { Results } from "../results-file/format.ts";
import { readResults } from "../results-file/read.ts";
import type { Reference } from "./references.ts";

interface Other {
  readonly name: string;
  /** Loaded when it is wanted. */
  readonly load: () => Promise<Results>;
  results?: Results;
}

/** What the page's own run is compared with: reference results, files, a link. */
export class Others {
  #list: HTMLElement;
  #error: HTMLElement;
  #changed: () => void;
  #shown = new Set<Other>();

  /** @param changed called when there is something else to see */
  constructor(section: HTMLElement, changed: () => void) {
    this.#list = find(section, "#others", HTMLUListElement);
    this.#error = find(section, "#compare-error", HTMLElement);
    this.#changed = changed;
    const input = find(section, "input[type=file]", HTMLInputElement);
    // So that a file that was mended can be chosen again.
    input.addEventListener("click", () => {
      input.value = "";
    });
    input.addEventListener("change", () => this.#open(input.files));
    section.addEventListener("dragover", (event) => event.preventDefault());
    section.addEventListener("drop", (event) => {
      event.preventDefault();
      this.#open(event.dataTransfer?.files ?? null);
    });
  }

  /** What is to be seen beside the page's own results. */
  sources(): Source[] {
    return Array.from(this.#shown).flatMap(({ name, results }) =>
      results === undefined ? [] : [{ name, results }],
    );
  }

  /** A line for results that are kept with the page; not shown until somebody wants them. */
  offer({ name, about, load }: Reference): void {
    this.#line({ name, load }, about);
  }

  /** Shows what a link or a file holds. @throws FormatError that says what is wrong with it */
  add(name: string, text: string): void {
    const results = readResults(text);
    const { cpu, cores, runtime, date } = results.environment;
    const about = [cpu ?? `${cores} cores`, runtime, date.slice(0, 10)].join(", ");
    const box = this.#line({ name: this.#freeName(name), load: async () => results, results }, about);
    box.checked = true;
    box.dispatchEvent(new Event("change"));
  }

  /** Says what is wrong; what there was stays. */
  refuse(message: string): void {
    this.#error.textContent = message;
  }

  async #open(files: FileList | null): Promise<void> {
    this.#error.textContent = "";
    for (const file of files ?? []) {
      try {
        this.add(file.name.replace(/\.json$/, ""), await file.text());
      } catch (error) {
        this.refuse(`${file.name}: ${showError(error)}`);
      }
    }
  }

  /** Names tell lines of plots apart. */
  #freeName(name: string): string {
    const taken = Array.from(this.#list.querySelectorAll("strong"), ({ textContent }) => textContent);
    for (let i = 1; ; ++i) {
      const candidate = i === 1 ? name : `${name} (${i})`;
      if (!taken.includes(candidate)) return candidate;
    }
  }

  #line(other: Other, about: string): HTMLInputElement {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.addEventListener("change", () => this.#toggle(other, box));
    const name = document.createElement("strong");
    name.textContent = other.name;
    const label = document.createElement("label");
    label.append(box, name, `: ${about}`);
    const line = document.createElement("li");
    line.append(label);
    this.#list.append(line);
    return box;
  }

  async #toggle(other: Other, box: HTMLInputElement): Promise<void> {
    this.#error.textContent = "";
    if (!box.checked) this.#shown.delete(other);
    else {
      try {
        other.results ??= await other.load();
        if (box.checked) this.#shown.add(other);
      } catch (error) {
        box.checked = false;
        this.refuse(`${other.name}: ${showError(error)}`);
      }
    }
    this.#changed();
  }
}
