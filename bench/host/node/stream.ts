import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DType } from "../../../src/index.ts";
import { C, GAP, residualOf } from "../../stream/sweep.ts";
import type { Sweep, Sweeper } from "../../stream/sweepers.ts";
import type { CompiledStream } from "../host.ts";
import { LineChild } from "./line-child.ts";
import program from "./stream.c";

const execute = promisify(execFile);

const TYPE = { float32: "float", float64: "double" } as const;

/** What STREAM is compiled with. On x86-64 the vectors are those of WebAssembly. */
const FLAGS = ["-O3", ...(process.arch === "x64" ? ["-msse2"] : [])];
/** For several threads. A thread that waits lets others compute. */
const OPENMP = "-fopenmp";
const environment = (threads: number): NodeJS.ProcessEnv => ({
  OMP_NUM_THREADS: String(threads),
  OMP_WAIT_POLICY: "passive",
});

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
          threads > 1 && !parallel
            ? undefined
            : new CompiledSweeper(join(folder, dtype), dtype, bytes, threads),
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

/** The program in a process of its own. */
class CompiledSweeper implements Sweeper {
  readonly who = C;
  readonly #dtype: DType;
  readonly #child: LineChild;

  constructor(path: string, dtype: DType, bytes: number, threads: number) {
    this.#dtype = dtype;
    this.#child = new LineChild(path, [String(bytes), String(GAP)], environment(threads));
  }

  async sweep(sweeps: number): Promise<Sweep> {
    this.#child.tell(String(sweeps));
    const line = await this.#child.answer();
    if (line === undefined) throw new Error("STREAM in C ended without an answer");
    const numbers = line.split(" ").map(Number);
    return { seconds: numbers.slice(0, 4), residual: residualOf(this.#dtype, numbers[4]!) };
  }

  close(): void {
    this.#child.close();
  }
}
