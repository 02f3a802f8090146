import { amongThreads } from "../common/crew.ts";
import {
  type Header as AnyHeader,
  type Result as AnyResult,
  type RunOptions,
  runSections,
} from "../common/run.ts";
import type { Bench } from "./bench.ts";
import type { Selection } from "./cases.ts";
import { dispatch } from "./dispatch.ts";
import { memory } from "./memory.ts";
import { partition } from "./partition.ts";
import type { Row } from "./rows.ts";
import { taken } from "./taken.ts";

export type Header = AnyHeader<Selection>;
export type Result = AnyResult<Selection, Row>;

const SECTIONS = {
  dispatch: amongThreads<Bench>("dispatch", dispatch),
  partition,
  taken: amongThreads("taken", taken),
  memory: amongThreads("memory", memory),
};

/** Runs the sections in order. */
export const run = (options: RunOptions<Selection>): Promise<Result> => runSections(SECTIONS, options);
