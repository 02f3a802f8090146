import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { promisify } from "node:util";
import type { DType } from "../../../src/index.ts";
import { C, GAP, residualOf } from "../../stream/sweep.ts";
import type { Sweep, Sweeper } from "../../stream/sweepers.ts";
import type { CompiledStream } from "../host.ts";
import program from "./stream.c";

const execute = promisify(execFile);

const TYPE = { float32: "float", float64: "double" } as const;

/** What STREAM is compiled with. On x86-64 the vectors are those of WebAssembly. */
const FLAGS = ["-O3", ...(process.arch === "x64" ? ["-msse2"] : [])];
/** For several threads. A thread that waits lets others compute. */
const OPENMP = "-fopenmp";
const environment = (threads: number): NodeJS.ProcessEnv => ({
  ...process.env,
  OMP_NUM_THREADS: String(threads),
  OMP_WAIT_POLICY: "passive",
});

/** A child that is silent for so long is given up. */
const PATIENCE_MS = 60_000;

/** Compiles STREAM in a folder for temporary files; a text where that cannot be done, saying why. */
export async function compileStream(compilers: readonly string[]): Promise<CompiledStream | string> {
  for (const compiler of compilers) {
    const version = await execute(compiler, ["--version"]).catch(() => undefined);
    if (version === undefined) continue;
    const folder = await mkdtemp(join(os.tmpdir(), "blasm-stream-"));
    const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
    for (const flags of [[...FLAGS, OPENMP], FLAGS]) {
      try {
        await build(compiler, flags, folder);
      } catch {
        continue;
      }
      const name = `${version.stdout.split("\n")[0]}, ${flags.join(" ")}`;
      const parallel = flags.includes(OPENMP);
      return {
        name,
        start: (dtype, bytes, threads) =>
          threads > 1 && !parallel ? undefined : new Child(join(folder, dtype), dtype, bytes, threads),
        remove,
      };
    }
    await remove();
    return `${compiler} cannot compile it`;
  }
  return `no compiler: ${compilers.join(", ")} are not there`;
}

async function build(compiler: string, flags: readonly string[], folder: string): Promise<void> {
  const source = join(folder, "stream.c");
  await writeFile(source, program);
  for (const [dtype, type] of Object.entries(TYPE))
    await execute(compiler, [...flags, `-DTYPE=${type}`, source, "-o", join(folder, dtype), "-lm"]);
}

/** The program in a process of its own. It computes only while it is asked to. */
class Child implements Sweeper {
  readonly who = C;
  readonly #dtype: DType;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #reader: Interface;
  readonly #lines: AsyncIterator<string>;

  constructor(path: string, dtype: DType, bytes: number, threads: number) {
    this.#dtype = dtype;
    // Of a process group of its own: Ctrl-C is answered here, once.
    this.#child = spawn(path, [String(bytes), String(GAP)], {
      env: environment(threads),
      detached: process.platform !== "win32",
    });
    this.#child.on("error", () => {}); // the missing answer tells
    this.#child.stdin.on("error", () => {});
    this.#child.stderr.resume();
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  async sweep(sweeps: number): Promise<Sweep> {
    this.#child.stdin.write(`${sweeps}\n`);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE_MS);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    if (done) throw new Error("STREAM in C ended without an answer");
    const numbers = value.split(" ").map(Number);
    return { seconds: numbers.slice(0, 4), residual: residualOf(this.#dtype, numbers[4]!) };
  }

  close(): void {
    this.#reader.close();
    this.#child.kill();
  }
}
