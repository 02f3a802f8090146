// The suites as a program, for Node, Deno and Bun: `node program.mjs LockTests EventTests.test_notify`. Prints a Report a line, as
// JSON: what a hung case has not printed is missing, and the others are there.

import { runAll } from "./index.mjs";

await runAll(process.argv.slice(2), (report) => console.log(JSON.stringify(report)));
