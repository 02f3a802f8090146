import type { Build } from "../../src/index.ts";
import { reportStart } from "../host/cold-start.ts";

// What is started anew in a page: a worker that loads the library when it is told to.

addEventListener("message", async ({ data }: MessageEvent<{ build: Build; n: number }>) => {
  postMessage(await reportStart(() => import("../../src/index.ts"), data.build, data.n));
});
