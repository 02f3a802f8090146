import type { ThreadTable } from "../sync/threads.ts";
import type { Port, WorkerHandle, Workers, WorkerWay } from "./host.ts";
import {
  type Job,
  type Outcome,
  type Report,
  type Request,
  type Role,
  type SentError,
  sendError,
} from "./protocol.ts";

/** A thread that the keeper has started. */
interface Kept {
  readonly worker: WorkerHandle;
  /** To who spawned it. */
  readonly owner: Port;
  /** To the thread itself, which may spawn others. */
  readonly link: Port;
  /** Whether it is a member of the team, which waits for work for ever. */
  readonly member: boolean;
  outcome: Outcome | undefined;
}

/**
 * The thread that starts all others and notices their end. It does nothing else, and never blocks: whoever spawned a thread
 * may be blocked in a lock that the thread holds, and could not see it die.
 */
export class Keeper {
  readonly #host: Workers;
  readonly #way: WorkerWay;
  readonly #table: ThreadTable;
  /** To the thread that made this keeper. */
  readonly #root: Port;
  readonly #threads = new Map<number, Kept>();

  constructor(host: Workers, way: WorkerWay, table: ThreadTable, root: Port) {
    this.#host = host;
    this.#way = way;
    this.#table = table;
    this.#root = root;
    this.#serve(root);
  }

  /** Threads that keep the process alive. */
  get #running(): number {
    return [...this.#threads.values()].filter(({ member }) => !member).length;
  }

  #serve(link: Port): void {
    link.listen((message) => this.#handle(link, message as Request));
    link.keepAlive(true);
  }

  #handle(link: Port, request: Request): void {
    if ("start" in request) this.#start(link, request.start);
    else {
      const thread = this.#threads.get(request.terminate);
      if (thread === undefined) return;
      thread.outcome ??= { kind: "terminated" };
      thread.worker.terminate();
    }
  }

  #start(owner: Port, job: Job): void {
    const [link, theirs] = this.#host.channel();
    const end = (error: SentError | undefined): void => {
      const thread = this.#threads.get(job.id);
      // What it asked for before it ended is still to be done.
      for (let request = link.take(); request !== undefined; request = link.take())
        this.#handle(link, request as Request);
      link.keepAlive(false);
      this.#threads.delete(job.id);
      const died: SentError = error ?? {
        name: "Error",
        message: "it ended before its function returned: process.exit(), self.close(), or out of memory",
        stack: undefined,
        code: undefined,
      };
      // In this order: who sees the outcome finds the estate given back, and nothing but a running thread may keep the process
      // alive.
      this.#tell(this.#root, { estate: this.#table.estate(job.id) });
      this.#tell(owner, { id: job.id, outcome: thread?.outcome ?? { kind: "died", error: died } });
      this.#tell(this.#root, { running: this.#running });
      // After the messages: who waits for the end finds them.
      this.#table.end(job.id);
    };
    try {
      const role: Role = { role: "thread", job, link: theirs.raw };
      const worker = this.#host.startWorker(this.#way, role, [theirs], {
        message: (message) => {
          const thread = this.#threads.get(job.id);
          if (thread !== undefined) thread.outcome ??= message as Outcome;
        },
        exit: (error) => end(error && sendError(error)),
      });
      this.#threads.set(job.id, {
        worker,
        owner,
        link,
        member: job.member !== undefined,
        outcome: undefined,
      });
      this.#serve(link);
      this.#tell(this.#root, { running: this.#running });
    } catch (error) {
      end(sendError(error));
    }
  }

  #tell(to: Port, report: Report): void {
    to.post(report);
  }
}
