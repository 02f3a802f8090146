import { SLICE_MS } from "../../../src/sync/wait.ts";
import { type Answer, isSpinning, type Moment, type Op } from "./script.ts";
import { type Choice, type Event, Failure, type Universe } from "./universe.ts";

/** What waits are for, by their length. */
export type Timer = "slice" | "fair" | "limit" | "never";

/**
 * SLICE_MS: the safety net. 1 ms: a lock's waiter is about to starve (its clock counts whole milliseconds, so nothing else is as
 * long). Everything else is a limit that the program itself has set: see limit().
 */
function timerOf(ms: number): Timer {
  if (ms === Number.POSITIVE_INFINITY) return "never";
  return ms === SLICE_MS ? "slice" : ms === 1 ? "fair" : "limit";
}

/** Steps after which nothing new is to be expected. */
const PATIENCE = 500;

const READY = 0;
const ASLEEP = 1;
const PAUSED = 2;
const OVER = 3;
const DEAD = 4;
const UNBORN = 5;

/** Where one thread is; never changed, only replaced. */
interface Place {
  readonly moment: Moment;
  readonly state: number;
  /** Asleep: when its time is over. */
  readonly until: number;
  /** How often others have entered a room while it slept, starving; if that matters. */
  readonly overtaken: number;
  /** Whether anything has changed since it last paused. */
  readonly news: boolean;
}

/** What key() makes a string from. */
const units = new Uint16Array(512);

/**
 * All there is at one time: what the words hold, where each thread is, who sleeps in which order, what the clock shows. As
 * ECMA-262 has it: operations one after the other, and waiters woken first come, first served.
 */
export class World {
  readonly universe: Universe;
  readonly #words: number[];
  readonly #places: Place[];
  /** Who sleeps, longest first; for each word, that is the order in which they are woken. */
  #queue: readonly number[] = [];
  /** Who is in each room, as bits. */
  readonly #rooms: number[];
  #clock = 0;
  /** How many waits have ended by the safety net. */
  #slices = 0;

  private constructor(universe: Universe, words: number[], places: Place[], rooms: number[]) {
    this.universe = universe;
    this.#words = words;
    this.#places = places;
    this.#rooms = rooms;
  }

  /** Before any thread has performed an operation. @throws Failure */
  static first(universe: Universe): World {
    const { memory, scripts, threads } = universe;
    const places = scripts.map(({ start }, thread) => ({
      moment: start,
      state: thread < threads ? READY : UNBORN,
      until: 0,
      overtaken: 0,
      news: true,
    }));
    const world = new World(universe, [...memory.words], places, [0, 0, 0]);
    for (let thread = 0; thread < scripts.length; ++thread) world.#settle(thread);
    return world;
  }

