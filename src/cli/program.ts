import { Command, CommanderError } from "commander";
import { version } from "../../package.json";
import { addBench } from "./bench.ts";
import { addCompare } from "./compare.ts";
import { addDemo } from "./demo/demo.ts";
import { addExport } from "./export.ts";
import { EXIT, InterruptedError, messageOf } from "./fail.ts";
import { addInfo } from "./info.ts";
import { addMatmul } from "./matmul.ts";
import { addPlot } from "./plot.ts";
import type { Terminal } from "./terminal.ts";

/** The command line as a whole. */
function createProgram(terminal: Terminal): Command {
  const program = new Command("blasm")
    .description("Matrix products on WebAssembly SIMD.")
    .version(version)
    .exitOverride()
    .showHelpAfterError("(--help says more)")
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr: (text) => terminal.err.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, "blasm:")),
    });
  addInfo(program, terminal);
  addMatmul(program, terminal);
  addBench(program, terminal);
  addCompare(program, terminal);
  addExport(program, terminal);
  addPlot(program, terminal);
  addDemo(program, terminal);
  return program;
}

/**
 * Runs one command line, without the names of runtime and program.
 * @returns the exit status: 0, 1 if something went wrong, 2 if the command line was wrong, 130 after Ctrl-C.
 */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await createProgram(terminal).parseAsync(args, { from: "user" });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof InterruptedError) return EXIT.interrupted;
    terminal.err.write(`blasm: ${messageOf(error)}\n`);
    if (process.env.BLASM_DEBUG && error instanceof Error) terminal.err.write(`${error.stack}\n`);
    return EXIT.failed;
  }
}
