import { drawPlots } from "../plot/plots.ts";
import type { Source } from "../plot/source.ts";

/** Drawing takes a core for tens of milliseconds, which a bench may want: live plots are no smoother than this. */
const REST_MS = 1000;

/** The plots of all that is in sight, as wide as the page. */
export class PlotsView {
  #place: HTMLElement;
  #none: HTMLElement;
  #sources: readonly Source[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #width = 0;

  constructor(place: HTMLElement, none: HTMLElement) {
    this.#place = place;
    this.#none = none;
    new ResizeObserver(() => {
      if (place.clientWidth !== this.#width) this.#draw();
    }).observe(place);
  }

  /** Now. */
  show(sources: readonly Source[]): void {
    this.#sources = sources;
    this.#draw();
  }

  /** Soon, and what comes until then with it. */
  showSoon(sources: readonly Source[]): void {
    this.#sources = sources;
    this.#timer ??= setTimeout(() => this.#draw(), REST_MS);
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#width = this.#place.clientWidth;
    if (this.#width === 0) return;
    const drawn = drawPlots(this.#sources, { document, width: this.#width });
    this.#none.hidden = drawn.length > 0;
    this.#place.replaceChildren(
      ...drawn.map(({ kind, svg }) => {
        svg.dataset.kind = kind;
        return svg;
      }),
    );
  }
}
