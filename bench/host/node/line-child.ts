import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";

/** A child that is silent for so long is given up. */
const PATIENCE_MS = 60_000;

/** A program in a process of its own, that answers with lines. It computes only while it is asked to. */
export class LineChild {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #reader: Interface;
  readonly #lines: AsyncIterator<string>;

  /** @param environment beside what this process has; undefined takes a variable away. */
  constructor(path: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    // Of a process group of its own: Ctrl-C is answered here, once.
    this.#child = spawn(path, args, {
      env: { ...process.env, ...environment },
      stdio: "pipe",
      detached: process.platform !== "win32",
    });
    this.#child.on("error", () => {}); // the missing answer tells
    this.#child.stdin.on("error", () => {});
    this.#child.stderr.resume();
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  tell(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Its next line; undefined if it has ended, or was never there. */
  async answer(): Promise<string | undefined> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE_MS);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    return done ? undefined : value;
  }

  close(): void {
    this.#reader.close();
    this.#child.kill();
  }
}
