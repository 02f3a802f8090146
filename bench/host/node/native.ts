import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { DType } from "../../../src/index.ts";
import type { Timing } from "../../common/sample.ts";
import { type Case, SEEDS } from "../../gemm/cases.ts";
import type { Lines } from "../../gemm/validate.ts";
import type { NativeBlas } from "../host.ts";
import program from "./native.py";

/** So many threads, and the kernels that the library picks by itself. */
const environment = (threads: number): NodeJS.ProcessEnv => ({
  OPENBLAS_NUM_THREADS: String(threads),
  OMP_NUM_THREADS: String(threads),
  MKL_NUM_THREADS: String(threads),
  OPENBLAS_CORETYPE: undefined,
  OPENBLAS_L2_SIZE: undefined,
});

/** A child that is silent for so long is given up. */
const PATIENCE_MS = 60_000;

/** NumPy in a child process. It computes only while it is asked to. */
export class Native implements NativeBlas {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  name = "";

  private constructor(python: string, threads: number) {
    // Of a process group of its own: Ctrl-C is answered here, once.
    this.#child = spawn(python, ["-c", program], {
      env: { ...process.env, ...environment(threads) },
      stdio: "pipe",
      detached: process.platform !== "win32",
    });
    this.#child.on("error", () => {}); // the missing answer tells
    this.#child.stdin.on("error", () => {});
    this.#child.stderr.resume();
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Starts it; a text where there is none, saying why. */
  static async start(python: string, threads: number): Promise<Native | string> {
    const native = new Native(python, threads);
    try {
      native.name = String((await native.#answer()).name);
      return native;
    } catch (error) {
      native.close();
      return `${python}: ${(error as Error).message}`;
    }
  }

  async prepare(one: Case, { rows, columns }: Lines): Promise<(number | null)[]> {
    const answer = await this.#ask({ ask: "prepare", ...one, seedA: SEEDS.a, seedB: SEEDS.b, rows, columns });
    return answer.values as (number | null)[];
  }

  async factor(dtype: DType, n: number): Promise<(number | null)[]> {
    const answer = await this.#ask({ ask: "factor", dtype, n, seedA: SEEDS.a, seedB: SEEDS.b });
    return answer.values as (number | null)[];
  }

  async sample(calls: number): Promise<Timing> {
    const { ms, cpuMs } = await this.#ask({ ask: "sample", calls });
    return { ms: Number(ms), cpuMs: Number(cpuMs) };
  }

  close(): void {
    this.#reader.close();
    this.#child.kill();
  }

  #ask(message: object): Promise<Record<string, unknown>> {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    return this.#answer();
  }

  async #answer(): Promise<Record<string, unknown>> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE_MS);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    if (done) throw new Error("not found, or it ended without an answer");
    const message = JSON.parse(value) as Record<string, unknown>;
    if (message.error !== undefined) throw new Error(String(message.error));
    return message;
  }
}
