import type { Context, ContextShare } from "./context.ts";
import { attachApart, attachThread } from "./start.ts";
import { ThreadTable } from "./sync/threads.ts";
import { detectHost, type Host, type Port } from "./team/host.ts";
import { Keeper } from "./team/keeper.ts";
import { type Answer, type Job, type Outcome, type Role, sendError } from "./team/protocol.ts";

/** Imports a module, in the program that the worker was started with: no bundler must touch this import. */
type Load = (url: string) => Promise<{ readonly default?: unknown }>;

/** What every worker of this library runs; see program() in team/host.ts. Not for users. */
export async function enterWorker(load: Load, first: Promise<Role>): Promise<void> {
  const host = detectHost();
  const { parent } = host;
  if (parent === undefined) throw new Error("enterWorker: this is no worker");
  await host.begin();
  const role = await first;
  const link = host.port(role.link);
  if (role.role === "thread") {
    // Also while its function awaits what keeps no thread alive, such as another thread.
    parent.listen(() => {});
    parent.keepAlive(true);
    await runThread(host, parent, role.job, link, load);
    return;
  }
  if (role.role === "delegate") {
    link.keepAlive(true);
    try {
      (await attachApart(role.context as ContextShare)).serveApart(link);
    } catch (error) {
      link.post({ error: sendError(error) } satisfies Answer);
    }
    return;
  }
  const table = new ThreadTable(new Int32Array(role.memory.buffer), role.table);
  new Keeper(host, role.way, table, link);
}

/** What a thread is for; what comes of it, for a message. */
async function work(la: Context, job: Job, load: Load): Promise<unknown> {
  if (job.member !== undefined) return la.serve(job.member);
  const args = la.receiveArguments(job.args);
  const { default: main } = await load(job.url);
  if (typeof main !== "function") throw new TypeError(`${job.url} has no default export that is a function`);
  return la.sendResult(await main(la, ...args));
}

async function runThread(host: Host, parent: Port, job: Job, link: Port, load: Load): Promise<void> {
  let la: Context | undefined;
  let outcome: Outcome;
  try {
    la = await attachThread(job.context as ContextShare, { id: job.id, link });
    outcome = { kind: "returned", value: await work(la, job, load) };
  } catch (error) {
    outcome = { kind: "threw", error: sendError(error) };
  }
  try {
    la?.close();
  } catch (error) {
    outcome = { kind: "threw", error: sendError(error) };
  }
  try {
    parent.post(outcome);
  } catch (error) {
    parent.post({ kind: "threw", error: sendError(error) } satisfies Outcome);
  }
  host.finish();
}
