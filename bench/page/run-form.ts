import { find } from "../../examples/page/find.js";
import type { Length } from "../all/run.ts";
import type { BenchName, Results } from "../results-file/format.ts";
import { item } from "./item.ts";
import type { Plan, Wishes } from "./plan.ts";
import type { Here } from "./protocol.ts";
import type { Session } from "./session.ts";
import { OF_THREADS, TITLES } from "./titles.ts";

/** What is told of a run. */
interface Listener {
  started(): void;
  measured(results: Results): void;
  /** @param results null where nothing had been measured */
  ended(results: Results | null): void;
}

/** Start, progress, stop. */
export class RunForm {
  #session: Session;
  #listener: Listener;
  #form: HTMLFormElement;
  #start: HTMLButtonElement;
  #stop: HTMLButtonElement;
  #progress: HTMLProgressElement;
  #now: HTMLElement;
  #status: HTMLElement;
  #notes: HTMLElement;
  #error: HTMLElement;
  #stopping = false;

  constructor(session: Session, here: Here, wishes: Wishes | undefined, listener: Listener) {
    this.#session = session;
    this.#listener = listener;
    this.#form = find(document, "#run", HTMLFormElement);
    this.#start = find(this.#form, "[type=submit]", HTMLButtonElement);
    this.#stop = find(this.#form, "#stop", HTMLButtonElement);
    this.#progress = find(document, "#progress", HTMLProgressElement);
    this.#now = find(document, "#now", HTMLElement);
    this.#status = find(document, "#run-status", HTMLElement);
    this.#notes = find(document, "#notes", HTMLElement);
    this.#error = find(document, "#run-error", HTMLElement);
    const names = here.offers.map(({ name }) => name);
    const { isolated: shared } = here.environment;
    find(this.#form, "#benches", HTMLElement).append(
      ...names.map((name) => boxOf(name, shared, wishes === undefined || name in wishes)),
    );
    for (const length of ["quick", "full"] as const) {
      const seconds = here.offers.reduce((sum, offer) => sum + offer.seconds[length], 0);
      find(this.#form, `#${length}-time`, HTMLElement).textContent = timeOf(seconds);
    }
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const fields = new FormData(this.#form);
      const length: Length = fields.get("length") === "full" ? "full" : "quick";
      const benches = names.filter((name) => fields.has(name));
      this.#run({ length, benches, wishes: wishes ?? {} });
    });
    this.#stop.addEventListener("click", () => this.#end());
  }

  #run(plan: Plan): void {
    this.#error.textContent = "";
    this.#status.textContent = "";
    this.#notes.replaceChildren();
    if (plan.benches.length === 0) {
      this.#error.textContent = "Choose something to measure first.";
      return;
    }
    this.#listener.started();
    this.#stopping = false;
    this.#busy(true);
    this.#progress.value = 0;
    this.#now.textContent = "starting";
    const begin = performance.now();
    this.#session.run(plan, {
      progress: (text, share) => {
        this.#now.textContent = text;
        this.#progress.value = share;
      },
      measured: (results) => this.#listener.measured(results),
      ended: (results, failures) => {
        const seconds = ((performance.now() - begin) / 1000).toFixed(1);
        this.#status.textContent = `${this.#stopping ? "Stopped" : "Finished"} after ${seconds} s: ${found(results)}`;
        this.#error.textContent = failures.join("; ");
        this.#notes.replaceChildren(...notesOf(results).map(item));
        if (!this.#stopping) this.#progress.value = 1;
        this.#busy(false);
        this.#listener.ended(results);
      },
      failed: (message) => {
        this.#error.textContent = message;
        this.#busy(false);
      },
    });
  }

  /** The first time between two samples, with what there is; the second time at once. */
  #end(): void {
    if (this.#stopping) {
      this.#session.abandon();
      return;
    }
    this.#stopping = true;
    this.#now.textContent = "stopping; press once more to stop at once";
    this.#session.stop();
  }

  #busy(busy: boolean): void {
    const { activeElement } = document;
    this.#start.disabled = busy;
    this.#stop.disabled = !busy;
    // What had the focus has none when it is disabled: whoever uses the keyboard goes on from the other one.
    if (activeElement === this.#start || activeElement === this.#stop)
      (busy ? this.#stop : this.#start).focus();
    if (!busy) this.#now.textContent = "–";
  }
}

/** A box for a bench; of those that nobody wishes for, or that cannot be had here, one that cannot be ticked. */
function boxOf(name: BenchName, shared: boolean, wished: boolean): HTMLLabelElement {
  const missing = !shared && OF_THREADS.includes(name);
  const box = document.createElement("input");
  box.type = "checkbox";
  box.name = name;
  box.checked = wished && !missing;
  box.disabled = !box.checked;
  const label = document.createElement("label");
  label.append(box, missing ? `${TITLES[name]} (needs threads)` : TITLES[name]);
  return label;
}

const timeOf = (seconds: number): string =>
  seconds < 90 ? `${Math.round(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;

function found(results: Results | null): string {
  if (results === null || results.measurements.length === 0) return "nothing was measured";
  const { measurements } = results;
  const wrong = measurements.filter((one) => one.wrong).length;
  return `${measurements.length} measurements, ${wrong === 0 ? "all results right" : `${wrong} results WRONG`}`;
}

/** What a reader should know, each once, with the benches that it is about. */
function notesOf(results: Results | null): string[] {
  const notes = new Map<string, string[]>();
  for (const run of results?.runs ?? [])
    for (const note of run.notes) notes.set(note, [...(notes.get(note) ?? []), TITLES[run.bench]]);
  return Array.from(notes, ([note, titles]) => `${titles.join(", ")}: ${note}`);
}
