import type { Command } from "commander";
import { type Build, type Context, init } from "../index.ts";
import { oneOf } from "./numbers.ts";
import type { Terminal } from "./terminal.ts";

export const BUILDS = ["strict", "relaxed", "tuned"] as const satisfies readonly Build[];

/** Multiplies until the micro-kernels' rates are known: some milliseconds. */
function measure(la: Context): void {
  la.scope(() => {
    for (const dtype of ["float32", "float64"] as const) {
      const a = la.ones([64, 64], { dtype });
      const c = la.zeros([64, 64], { dtype });
      for (let i = 0; i < 100 && la.config().microKernels[dtype].reason !== "measured"; ++i) {
        la.gemm({ a, b: a, c });
      }
    }
  });
}

/** Adds `blasm info`. */
export function addInfo(program: Command, { out }: Terminal): void {
  program
    .command("info")
    .description("what this machine and engine offer, and what blasm makes of it")
    .option("--build <name>", `one of ${BUILDS.join(", ")}`, (text) => oneOf(text, BUILDS))
    .option("--json", "print it as JSON")
    .action(async (options: { build?: Build; json?: true }) => {
      const la = await init(options.build === undefined ? {} : { build: options.build });
      measure(la);
      if (options.json) out.write(`${JSON.stringify(la.config(), null, 2)}\n`);
      else la.showConfig();
      la.close();
    });
}
