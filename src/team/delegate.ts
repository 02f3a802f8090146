import type { Port, WorkerHandle, Workers, WorkerWay } from "./host.ts";
import { type Answer, type Role, receiveError } from "./protocol.ts";

/** Who waits for an answer. */
interface Asker {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * Where no memory can be shared: a thread with one of its own, which is asked by messages in which everything is copied. It is started
 * when it is first wanted, and not waited for. Once it has ended, or no way of starting it has worked, there is none any more.
 */
export class Delegate {
  readonly #host: Workers;
  readonly #ways: WorkerWay[];
  readonly #context: unknown;
  readonly #refused: string[] = [];
  /** In the order of their questions, which is that of the answers. */
  readonly #askers: Asker[] = [];
  #worker: WorkerHandle | undefined;
  #link: Port | undefined;
  #isReady = false;
  #failure: string | undefined;

  /** @param context what it needs to make a context like this one. */
  constructor(host: Workers, ways: readonly WorkerWay[], context: unknown) {
    this.#host = host;
    this.#ways = [...ways];
    this.#context = context;
    if (ways.length === 0) this.#failure = "this host has no threads";
  }

  /** Whether it can be asked. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Where products are computed, for config(). */
  get state(): string {
    if (this.#failure !== undefined) return `here: ${this.#failure}`;
    const refused = this.#refused.map((way) => `; not from ${way}`).join("");
    return `by a thread apart${this.#isReady ? "" : ", when it is there"}${refused}`;
  }

  /** Starts it, if that was not done yet. */
  start(): void {
    while (this.#worker === undefined && this.#failure === undefined) {
      try {
        this.#startBy(this.#ways[0]!);
      } catch (error) {
        this.#turnFromWay(error as Error);
      }
    }
  }

  #startBy(way: WorkerWay): void {
    const [link, theirs] = this.#host.channel();
    const role: Role = { role: "delegate", context: this.#context, link: theirs.raw };
    this.#worker = this.#host.startWorker(way, role, [theirs], {
      message() {},
      exit: (error) => {
        if (this.#link === link) this.#bereave(error ?? new Error("it has ended"));
      },
    });
    this.#link = link;
    link.listen((answer) => {
      if (this.#link === link) this.#hear(answer as Answer);
    });
  }

  #turnFromWay(error: Error): void {
    const [way] = this.#ways.splice(0, 1);
    this.#refused.push(`${typeof way === "string" ? way : way!.workerURL} ${error.message}`);
    if (this.#ways.length === 0) this.#failure = this.#refused.join("; ");
  }

  /** What it answers. While an answer is awaited, the process is kept alive. @throws what it throws; an error if it ends */
  ask<R>(question: unknown, handedOver: readonly ArrayBuffer[] = []): Promise<R> {
    const answer = new Promise<R>((resolve, reject) => {
      if (this.#link === undefined) return reject(new Error(this.#failure));
      this.#askers.push({ resolve: resolve as Asker["resolve"], reject });
      this.#link.keepAlive(true);
      this.#link.post(question, handedOver);
    });
    // Who has given up meanwhile does not listen any more.
    answer.catch(() => {});
    return answer;
  }

  #hear(answer: Answer): void {
    if ("ready" in answer) {
      this.#isReady = true;
      return;
    }
    const asker = this.#askers.shift();
    if (this.#askers.length === 0) this.#link?.keepAlive(false);
    if ("value" in answer) asker?.resolve(answer.value);
    // Without a question: it could not make its context.
    else if (asker === undefined) this.#bereave(receiveError(answer.error));
    else asker.reject(receiveError(answer.error));
  }

  /** It has ended; or has never come to life, but may in another way. */
  #bereave(error: Error): void {
    const lived = this.#isReady;
    this.#end(error);
    if (lived) this.#failure = error.message;
    else {
      this.#turnFromWay(error);
      this.start();
    }
  }

  #end(error: Error): void {
    const worker = this.#worker;
    this.#isReady = false;
    this.#worker = undefined;
    this.#link?.keepAlive(false);
    this.#link = undefined;
    for (const { reject } of this.#askers.splice(0)) reject(error);
    worker?.terminate();
  }

  /** Ends it. */
  close(): void {
    this.#failure ??= "its context was closed";
    this.#end(new Error(this.#failure));
  }
}
