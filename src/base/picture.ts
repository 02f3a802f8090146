import { UnsupportedError } from "../errors.ts";

/** What notebooks with JavaScript kernels (Deno's, and others that follow it) ask an object for: its MIME bundle. */
export const JUPYTER: unique symbol = Symbol.for("Jupyter.display");
/** What Node's console, and Deno's and Bun's, ask an object for: its text. */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/**
 * Something drawn, that shows itself where it is the last thing in a cell or is logged: in notebooks as an image, on Node's, Deno's
 * and Bun's console, and where a string is wanted, as text. It keeps no array and nothing of the arena.
 */
export abstract class Picture {
  /** As a text for terminals. */
  abstract toText(): string;

  /** As a self-contained SVG image: no scripts, no style sheet, nothing to load. */
  abstract toSVG(): string;

  /** As HTML for a notebook or a page: the image, and where it says more than the image, a table. */
  toHTML(): string {
    return this.toSVG();
  }

  /**
   * As an element of this page, for Observable and all that shows elements.
   * @throws UnsupportedError where there is no DOM.
   */
  toElement(): HTMLElement {
    return elementOf(this.toHTML());
  }

  toString(): string {
    return this.toText();
  }

  /** What notebooks show: the richest that they can. (As HTML, too: some releases of nbconvert empty SVG; jupyter/nbconvert#1894.) */
  [JUPYTER](): Record<string, string> {
    return { "text/plain": this.toText(), "image/svg+xml": this.toSVG(), "text/html": this.toHTML() };
  }

  /** What consoles show. */
  [INSPECT](): string {
    return this.toText();
  }
}

/** A picture that is drawn when it is looked at, of what was there when it was made. */
export class Drawing extends Picture {
  override readonly toText: () => string;
  override readonly toSVG: () => string;
  override readonly toHTML: () => string;

  constructor(text: () => string, svg: () => string, html: () => string = svg) {
    super();
    this.toText = text;
    this.toSVG = svg;
    this.toHTML = html;
  }
}

/** The element that HTML describes. @throws UnsupportedError where there is no DOM. */
export function elementOf(html: string): HTMLElement {
  const { document } = globalThis as { document?: Document };
  if (document === undefined) {
    throw new UnsupportedError("toElement: there is no DOM here. Take toHTML(), or run this in a page.");
  }
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild as HTMLElement;
}
