/** @import { Kind, Peer } from "../lib/contract.mjs" */
import { createBlasm } from "../lib/blasm.mjs";

export const name = "blasm-strict";
/** @type {Kind} */
export const kind = "blasm";
/** @type {Peer["dtypes"]} */
export const dtypes = ["f32", "f64"];
export const create = createBlasm("strict");
