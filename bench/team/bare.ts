/** Words from one field to the next: a cache line. */
const LINE = 16;

/**
 * A store, a notify, and a loop that spins until all have stored their answers: a call of threads cannot be faster than that.
 *
 *     line 0   number of calls: members sleep on it
 *     line 1…  one a member: 1 + the number of the last call that it has answered; 0 as long as it is not there
 */
export class BareCalls {
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #members: number;

  constructor(words: Int32Array, index: number, members: number) {
    this.#words = words;
    this.#index = index;
    this.#members = members;
  }

  static bytes(members: number): number {
    return 4 * LINE * (1 + members);
  }

  areReady(): boolean {
    const answer = Atomics.load(this.#words, this.#index) + 1;
    for (let member = 0; member < this.#members; ++member)
      if (Atomics.load(this.#words, this.#answerOf(member)) !== answer) return false;
    return true;
  }

  call(): void {
    const words = this.#words;
    const call = Atomics.load(words, this.#index) + 1;
    Atomics.store(words, this.#index, call);
    Atomics.notify(words, this.#index);
    while (!this.areReady());
  }

  /** Answers calls, for ever. */
  answer(member: number, spins: number): never {
    for (let call = Atomics.load(this.#words, this.#index); ; call = this.#await(call, spins))
      Atomics.store(this.#words, this.#answerOf(member), call + 1);
  }

  #await(seen: number, spins: number): number {
    const words = this.#words;
    for (let spin = 0; spin < spins; ++spin) {
      const call = Atomics.load(words, this.#index);
      if (call !== seen) return call;
    }
    while (Atomics.load(words, this.#index) === seen) Atomics.wait(words, this.#index, seen);
    return Atomics.load(words, this.#index);
  }

  #answerOf(member: number): number {
    return this.#index + LINE * (1 + member);
  }
}
