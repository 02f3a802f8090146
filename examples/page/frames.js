/**
 * What happened to the page's frames in some time.
 * @typedef {object} Seen
 * @property {number} frames
 * @property {number} longestMs from one frame to the next
 */

/** Pixels of the page: a bar's width, and the height of a frame that takes a sixtieth of a second. */
const BAR = 3;
const HEIGHT = 16;
const USUAL_MS = 1000 / 60;
const TEXT_MS = 500;

/** Counts the page's frames, for as long as it lives, and draws how long each took: it stutters if anything blocks the page. */
export class Frames {
  #canvas;
  #output;
  #still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {Set<Seen>} */
  #watches = new Set();
  /** @type {number[]} */
  #durations = [];
  #last = Number.NaN;
  #told = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLElement} output gets frames per second and the longest of the frames in sight
   */
  constructor(canvas, output) {
    this.#canvas = canvas;
    this.#output = output;
    // A page that nobody sees has no frames: what it then misses is no stutter.
    document.addEventListener("visibilitychange", () => {
      this.#last = Number.NaN;
    });
    requestAnimationFrame(this.#frame);
  }

  /**
   * Waits for some work; what it gives, and what happened to the frames meanwhile.
   * @template {object} T
   * @param {Promise<T>} work
   * @returns {Promise<T & Seen>}
   */
  async during(work) {
    const seen = { frames: 0, longestMs: 0 };
    this.#watches.add(seen);
    try {
      return { ...(await work), ...seen };
    } finally {
      this.#watches.delete(seen);
    }
  }

  #frame = (/** @type {number} */ now) => {
    requestAnimationFrame(this.#frame);
    const ms = now - this.#last;
    this.#last = now;
    if (!(ms > 0)) return;
    for (const seen of this.#watches) {
      seen.frames += 1;
      seen.longestMs = Math.max(seen.longestMs, ms);
    }
    this.#durations.push(ms);
    if (this.#durations.length > 1000) this.#durations.splice(0, 500);
    if (!this.#still.matches) this.#draw();
    if (now - this.#told > TEXT_MS) this.#tell(now);
  };

  /** The last frames at the right, and a line for a sixtieth of a second. */
  #draw() {
    const canvas = this.#canvas;
    const { clientWidth, clientHeight } = canvas;
    const scale = devicePixelRatio;
    // Also clears it.
    canvas.width = clientWidth * scale;
    canvas.height = clientHeight * scale;
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.scale(scale, scale);
    context.fillStyle = getComputedStyle(canvas).color;
    this.#inSight(clientWidth).forEach((ms, i, { length }) => {
      const height = Math.min(clientHeight, (ms / USUAL_MS) * HEIGHT);
      context.fillRect(clientWidth - BAR * (length - i), clientHeight - height, BAR - 1, height);
    });
    context.fillRect(0, clientHeight - HEIGHT, clientWidth, 1);
  }

  /** @param {number} now */
  #tell(now) {
    this.#told = now;
    const durations = this.#inSight(this.#canvas.parentElement?.clientWidth ?? 0);
    const mean = durations.reduce((sum, ms) => sum + ms, 0) / durations.length;
    this.#output.textContent =
      `${(1000 / mean).toFixed(0)} frames per second, ` +
      `the longest of the last ${durations.length} took ${Math.max(...durations).toFixed(0)} ms`;
  }

  /** @param {number} width pixels of the page */
  #inSight(width) {
    return this.#durations.slice(-Math.max(1, Math.floor(width / BAR)));
  }
}
