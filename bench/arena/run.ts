import { amongThreads } from "../common/crew.ts";
import {
  type Header as AnyHeader,
  type Result as AnyResult,
  type RunOptions,
  runSections,
} from "../common/run.ts";
import { blocks } from "./blocks.ts";
import type { Selection } from "./cases.ts";
import type { Row } from "./rows.ts";
import { threads } from "./threads.ts";
import { traces } from "./traces.ts";
import { views } from "./views.ts";

export type Header = AnyHeader<Selection>;
export type Result = AnyResult<Selection, Row>;

const SECTIONS = { blocks, views, threads: amongThreads("threads", threads), traces };

/** Runs the sections in order. */
export const run = (options: RunOptions<Selection>): Promise<Result> => runSections(SECTIONS, options);
