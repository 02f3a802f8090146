import { suite } from "./suite.mjs";

/** In a page or a worker: runs the suite and posts what comes of it to where the page comes from. */
export async function report(/** @type {any} */ blasm) {
  const outcome = await suite(blasm, new URL("/tasks.mjs", location.origin)).catch((error) => ({
    failed: String(error?.stack ?? error),
  }));
  await fetch(`${location.origin}/report`, { method: "POST", body: JSON.stringify(outcome) });
}
