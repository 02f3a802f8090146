import { type Length, type Part, runAll, secondsOf } from "../../bench/all/run.ts";
import type { Results } from "../../bench/results-file/format.ts";
import { asMarkdown } from "../../bench/results-file/formats/markdown.ts";
import { init } from "../index.ts";
import { benchHost } from "./bench-host.ts";
import { CommandError, messageOf } from "./fail.ts";
import type { Measurement } from "./measure.ts";
import { threadModule } from "./thread.ts";

/** What several benches are run with. */
interface Several {
  readonly parts: readonly Part[];
  readonly length: Length;
  /** Where to look for NumPy; undefined for no native rows. */
  readonly python: string | undefined;
}

/** Several benches as one measurement. @throws CommandError where nothing was measured. */
export function several({
  parts,
  length,
  python,
}: Several): Pick<Measurement<Results>, "run" | "asMarkdown" | "asResults"> {
  const total = secondsOf(parts, length);
  return {
    async run({ say, stopped, failed }) {
      const failures: string[] = [];
      const results = await runAll(parts, {
        stopped,
        say: (text, done) => say(text, done / total),
        length,
        init,
        threadModule: threadModule(),
        host: benchHost(python),
        failed(name, error) {
          failures.push(`${name} failed: ${messageOf(error)}`);
          failed(name, error);
        },
      });
      if (results !== undefined) return results;
      throw new CommandError(failures.join("; ") || "stopped before anything was measured.");
    },
    asMarkdown,
    asResults: (results) => results,
  };
}
