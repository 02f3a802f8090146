import { find } from "../../examples/page/find.js";
import type { Results } from "../results-file/format.ts";
import { textOf } from "../results-file/from-rows.ts";
import { toFragment } from "./share.ts";

/** Results as a file, and as a link. */
export class ShareView {
  #results: Results | undefined;
  #download: HTMLButtonElement;
  #link: HTMLButtonElement;
  #url: HTMLInputElement;
  #status: HTMLElement;
  #error: HTMLElement;

  constructor(section: HTMLElement) {
    this.#download = find(section, "#download", HTMLButtonElement);
    this.#link = find(section, "#link", HTMLButtonElement);
    this.#url = find(section, "#url", HTMLInputElement);
    this.#status = find(section, "#share-status", HTMLElement);
    this.#error = find(section, "#share-error", HTMLElement);
    this.#download.addEventListener("click", () => this.#save());
    this.#link.addEventListener("click", () => this.#copy());
    this.#url.addEventListener("focus", () => this.#url.select());
  }

  /** What is shared from now on; undefined while nothing is there. */
  set(results: Results | undefined): void {
    this.#results = results;
    this.#download.disabled = results === undefined;
    this.#link.disabled = results === undefined;
    this.#url.value = "";
    this.#status.textContent = "";
    this.#error.textContent = "";
  }

  #save(): void {
    if (this.#results === undefined) return;
    const { environment } = this.#results;
    const name = `${environment.date.slice(0, 10)}-${environment.runtime.replace(/\W+/g, "-").toLowerCase()}`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([textOf(this.#results)], { type: "application/json" }));
    link.download = `blasm-${name}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  async #copy(): Promise<void> {
    if (this.#results === undefined) return;
    this.#error.textContent = "";
    try {
      const { fragment, reduced } = await toFragment(this.#results);
      this.#url.value = `${location.href.replace(/[?#].*/, "")}#${fragment}`;
      const what = reduced ? " It has quartiles instead of all samples, which the file has." : "";
      this.#status.textContent = `${(await copied(this.#url)) ? "Copied." : "Copy it from the field below."}${what}`;
    } catch (error) {
      this.#error.textContent = (error as Error).message;
    }
  }
}

/** Whether a field's text could be put on the clipboard: pages may not everywhere. */
async function copied(field: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    return false;
  }
}
