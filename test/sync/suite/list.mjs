/**
 * A list in shared memory that threads append numbers to: what CPython's cases use `results = []` for. May be read while
 * others append.
 */
export class List {
  /** Word 0: how many; then each number + 1, 0 where one is about to be written. */
  words;

  constructor(words = new Int32Array(new SharedArrayBuffer(4 * 65))) {
    this.words = words;
  }

  /** How many there are. */
  get length() {
    return Atomics.load(this.words, 0);
  }

  push(/** @type {number | boolean} */ value) {
    const at = Atomics.add(this.words, 0, 1) + 1;
    if (at >= this.words.length) throw new Error(`a list has room for ${this.words.length - 1} numbers`);
    Atomics.store(this.words, at, Number(value) + 1);
  }

  /** The numbers in ascending order: that of appending is a matter of chance. */
  sorted() {
    const numbers = Array.from({ length: this.length }, (_, at) => {
      // Its thread has counted it, and is about to write it.
      while (Atomics.load(this.words, at + 1) === 0);
      return Atomics.load(this.words, at + 1) - 1;
    });
    return numbers.sort((one, other) => one - other);
  }
}
