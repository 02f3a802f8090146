import { amongThreads } from "../common/crew.ts";
import { type Result as AnyResult, type RunOptions, runSections } from "../common/run.ts";
import type { Selection } from "./cases.ts";
import type { Row } from "./rows.ts";
import { all, one } from "./sections.ts";

export type Result = AnyResult<Selection, Row>;

/** Runs the sections in order. */
export const run = (options: RunOptions<Selection>): Promise<Result> =>
  runSections({ one, all: amongThreads("all", all) }, options);
