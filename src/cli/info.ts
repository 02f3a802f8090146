import type { Command } from "commander";
import { settle } from "../../bench/common/settle.ts";
import { type Build, init } from "../index.ts";
import { BUILDS } from "../kernels/builds.ts";
import { oneOf } from "./numbers.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `blasm info`. */
export function addInfo(program: Command, { out }: Terminal): void {
  program
    .command("info")
    .description("what this machine and engine offer, and what blasm makes of it")
    .option("--build <name>", `one of ${BUILDS.join(", ")}`, (text) => oneOf(text, BUILDS))
    .option("--json", "print it as JSON")
    .action(async (options: { build?: Build; json?: true }) => {
      const la = await init(options.build === undefined ? {} : { build: options.build });
      for (const dtype of ["float32", "float64"] as const) settle(la, dtype);
      if (options.json) out.write(`${JSON.stringify(la.config(), null, 2)}\n`);
      else la.showConfig();
      la.close();
    });
}