  copy(): World {
    const copy = new World(this.universe, this.#words.slice(), this.#places.slice(), this.#rooms.slice());
    copy.#queue = this.#queue;
    copy.#clock = this.#clock;
    copy.#slices = this.#slices;
    return copy;
  }

  /** Threads that have an operation to perform. */
  get ready(): number[] {
    return this.#all(READY);
  }

  get anyDead(): boolean {
    return this.#places.some(({ state }) => state === DEAD);
  }

  get slices(): number {
    return this.#slices;
  }

  /** Whether all threads have ended, but for daemons that sleep without a limit. */
  get over(): boolean {
    const { threads, scenario } = this.universe;
    const first = threads - (scenario.daemons ?? 0);
    return this.#places.every(({ state, moment }, thread) => {
      const daemon = thread >= first && thread < threads;
      return state >= OVER || (daemon && state === ASLEEP && timerOf(moment.asks!.args[1]!) === "never");
    });
  }

  isReady(thread: number): boolean {
    return this.#places[thread]?.state === READY;
  }

  /** Threads that may die now. */
  mayDie(): number[] {
    const { mortals = [], mayDie = () => true } = this.universe.scenario;
    const living = mortals.filter((thread) => this.#places[thread]!.state < OVER);
    return living.length > 0 && mayDie(this.#words) ? living : [];
  }

  /** Who sleeps, with a timer of one of these kinds. */
  asleep(...kinds: readonly Timer[]): number[] {
    return this.#queue.filter((thread) =>
      kinds.includes(timerOf(this.#places[thread]!.moment.asks!.args[1]!)),
    );
  }

  /** Of some sleepers, those whose time is over first. */
  firstOf(sleepers: readonly number[]): number[] {
    const first = Math.min(...sleepers.map((thread) => this.#places[thread]!.until));
    return sleepers.filter((thread) => this.#places[thread]!.until === first);
  }

  /** Who hangs, and on what, in words. */
  get sleepers(): string {
    const { scenario } = this.universe;
    return this.#places
      .flatMap(({ state, moment }, thread) => {
        const name = this.universe.nameOf(thread);
        if (state === PAUSED) return [`${name} has nothing to do until a word changes`];
        if (state !== ASLEEP) return [];
        const { index, args } = moment.asks!;
        const value = this.#words[index];
        return [`${name} sleeps on ${scenario.names[index] ?? `word ${index}`} = ${args[0]} (now ${value})`];
      })
      .join("; ");
  }

  /** Whether it takes nothing but time for some thread to come to its end. Changes the world. */
  isSavedByTime(): boolean {
    const over = this.#all(OVER).length;
    for (let step = 0; step < PATIENCE && this.#all(OVER).length === over; ++step) {
      const [ready] = this.ready;
      const [next] = this.firstOf(this.asleep("slice", "fair", "limit"));
      if (ready !== undefined) this.do({ what: "run", thread: ready });
      else if (next !== undefined) this.do({ what: "fire", thread: next });
    }
    return this.#all(OVER).length > over;
  }

  /** What an operation would be told as. */
  event({ what, thread }: Choice): Event {
    return { what, thread, op: this.#places[thread]?.moment.asks };
  }

  /** Does it, and completes the event. @throws Failure */
  do({ what, thread }: Choice, event = this.event({ what, thread }), stallMs = 0): void {
    const clock = this.#clock;
    // An operation changes no word but its own.
    const index = event.op?.index ?? -1;
    const was = this.#words[index];
    if (what === "run") this.#perform(thread, event);
    else if (what === "fire") this.#fire(thread);
    else if (what === "kill") this.#kill(thread);
    else this.#clock += stallMs;
    const is = this.#words[index];
    if (was !== undefined) Object.assign(event, { was, is });
    if (this.#clock !== clock) event.note = `the clock shows ${this.#clock} ms`;
    if (this.#clock === clock && was === is) return;
    for (let other = 0; other < this.#places.length; ++other) {
      const { state, news } = this.#places[other]!;
      if (other === thread) continue;
      if (state === PAUSED) this.#answer(other, 0);
      else if (!news) this.#change(other, { news: true });
    }
  }

  /** Runs the scenario's end. @throws Failure */
  end(): void {
    const { scenario, memory, threads } = this.universe;
    const results = this.#places.slice(0, threads).map(({ moment, state }) => {
      if (state === DEAD) return "dead";
      return moment.outcome !== undefined && "value" in moment.outcome ? moment.outcome.value : undefined;
    });
    memory.words.set(this.#words);
    try {
      scenario.end?.(memory.words, results);
    } catch (error) {
      throw new Failure(
        "end",
        `${error instanceof Error ? error.message : error}; results ${JSON.stringify(results)}`,
      );
    }
  }

  /** Equal for worlds with equal futures. @param more what else these depend on: small numbers. */
  key(...more: number[]): string {
    const { universe } = this;
    let at = 0;
    for (const number of more) units[at++] = number;
    units[at++] = this.#clock;
    units[at++] = this.#slices;
    for (const room of this.#rooms) units[at++] = room;
    for (const { moment, state, until, overtaken, news } of this.#places) {
      // Of who has ended, only the result matters still.
      const id = state < OVER ? moment.id : state === OVER ? universe.resultNumber(moment) : 0;
      units[at++] = id;
      units[at++] = id >>> 16;
      units[at++] = state | (Number(news) << 3) | (overtaken << 4);
      if (state === ASLEEP) units[at++] = 4 * until;
    }
    for (const thread of this.#queue) units[at++] = thread;
    for (const index of universe.touched) {
      const value = this.#words[index]!;
      units[at++] = value;
      units[at++] = value >>> 16;
    }
    return String.fromCharCode.apply(null, units.subarray(0, at) as unknown as number[]);
  }

  #all(state: number): number[] {
    const all: number[] = [];
    for (let thread = 0; thread < this.#places.length; ++thread)
      if (this.#places[thread]!.state === state) all.push(thread);
    return all;
  }

  #change(thread: number, change: Partial<Place>): void {
    this.#places[thread] = { ...this.#places[thread]!, ...change };
  }

  /** The thread has its answer, and runs on to its next operation. */
  #answer(thread: number, answer: Answer): void {
    const { moment } = this.#places[thread]!;
    this.#change(thread, { moment: this.universe.scripts[thread]!.after(moment, answer), state: READY });
    this.#settle(thread);
  }

  /** Answers what concerns nobody else at once, and sees whether the thread has ended. */
  #settle(thread: number): void {
    const script = this.universe.scripts[thread]!;
    let { moment, state } = this.#places[thread]!;
    for (let { asks } = moment; asks !== undefined; { asks } = moment) {
      // What moves the clock (another's time-out, a leap) might as well come before this thread's last operation as between that
      // and the reading: one of the two is enough.
      if (asks.kind === "now") moment = script.after(moment, this.#clock);
      else if (asks.kind === "forget") moment = script.after(moment, 0);
      // A wait for no time asks whether this thread may block. (It is no more than a load, and who makes it looks again.)
      else if (asks.kind === "wait" && !(asks.args[1]! > 0))
        moment = script.after(moment, this.#words[asks.index] === asks.args[0] ? "timed-out" : "not-equal");
      else break;
    }
    const { outcome } = moment;
    if (outcome !== undefined) state = OVER;
    this.#change(thread, { moment, state });
    if (outcome !== undefined && "error" in outcome) {
      const { error } = outcome;
      throw new Failure("error", `${this.universe.nameOf(thread)} threw ${error}`);
    }
  }

  #perform(thread: number, event: Event): void {
    const { moment } = this.#places[thread]!;
    const op = moment.asks!;
    const answer = this.#effect(thread, op, event);
    if (answer === undefined) return;
    event.answer = answer;
    if (op.kind === "load" && isSpinning(moment, answer)) event.note = "spins";
    this.#answer(thread, answer);
  }

  /** Performs an operation. @returns its answer, or undefined if that is still to come. */
  #effect(thread: number, { kind, index, args }: Op, event: Event): Answer | undefined {
    const words = this.#words;
    const { touched } = this.universe;
    switch (kind) {
      case "enter":
        return this.#enter(thread, index);
      case "leave":
        this.#rooms[index]! &= ~(1 << thread);
        return 0;
      case "bury":
        for (const dead of this.#all(DEAD)) this.#rooms[index]! &= ~(1 << dead);
        return 0;
      case "pause": {
        const { news } = this.#places[thread]!;
        this.#change(thread, { state: news ? READY : PAUSED, news: false });
        return news ? 0 : undefined;
      }
      case "notify":
        return this.#notify(index, args[0] ?? Number.POSITIVE_INFINITY, event);
      case "wait":
        if (words[index] !== args[0]) return "not-equal";
        this.#change(thread, { state: ASLEEP, until: this.#clock + args[1]! });
        this.#queue = [...this.#queue, thread];
        return undefined;
    }
    if (!touched.includes(index)) touched.push(index);
    const old = words[index]!;
    const value = args[0]! | 0;
    switch (kind) {
      case "load":
        break;
      case "store":
      case "exchange":
        words[index] = value;
        break;
      case "add":
        words[index] = (old + value) | 0;
        break;
      case "sub":
        words[index] = (old - value) | 0;
        break;
      case "and":
        words[index] = old & value;
        break;
      case "or":
        words[index] = old | value;
        break;
      case "xor":
        words[index] = old ^ value;
        break;
      case "compareExchange":
        if (old === value) words[index] = args[1]! | 0;
        break;
      default:
        throw new Error(`no operation ${kind}`);
    }
    return kind === "store" ? value : old;
  }

  #notify(index: number, most: number, event: Event): number {
    const { universe } = this;
    const woken = this.#queue
      .filter((thread) => this.#places[thread]!.moment.asks!.index === index)
      .slice(0, most);
    this.#queue = this.#queue.filter((thread) => !woken.includes(thread));
    for (const thread of woken) this.#answer(thread, "ok");
    if (woken.length > 0) event.note = `wakes ${woken.map((thread) => universe.nameOf(thread)).join(", ")}`;
    return woken.length;
  }

  #fire(thread: number): void {
    const { until, moment } = this.#places[thread]!;
    this.#clock = Math.max(this.#clock, Math.ceil(until));
    if (moment.asks!.args[1] === SLICE_MS) ++this.#slices;
    this.#queue = this.#queue.filter((other) => other !== thread);
    this.#answer(thread, "timed-out");
  }

  #kill(thread: number): void {
    const { threads, scenario } = this.universe;
    this.#change(thread, { state: DEAD });
    this.#queue = this.#queue.filter((other) => other !== thread);
    this.#change(threads + scenario.mortals!.indexOf(thread), { state: READY });
  }

  #enter(thread: number, room: number): number {
    const { capacity = 1, overtaking } = this.universe.scenario;
    const name = (who: number): string => this.universe.nameOf(who);
    const inside = this.#rooms[room]! | (1 << thread);
    this.#rooms[room] = inside;
    const who = this.#places.flatMap((_, other) => (inside & (1 << other) ? [name(other)] : []));
    if (who.length > capacity)
      throw new Failure("exclusion", `${who.join(" and ")} are in room ${room} together`);
    if (overtaking === undefined) return 0;
    this.#change(thread, { overtaken: 0 });
    for (const other of this.asleep("slice")) {
      const overtaken = this.#places[other]!.overtaken + 1;
      this.#change(other, { overtaken });
      if (overtaken > overtaking)
        throw new Failure("starvation", `${name(other)} sleeps and has been overtaken ${overtaken} times`);
    }
    return 0;
  }
}
