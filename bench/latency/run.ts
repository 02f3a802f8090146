import { amongThreads } from "../common/crew.ts";
import { type Result as AnyResult, type RunOptions, runSections } from "../common/run.ts";
import { calls } from "./calls.ts";
import type { Selection } from "./cases.ts";
import { dispatch } from "./dispatch.ts";
import type { Row } from "./rows.ts";

export type Result = AnyResult<Selection, Row>;

/** Runs the sections in order. */
export const run = (options: RunOptions<Selection>): Promise<Result> =>
  runSections({ calls, dispatch: amongThreads("dispatch", dispatch) }, options);
