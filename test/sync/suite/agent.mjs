// A thread of the crew: runs the thread functions of cases, as it is told.

import { FINISHED, fromWire, STARTED } from "./crew.mjs";
import { parent } from "./host.mjs";
import { SUITES } from "./index.mjs";

const { listen, post } = await parent();

listen(async ({ suite, name, bag, counts }) => {
  Atomics.add(counts, STARTED, 1);
  let reply;
  try {
    reply = { result: await SUITES[suite]?.[name]?.thread?.(fromWire(bag)) };
  } catch (error) {
    const { message, stack } = /** @type {Error} */ (error);
    reply = { error: `in thread ${bag.rank}: ${message}\n${stack}` };
  }
  Atomics.add(counts, FINISHED, 1);
  post(reply);
});
post({});
