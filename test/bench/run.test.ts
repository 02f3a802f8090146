import { expect, test } from "vitest";
import { buildOf } from "../../bench/common/environment.ts";
import type { SectionRow } from "../../bench/common/rows.ts";
import { type Bench, type Result, runSections, type Sections } from "../../bench/common/run.ts";
import { browserHost } from "../../bench/host/browser.ts";
import { init } from "../../src/index.ts";

type Section = "first" | "second";
type Row = SectionRow<Section, "ns">;

const SELECTION: Sections<Section> = { sections: ["first", "second"], rounds: 2, warmUpMs: 1 };
const machine = { commit: null, memoryBytes: null, os: null, flags: [], power: null };
const host = { ...browserHost(), machine: async () => machine };

const row = (section: Section, looks: readonly number[]): Row => ({
  ...{ section, label: "", who: "us", what: "it", unit: "ns" },
  values: looks.map(() => 1),
  machine: looks,
});

/** Runs two sections, and stops after so many; one may fail. */
async function runTwo(
  sections: number,
  broken?: Section,
): Promise<{ result: Result<object, Row>; said: unknown[]; shown: number[]; failures: string[] }> {
  const failures: string[] = [];
  const said: unknown[] = [];
  const shown: number[] = [];
  let done = 0;
  const section =
    (name: Section) =>
    async ({ say, rows, settings, notes, builds, la }: Bench<Sections<Section>, Row>): Promise<void> => {
      say(name);
      if (name === broken) throw new Error("no room");
      rows.push(row(name, [settings.reference!.pace(), settings.reference!.pace()]));
      notes.push(`${name} has a note`);
      builds.push({ ...buildOf(la.config()), build: "another" });
      done += 1;
    };
  const result = await runSections(
    { first: section("first"), second: section("second") },
    {
      selection: SELECTION,
      init,
      host,
      threadModule: new URL(import.meta.url),
      say: (text, share) => void said.push([text, share]),
      stopped: () => done >= sections,
      failed: (section, error) => void failures.push(`${section}: ${(error as Error).message}`),
      measured: ({ rows }) => void shown.push(rows.length),
    },
  );
  return { result, said, shown, failures };
}

test("sections are run in order; who listens hears what share is done, and what there is", async () => {
  const { result, said, shown } = await runTwo(3);
  expect(said).toEqual([
    ["first", 0],
    ["second", 0.5],
  ]);
  expect(shown).toEqual([1]);
  const { header, rows } = result;
  expect(rows.map(({ section }) => section)).toEqual(["first", "second"]);
  expect(header).toMatchObject({ interrupted: false, selection: SELECTION });
  expect(header.notes).toEqual(["first has a note", "second has a note"]);
  expect(header.environment.builds.map(({ build }) => build)).toEqual([expect.any(String), "another"]);
  expect(header.environment).toMatchObject({ load: null, commit: null, visibility: null });
  expect(header.sampleMs).toBeGreaterThanOrEqual(10);
  // The machine's pace, in units of its best in the run.
  expect(Math.max(...rows.flatMap(({ machine }) => [...machine!]))).toBe(1);
});

test("stopped in between, it gives what there is and says so", async () => {
  const { result } = await runTwo(1);
  expect(result.rows.map(({ section }) => section)).toEqual(["first"]);
  expect(result.header.interrupted).toBe(true);
});

test("stopped when all was measured, nothing was left out", async () => {
  const { result } = await runTwo(2);
  expect(result.rows).toHaveLength(2);
  expect(result.header.interrupted).toBe(false);
});

test("what was measured before a section that fails is kept, with a note", async () => {
  const { result, failures } = await runTwo(3, "second");
  expect(result.rows.map(({ section }) => section)).toEqual(["first"]);
  expect(result.header.notes).toContain("second failed, nothing was measured after it: no room");
  expect(failures).toEqual(["second: no room"]);
  await expect(runTwo(3, "first")).rejects.toThrow("no room");
});
