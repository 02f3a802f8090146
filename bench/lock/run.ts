import { amongThreads } from "../common/crew.ts";
import {
  type Header as AnyHeader,
  type Result as AnyResult,
  type RunOptions,
  runSections,
} from "../common/run.ts";
import type { Selection } from "./cases.ts";
import { contended } from "./contended.ts";
import { gil } from "./gil.ts";
import type { Row } from "./rows.ts";
import { uncontended } from "./uncontended.ts";
import { wakeUp } from "./wake-up.ts";

export type Header = AnyHeader<Selection>;
export type Result = AnyResult<Selection, Row>;

const SECTIONS = {
  uncontended: amongThreads("uncontended", uncontended),
  contended: amongThreads("contended", contended),
  "wake-up": amongThreads("wake-up", wakeUp),
  gil: amongThreads("gil", gil),
};

/** Runs the sections in order. */
export const run = (options: RunOptions<Selection>): Promise<Result> => runSections(SECTIONS, options);
