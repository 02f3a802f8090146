import * as blasm from "blasm";
import { suite } from "./suite/suite.mjs";

/** What workerd serves: the suite's outcome at /report. */
export default {
  async fetch(request) {
    if (!request.url.endsWith("/report")) return new Response("here");
    const outcome = await suite(blasm, "tasks.mjs", ["relaxed"]).catch((error) => ({
      failed: String(error?.stack),
    }));
    return Response.json(outcome);
  },
};
