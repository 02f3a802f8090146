import type { Context } from "../../index.ts";
import { TraceLog } from "../../sync/trace.ts";
import type { Report } from "./demo.ts";
import { asText, firstOf, type Picture } from "./figure.ts";
import { perform, type Run } from "./stage.ts";
import { logIn, type Update } from "./tasks.ts";
import { ms, paragraph, table, whole } from "./words.ts";

/** Updates by each of the two threads, and how long one takes: about 50 µs. */
const TIMES = 1000;
const STEPS = 50_000;
/** Updates of which the pictures tell: three events each. */
const EVENTS = 4096;
const PICTURE_MS = 4;

/** Two threads that update one counter, without and with a lock. */
export async function demoLock(la: Context): Promise<Report> {
  using log = la.zeros([Math.ceil(TraceLog.bytes(EVENTS) / 8)]);
  logIn(log).init(EVENTS);
  const record = (): TraceLog => {
    const recording = logIn(log);
    recording.start();
    return recording;
  };
  const run = async (lock?: ReturnType<Context["lock"]>) => {
    using counter = la.zeros([1]);
    const options = { counter, lock, times: TIMES, steps: STEPS, log };
    return { ...(await perform(la, 2, "demo-count", options, record)), counted: counter.at(0) };
  };
  const without = await run();
  using lock = la.lock();
  const held = await run(lock);

  const expected = 2 * TIMES;
  const pictures = [
    pictureOf(`Without the lock, the first ${PICTURE_MS} ms: both update at once`, without),
    pictureOf(`With the lock, the first ${PICTURE_MS} ms: one at a time`, held),
  ];
  const text = [asText(pictures),
    table([
      ["", "counted", "lost", "time"],
      ["without the lock", whole(without.counted), whole(expected - without.counted), ms(without.ms)],
      ["with the lock", whole(held.counted), whole(expected - held.counted), ms(held.ms)],
    ]),
  ].join("\n\n");
  return { text, pictures, data: {} };
}

function pictureOf(title: string, { spans, threads }: Run<Update[]>): Picture {
  return { title, spans: firstOf(spans, PICTURE_MS), ids: threads.map(({ id }) => id), held: "the lock" };
}
