import { ClosedError, TeamError } from "../errors.ts";
import type { ThreadTable } from "../sync/threads.ts";
import { deadlineOf, type TimeLimit } from "../sync/wait.ts";
import type { Host, Port, WorkerHandle, WorkerWay } from "./host.ts";
import { type Outcome, type Report, type Request, type Role, receiveError } from "./protocol.ts";

/** What is to run in a new thread. */
export interface Start {
  /** URL of the module. */
  readonly url: string;
  /** Instead of a module: which member of the team it is to be. */
  readonly member?: number;
  readonly context: unknown;
  readonly args: readonly unknown[];
  /** Makes of a value that came in a message what it was. */
  readonly unpack: (value: unknown) => unknown;
}

/** A thread that spawn() has started; Python's `threading.Thread`. */
export class Thread<R = unknown> {
  /** Names it in locks' diagnostics, as lock.holder. */
  readonly id: number;
  readonly #threads: Threads;
  readonly #unpack: (value: unknown) => unknown;
  readonly #ended: Promise<void>;
  #resolve!: () => void;
  #outcome: Outcome | undefined;
  #value: { readonly value: R } | undefined;

  /** @internal */
  constructor(threads: Threads, id: number, unpack: (value: unknown) => unknown) {
    this.#threads = threads;
    this.id = id;
    this.#unpack = unpack;
    this.#ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Whether it has not ended yet. Never blocks. */
  get alive(): boolean {
    return this.#outcome === undefined && !this.#threads.table.gone(this.id);
  }

  /**
   * Waits until the thread has ended; returns what its function returned. Blocks: not for a browser's main thread. May be
   * called again, and by the thread that spawned it only.
   * @throws what its function threw, with that thread's stack; TeamError: `DIED` if it was terminated, or ended otherwise
   * before its function returned, `TIMEOUT` after the time limit; LockError: `TIMEOUT`, `BLOCKING`; ClosedError.
   */
  join(limit?: TimeLimit): R {
    const ended = this.#outcome !== undefined || this.#threads.table.waitEnd(this.id, limit);
    if (!ended) throw this.#late(limit?.timeoutMs);
    this.#threads.receive();
    return this.#result();
  }

  /** As join(), leaving the event loop free. Any thread may call it. */
  async joinAsync(limit: TimeLimit = {}): Promise<R> {
    deadlineOf(limit);
    const { timeoutMs } = limit;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeUp = new Promise<boolean>((resolve) => {
      if (timeoutMs !== undefined && timeoutMs < 2 ** 31) timer = setTimeout(resolve, timeoutMs, true);
    });
    const late = await Promise.race([this.#ended, timeUp]);
    clearTimeout(timer);
    if (late && this.#outcome === undefined) throw this.#late(timeoutMs);
    await this.#threads.table.waitEndAsync(this.id);
    return this.#result();
  }

  /**
   * Ends the thread wherever it is: a lock that it holds is abandoned, arrays that it made stay allocated. The promise is
   * settled when it has ended.
   */
  async terminate(): Promise<void> {
    if (this.#outcome === undefined) this.#threads.request({ terminate: this.id });
    await this.#ended;
    await this.#threads.table.waitEndAsync(this.id);
  }

  /** @internal */
  settle(outcome: Outcome): void {
    this.#outcome ??= outcome;
    this.#resolve();
  }

  #late(timeoutMs: number | undefined): TeamError {
    return new TeamError(
      "TIMEOUT",
      `join: thread ${this.id & 255} still runs after ${timeoutMs} ms. Join again, or terminate() it.`,
    );
  }

  #result(): R {
    const outcome = this.#outcome;
    const thread = `Thread ${this.id & 255}`;
    if (outcome === undefined) {
      throw new TeamError(
        "SENT",
        `${thread} has ended, but this host hands its result over only to joinAsync().`,
      );
    }
    if (outcome.kind === "threw") throw receiveError(outcome.error);
    if (outcome.kind === "terminated") throw new TeamError("DIED", `${thread} was terminated.`);
    if (outcome.kind === "died") {
      throw new TeamError("DIED", `${thread} died: ${outcome.error.message}`, {
        cause: receiveError(outcome.error),
      });
    }
    this.#value ??= { value: this.#unpack(outcome.value) as R };
    return this.#value.value;
  }
}

/** Where threads find what they share. */
export interface Place {
  readonly memory: WebAssembly.Memory;
  /** How to start them, the best first. */
  readonly ways: readonly WorkerWay[];
  /** Index of the table's first word in the memory. */
  readonly tableIndex: number;
  /** Gives back what a thread has left that has ended; see ThreadTable.bequeath(). */
  readonly inherit: (one: number, other: number) => void;
}

/** The threads that this thread has spawned. */
export class Threads {
  readonly table: ThreadTable;
  readonly #host: Host;
  readonly #memory: WebAssembly.Memory;
  readonly #tableIndex: number;
  readonly #inherit: (one: number, other: number) => void;
  readonly #spawned = new Map<number, Thread>();
  /** Ids of members of the team: nobody joins them. */
  readonly #members = new Set<number>();
  /** Ways to start the keeper that are left; the first one is tried, or works. */
  readonly #ways: WorkerWay[];
  /** Why other ways did not work. */
  readonly #refused: string[] = [];
  /** What the keeper was asked before it has said anything: until then its start may fail. */
  #backlog: Request[] | undefined = [];
  /** Why no thread can be started here; undefined if none has failed. */
  #failure: string | undefined;
  /** To the keeper: given in a spawned thread, else made with the first spawn. */
  #link: Port | undefined;
  #keeper: WorkerHandle | undefined;

  constructor(host: Host, table: ThreadTable, place: Place, link: Port | undefined) {
    this.#host = host;
    this.table = table;
    this.#memory = place.memory;
    this.#tableIndex = place.tableIndex;
    this.#ways = [...place.ways];
    this.#inherit = place.inherit;
    this.#link = link;
    link?.listen((report) => this.#hear(report as Report));
  }

  /** Starts a thread. What cannot be sent is an error, and nothing is started. */
  start<R>({ url, member, context, args, unpack }: Start): Thread<R> {
    if (this.#failure !== undefined) throw new TeamError("DIED", this.#failure);
    this.#connect();
    const id = this.table.claim();
    try {
      this.request({ start: { id, member, url, context, args } });
    } catch (error) {
      this.table.end(id);
      throw new TeamError(
        "SENT",
        `spawn: an argument cannot be sent to another thread: ${(error as Error).message}`,
        {
          cause: error,
        },
      );
    }
    const thread = new Thread<R>(this, id, unpack);
    // A member is nobody's to join; what becomes of it is seen in the table of threads.
    if (member !== undefined) {
      this.#members.add(id);
      return thread;
    }
    this.#spawned.set(id, thread as Thread);
    // Until the keeper says how many run, this one does.
    if (this.#keeper !== undefined) this.#link?.keepAlive(true);
    return thread;
  }

  request(request: Request): void {
    this.#link?.post(request);
    this.#backlog?.push(request);
  }

  /** Ways to start threads that the host has refused, and why. */
  get refused(): readonly string[] {
    return this.#refused;
  }

  /** Takes what the keeper has reported, without leaving the thread's current function. */
  receive(): void {
    for (let report = this.#link?.take(); report !== undefined; report = this.#link?.take()) {
      this.#hear(report as Report);
    }
  }

  /** Ends all threads that were started by this thread's keeper. */
  close(): void {
    // In a spawned thread the keeper is another's, and so are all that it keeps.
    if (this.#keeper === undefined) return;
    this.#keeper.terminate();
    this.#link?.keepAlive(false);
    for (const thread of this.#spawned.values()) thread.settle({ kind: "terminated" });
  }

  /** Starts the keeper, if it is not there. @throws what the last way of starting it throws */
  #connect(): void {
    while (this.#link === undefined) {
      try {
        this.#startKeeper(this.#ways[0]!);
      } catch (error) {
        if (!this.#turnFromWay(error as Error)) throw error;
      }
    }
  }

  #startKeeper(way: WorkerWay): void {
    const [link, theirs] = this.#host.channel();
    const role: Role = {
      role: "keeper",
      way,
      memory: this.#memory,
      table: this.#tableIndex,
      link: theirs.raw,
    };
    this.#keeper = this.#host.startWorker(way, role, [theirs], {
      message() {},
      exit: (error) => this.#bereave(error),
    });
    link.listen((report) => this.#hear(report as Report));
    this.#link = link;
  }

  /** Whether another way is left, after one that the host has refused. */
  #turnFromWay(error: Error): boolean {
    if (this.#backlog === undefined || this.#ways.length < 2) return false;
    const [way] = this.#ways.splice(0, 1);
    this.#refused.push(`${typeof way === "string" ? way : way!.workerURL} ${error.message}`);
    return true;
  }

  #hear(report: Report): void {
    this.#backlog = undefined;
    if ("estate" in report) {
      if (report.estate[0] !== 0) this.#inherit(...report.estate);
    } else if ("outcome" in report) {
      this.#spawned.get(report.id)?.settle(report.outcome);
      this.#spawned.delete(report.id);
      if (this.#members.delete(report.id)) this.#learn(report.outcome);
      // One that this thread has started meanwhile, the keeper may not know of yet.
    } else this.#link?.keepAlive(report.running > 0 || this.#spawned.size > 0);
  }

  /** A member that has found out that threads are no use in this engine says so for all. */
  #learn(outcome: Outcome): void {
    if (outcome.kind === "threw" && outcome.error.code === "UNSUPPORTED")
      this.#failure = outcome.error.message;
  }

  /** The keeper could not be started, or has ended, and with it all threads. */
  #bereave(error: Error | undefined): void {
    this.#link?.keepAlive(false);
    this.#link = undefined;
    this.#keeper = undefined;
    if (error !== undefined && this.#turnFromWay(error)) {
      this.#startAnew();
      return;
    }
    this.#failure = error?.message;
    for (const id of this.#members) this.table.end(id);
    this.#members.clear();
    for (const thread of this.#spawned.values()) {
      this.table.end(thread.id);
      const { name, message, stack } = error ?? new ClosedError("its context was closed");
      thread.settle({ kind: "died", error: { name, message, stack, code: undefined } });
    }
    this.#spawned.clear();
  }

  /** Asks a new keeper what the last one, which never came to life, was asked. */
  #startAnew(): void {
    const requests = this.#backlog!;
    try {
      this.#connect();
    } catch (error) {
      this.#bereave(error as Error);
      return;
    }
    for (const request of requests) this.#link?.post(request);
    this.#link?.keepAlive(this.#spawned.size > 0);
  }
}
