import type { Bench as AnyBench } from "../common/run.ts";
import type { Selection } from "./cases.ts";
import type { Row } from "./rows.ts";

/** What the sections work with. */
export type Bench = AnyBench<Selection, Row>;
