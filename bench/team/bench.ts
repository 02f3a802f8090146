import type { Context, init } from "../../src/index.ts";
import type { SampleSettings } from "../common/sample.ts";
import type { Selection } from "./cases.ts";
import type { Row } from "./rows.ts";

/** What the sections of the bench work with. */
export interface Bench {
  /** A context on one thread. */
  readonly la: Context;
  /** For contexts on more. */
  readonly init: typeof init;
  readonly selection: Selection;
  readonly settings: SampleSettings;
  /** The module whose threads run the bench's tasks. */
  readonly threadModule: URL;
  /** Says what is being measured. */
  readonly say: (text: string) => void;
  readonly rows: Row[];
}
