import type { Results } from "../results-file/format.ts";
import type { Plan } from "./plan.ts";
import { PROGRAMS } from "./programs.ts";
import type { Facts, Here, ToPage, ToWorker } from "./protocol.ts";

/** What is told of a run. */
export interface Listener {
  progress(text: string, share: number): void;
  measured(results: Results): void;
  /**
   * @param results all that was measured; null for nothing
   * @param failures of benches that could not go on
   */
  ended(results: Results | null, failures: readonly string[]): void;
  failed(message: string): void;
}

type OfPage = Pick<Facts, "commit" | "power">;

/** Benches in a worker: the page never waits for them. */
export class Session {
  #worker: Worker;
  #facts: OfPage;
  #listener: Listener | undefined;
  #onHere: { resolve(here: Here): void; reject(error: Error): void } | undefined;
  #sofar: Results | null = null;

  constructor(facts: OfPage) {
    this.#facts = facts;
    this.#worker = this.#start();
  }

  /** What this page runs on. @throws Error where nothing can be measured */
  look(): Promise<Here> {
    return new Promise((resolve, reject) => {
      this.#onHere = { resolve, reject };
      this.#post({
        kind: "look",
        facts: { ...this.#facts, threadModule: PROGRAMS.thread, startProgram: PROGRAMS.start },
      });
    });
  }

  run(plan: Plan, listener: Listener): void {
    this.#listener = listener;
    this.#sofar = null;
    this.#post({ kind: "run", plan });
  }

  /** Ends the run with what there is, between two samples. */
  stop(): void {
    this.#post({ kind: "stop" });
  }

  /** Ends the run at once: the worker with its threads, in the midst of whatever it does. */
  async abandon(): Promise<void> {
    this.#worker.terminate();
    this.#worker = this.#start();
    const listener = this.#listener;
    this.#listener = undefined;
    await this.look();
    listener?.ended(this.#sofar, []);
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #start(): Worker {
    const worker = new Worker(PROGRAMS.worker);
    worker.addEventListener("message", ({ data }: MessageEvent<ToPage>) => this.#heard(data));
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#heard({ kind: "failed", message: event.message || "the worker's program cannot be loaded" });
    });
    return worker;
  }

  #heard(message: ToPage): void {
    const listener = this.#listener;
    switch (message.kind) {
      case "here":
        this.#onHere?.resolve(message.here);
        break;
      case "progress":
        listener?.progress(message.text, message.share);
        break;
      case "measured":
        this.#sofar = message.results;
        listener?.measured(message.results);
        break;
      case "ended":
        this.#listener = undefined;
        listener?.ended(message.results, message.failures);
        break;
      case "failed":
        this.#listener = undefined;
        if (listener === undefined) this.#onHere?.reject(new Error(message.message));
        else listener.failed(message.message);
        break;
    }
  }
}
