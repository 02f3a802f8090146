import type { Context, Lock, NDArray } from "../../index.ts";
import { TraceLog } from "../../sync/trace.ts";
import { CommandError } from "../fail.ts";
import { asText, middleOf, type Picture, pictureOf } from "./figure.ts";
import { coresNote, milliseconds, paragraph, type Report, table, whole } from "./report.ts";
import { perform, type Run } from "./stage.ts";
import { logIn, type Update } from "./tasks.ts";

/** Updates by each of the two threads, and the steps of each: 0.2 ms. */
const TIMES = 500;
const STEPS = 200_000;
const EXPECTED = 2 * TIMES;
/** Each update of each thread is three events. */
const EVENTS = 3 * EXPECTED;
const PICTURE_MS = 12;

/** Two threads that update one counter, without and with a lock. */
export async function demoLock(la: Context): Promise<Report> {
  using log = la.zeros([Math.ceil(TraceLog.bytes(EVENTS) / 8)]);
  using lock = la.lock();
  logIn(log).init(EVENTS);
  const unguarded = await count(la, log, undefined);
  const guarded = await count(la, log, lock);
  if (guarded.counted !== EXPECTED) {
    throw new CommandError(`with the lock ${guarded.counted} of ${EXPECTED} were counted: a bug of blasm.`);
  }

  const pictures = [
    middle("Without the lock: both update at once", unguarded),
    middle("With the lock: one after the other", guarded),
  ];
  const row = (name: string, { counted, ms }: Counting): string[] => [
    name,
    whole(counted),
    whole(EXPECTED - counted),
    milliseconds(ms),
  ];
  const text = [
    paragraph(`
      Two threads add 1 to the same element of an array, ${TIMES} times each: read it, compute, write it
      back. That should make ${whole(EXPECTED)}.`),
    ...coresNote(la),
    ...firstLoss(unguarded.threads.map(({ result }) => result)),
    asText(pictures),
    table([
      ["", "counted", "lost", "time"],
      row("without the lock", unguarded),
      row("with the lock", guarded),
    ]),
    conclusion(unguarded, guarded),
  ].join("\n\n");
  const data = { expected: EXPECTED, runs: { without: dataOf(unguarded), with: dataOf(guarded) } };
  return { text, pictures, data };
}

interface Counting extends Run<Update[]> {
  /** What the counter said in the end. */
  readonly counted: number;
}

async function count(la: Context, log: NDArray, lock: Lock | undefined): Promise<Counting> {
  using counter = la.zeros([1]);
  const options = { counter, lock, times: TIMES, steps: STEPS, log };
  const run = await perform(la, 2, "demo-count", options, () => {
    const recording = logIn(log);
    recording.start();
    return recording;
  });
  return { ...run, counted: counter.at(0) };
}

/** The first two updates that read the same value, as what the threads did in order of time. */
function firstLoss([ones, others]: readonly (readonly Update[])[]): string[] {
  for (const one of ones!) {
    const other = others!.find(
      ({ value, read, write }) => value === one.value && read < one.write && one.read < write,
    );
    if (other === undefined) continue;
    const begin = Math.min(one.read, other.read);
    const events = [one, other].flatMap(({ value, read, write }, thread) => [
      { at: read, thread, what: `reads ${value}` },
      { at: write, thread, what: `writes ${value + 1}` },
    ]);
    const lines = events
      .sort((first, second) => first.at - second.at)
      .map(({ at, thread, what }, i) => {
        const time = `${(at - begin).toFixed(3)} ms`.padStart(10);
        const columns = thread === 0 ? what.padEnd(32) : `${" ".repeat(16)}${what.padEnd(16)}`;
        return `${time}   ${columns}${i === 3 ? "one increment is lost" : ""}`.trimEnd();
      });
    return [
      paragraph("Without a lock, a thread reads what the other is about to replace. As it happened first:"),
      [`${" ".repeat(13)}thread 1        thread 2`, ...lines].join("\n"),
    ];
  }
  return [];
}

function conclusion(unguarded: Counting, guarded: Counting): string {
  const lost = EXPECTED - unguarded.counted;
  const loss =
    lost > 0 ? `${whole(lost)} of ${whole(EXPECTED)} increments were` : "by chance no increment was";
  return paragraph(`
    Without the lock ${loss} lost. With it none was: who wants to update waits until the other has written.
    That has its price: what a lock guards is done by one thread at a time, here in
    ${milliseconds(guarded.ms)} instead of ${milliseconds(unguarded.ms)}.`);
}

function middle(title: string, run: Counting): Picture {
  const spans = middleOf(run.spans, PICTURE_MS);
  return pictureOf(`${title} (${PICTURE_MS} ms of the run)`, { ...run, spans }, "the lock");
}

const dataOf = ({ counted, ms }: Counting) => ({ counted, lost: EXPECTED - counted, ms });
