/** Keeps account of how long a page was out of sight. */
export class Sight {
  #hiddenMs = 0;
  #since: number | undefined;

  constructor() {
    this.reset();
    document.addEventListener("visibilitychange", () => {
      this.#hiddenMs = this.#hidden();
      this.#since = document.visibilityState === "hidden" ? performance.now() : undefined;
    });
  }

  /** From now on. */
  reset(): void {
    this.#hiddenMs = 0;
    this.#since = document.visibilityState === "hidden" ? performance.now() : undefined;
  }

  /** "visible", or "hidden for 3 s" if it was, or is, out of sight. */
  text(): string {
    const ms = this.#hidden();
    return ms === 0 ? "visible" : `hidden for ${Math.max(1, Math.round(ms / 1000))} s`;
  }

  #hidden(): number {
    return this.#hiddenMs + (this.#since === undefined ? 0 : performance.now() - this.#since);
  }
}
