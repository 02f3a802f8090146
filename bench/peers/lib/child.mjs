/** @import { DType, Kind } from "./contract.mjs" */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** @typedef {{ name: string, kind: Kind, dtypes: DType[], maxN: number | null, cannot: string }} About */

/** A peer that said why it does not run here. */
export class SkippedError extends Error {}

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The process of one peer. It computes only while a `request` is pending. */
export class Child {
  #process;
  #lines;
  #stderr = "";
  #limitMs;

  /**
   * @param {string} peer  its file's base name in peers/
   * @param {{ node: string, nodeArgs: string[], python: string, limitMs: number }} options
   */
  constructor(peer, options) {
    /** @type {NodeJS.ProcessEnv} */
    const env = { ...process.env, OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1" };
    delete env.OPENBLAS_CORETYPE; // a forced kernel or cache size would not be the library that people get
    delete env.OPENBLAS_L2_SIZE;
    const native = peer === "numpy-openblas";
    const command = native ? options.python : options.node;
    const args = native
      ? [here("../peers/numpy-openblas.py")]
      : [...options.nodeArgs, here("../peer-process.mjs"), peer];
    this.#limitMs = options.limitMs;
    this.#process = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    this.#process.on("error", (error) => {
      this.#stderr += error.message;
    });
    this.#process.stdin.on("error", () => {}); // it ended: the missing answer tells
    this.#process.stderr.on("data", (text) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** What the peer says first. @returns {Promise<About>} */
  about() {
    return this.#answer();
  }

  /** @param {object} message @returns {Promise<any>} */
  request(message) {
    this.#process.stdin.write(`${JSON.stringify(message)}\n`);
    return this.#answer();
  }

  /** @returns {Promise<any>} */
  async #answer() {
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), this.#limitMs);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    if (done) throw new Error(`process ended: ${this.#lastWords()}`);
    const message = JSON.parse(value);
    if (message.skip !== undefined) throw new SkippedError(message.skip);
    if (message.error !== undefined) throw new Error(message.error);
    return message;
  }

  #lastWords() {
    const lines = this.#stderr.trim().split("\n");
    return lines.findLast((line) => /error/i.test(line))?.trim() ?? lines.at(-1) ?? "without a word";
  }

  /** Ends the process and waits until it is gone, so that it disturbs nobody's timing. */
  async close() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null || !this.#process.pid) return;
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await gone;
  }
}
