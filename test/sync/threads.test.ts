import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Crew } from "./suite/crew.mjs";
import { casesOf, SUITES } from "./suite/index.mjs";
import { EVERYWHERE, HEAVY } from "./suites.ts";

// The suites in this Node, over dist/sync.js and real threads: the cases of CPython's Lib/test/lock_tests.py by their names, and
// what else they do not ask. Other engines: engines.test.ts.

let crew: Crew;

beforeAll(async () => {
  crew = await Crew.start();
});

afterAll(() => crew.stop());

for (const suite of [...EVERYWHERE, ...HEAVY]) {
  describe(suite, () => {
    for (const [, name] of casesOf([suite])) {
      test(name, async () => {
        const { ok, message } = await crew.run(suite, name, SUITES[suite]![name]!);
        expect(ok, message).toBe(true);
      });
    }
  });
}
