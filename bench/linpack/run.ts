import { type Result as AnyResult, type RunOptions, runSections } from "../common/run.ts";
import type { Selection } from "./cases.ts";
import { hpl } from "./hpl.ts";
import { parts } from "./parts.ts";
import type { Row } from "./rows.ts";

export type Result = AnyResult<Selection, Row>;

/** Runs the sections in order. */
export const run = (options: RunOptions<Selection>): Promise<Result> => runSections({ hpl, parts }, options);
