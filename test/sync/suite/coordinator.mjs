// The suites in a browser: in a worker, since the coordinator blocks. See coordinate().

import { runAll } from "./index.mjs";

globalThis.addEventListener("message", ({ data: { suites } }) => {
  if (!suites) return;
  runAll(suites, (report) => globalThis.postMessage({ report })).then(
    () => globalThis.postMessage({ end: "" }),
    (error) => globalThis.postMessage({ end: `${error?.message ?? error}` }),
  );
});
globalThis.postMessage({ ready: true });
