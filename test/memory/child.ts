import { execFile } from "node:child_process";
import { promisify } from "node:util";

const ENTRY = new URL("../../dist/index.js", import.meta.url).href;

/**
 * Runs the body of a module in a Node of its own, over dist/index.js; gives what it passes to `report()`. It has `init`, `attach`,
 * `sleep(ms)`, and `collected(condition)`: collects garbage until that holds, or for a second.
 * @throws what ended it, an exception that nobody caught included.
 */
export async function run<T>(program: string): Promise<T> {
  const text = `
    import { init, attach } from ${JSON.stringify(ENTRY)};
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const collected = async (condition) => {
      for (let i = 0; i < 100 && !condition(); ++i) {
        gc();
        await sleep(10);
      }
    };
    const report = (value) => console.log(JSON.stringify(value));
    ${program}`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--expose-gc", "--input-type=module", "--eval", text],
    { timeout: 120_000, maxBuffer: 2 ** 26 },
  );
  return JSON.parse(stdout) as T;
}
