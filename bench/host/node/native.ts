import type { DType } from "../../../src/index.ts";
import type { Timing } from "../../common/sample.ts";
import { type Case, SEEDS } from "../../gemm/cases.ts";
import type { Lines } from "../../gemm/validate.ts";
import type { NativeBlas } from "../host.ts";
import { LineChild } from "./line-child.ts";
import program from "./native.py";

/** So many threads, and the kernels that the library picks by itself. */
const environment = (threads: number): NodeJS.ProcessEnv => ({
  OPENBLAS_NUM_THREADS: String(threads),
  OMP_NUM_THREADS: String(threads),
  MKL_NUM_THREADS: String(threads),
  OPENBLAS_CORETYPE: undefined,
  OPENBLAS_L2_SIZE: undefined,
});

/** NumPy in a child process. */
export class Native implements NativeBlas {
  readonly #child: LineChild;
  name = "";

  private constructor(python: string, threads: number) {
    this.#child = new LineChild(python, ["-c", program], environment(threads));
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
    this.#child.close();
  }

  #ask(message: object): Promise<Record<string, unknown>> {
    this.#child.tell(JSON.stringify(message));
    return this.#answer();
  }

  async #answer(): Promise<Record<string, unknown>> {
    const line = await this.#child.answer();
    if (line === undefined) throw new Error("not found, or it ended without an answer");
    const message = JSON.parse(line) as Record<string, unknown>;
    if (message.error !== undefined) throw new Error(String(message.error));
    return message;
  }
}
