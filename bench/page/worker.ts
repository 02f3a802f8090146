import { init } from "../../src/index.ts";
import { PARTS } from "../all/parts.ts";
import { runAll, secondsOf } from "../all/run.ts";
import { buildOf, environmentOf, lookAround } from "../common/environment.ts";
import { timerResolution } from "../common/sample.ts";
import { browserHost } from "../host/browser.ts";
import type { Plan } from "./plan.ts";
import type { Facts, Here, ToPage, ToWorker } from "./protocol.ts";
import { TITLES } from "./titles.ts";

// The program of the page's worker: it runs benches one after the other, and says what there is as it comes.

const say = (message: ToPage): void => postMessage(message);

/** Answers the page, one message after the other; but a stop is heard in the midst of a run. */
class Desk {
  #facts: Facts = { commit: null, power: null, threadModule: "", startProgram: "" };
  #stop = false;

  async hear(message: ToWorker): Promise<void> {
    switch (message.kind) {
      case "look":
        this.#facts = message.facts;
        return say({ kind: "here", here: await this.#look() });
      case "run":
        this.#stop = false;
        return this.#run(message.plan);
      case "stop":
        this.#stop = true;
    }
  }

  get #host() {
    const { commit, power, startProgram } = this.#facts;
    return browserHost({ power, startProgram, ...(commit === null ? {} : { commit }) });
  }

  async #look(): Promise<Here> {
    const surroundings = await lookAround(this.#host, timerResolution());
    const la = await init();
    const config = la.config();
    la.close();
    const { used, reason } = config.threads;
    return {
      environment: environmentOf(surroundings, this.#host, config, [buildOf(config)]),
      threads: { used, reason },
      offers: PARTS.map(({ name, seconds, selections }) => ({ name, seconds, selection: selections.full })),
    };
  }

  async #run({ length, benches, wishes }: Plan): Promise<void> {
    const parts = PARTS.filter(({ name }) => benches.includes(name)).map((part) =>
      part.adjusted(wishes[part.name] ?? {}),
    );
    const total = secondsOf(parts, length);
    const failures: string[] = [];
    const results = await runAll(parts, {
      ...{ length, init, host: this.#host },
      threadModule: new URL(this.#facts.threadModule),
      say: (text, done) => say({ kind: "progress", text, share: done / total }),
      stopped: () => this.#stop,
      measured: (results) => say({ kind: "measured", results }),
      failed: (name, error) => failures.push(`${TITLES[name]}: ${messageOf(error)}`),
    });
    say({ kind: "ended", results: results ?? null, failures });
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

const desk = new Desk();
addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  desk.hear(data).catch((error) => say({ kind: "failed", message: messageOf(error) }));
});
