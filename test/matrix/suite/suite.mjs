// What a row of the matrix runs, in plain JavaScript over the installed package: wherever JavaScript runs.
import { conform } from "./conformance.mjs";
import { threads } from "./threads.mjs";

/**
 * @typedef {object} Report
 * @property {readonly import("./conformance.mjs").Conformance[]} builds
 * @property {import("./threads.mjs").Threads} threads
 */

/**
 * @param {typeof import("../../../src/index.ts")} blasm
 * @param {string | URL} tasks where tasks.mjs is, which threads run
 * @param {readonly string[]} names the builds that the entry has
 * @returns {Promise<Report>}
 */
export async function suite(blasm, tasks, names = ["strict", "relaxed", "tuned"]) {
  const builds = [];
  for (const name of names) builds.push(await conform(blasm, name));
  return { builds, threads: await threads(blasm, tasks) };
}
