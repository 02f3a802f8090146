import type { Environment, Results } from "../results-file/format.ts";
import type { Offer, Plan } from "./plan.ts";

// What the page and its worker say to each other.

export type ToWorker =
  /** Look around: what is this? */
  | { readonly kind: "look"; readonly facts: Facts }
  | { readonly kind: "run"; readonly plan: Plan }
  /** End with what there is. */
  | { readonly kind: "stop" };

/** What a worker cannot find out by itself. */
export interface Facts {
  readonly commit: string | null;
  readonly power: string | null;
  /** Of the module whose threads run the benches' tasks. */
  readonly threadModule: string;
  /** Of the program of a worker that is started anew. */
  readonly startProgram: string;
}

/** What a page runs on. */
export interface Here {
  readonly environment: Environment;
  readonly threads: { readonly used: number; readonly reason: string };
  /** In the order in which they are run. */
  readonly offers: readonly Offer[];
}

export type ToPage =
  | { readonly kind: "here"; readonly here: Here }
  /** What is being measured, and how much of all is done, from 0 to 1. */
  | { readonly kind: "progress"; readonly text: string; readonly share: number }
  /** All that there is by now. */
  | { readonly kind: "measured"; readonly results: Results }
  /** The end: what there is, null if nothing was measured; and what is to be said of benches that could not go on. */
  | { readonly kind: "ended"; readonly results: Results | null; readonly failures: readonly string[] }
  | { readonly kind: "failed"; readonly message: string };
