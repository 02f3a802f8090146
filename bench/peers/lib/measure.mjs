/** @import { DType } from "./contract.mjs" */
/** @import { About } from "./child.mjs" */
import { Child, SkippedError } from "./child.mjs";
import { matrix } from "./inputs.mjs";
import { pickLines, reference, residual } from "./verify.mjs";

/**
 * @typedef {object} Row  one peer at one dtype and size
 * @property {string} peer
 * @property {string} name
 * @property {string} kind
 * @property {string} cannot
 * @property {DType} dtype
 * @property {number} n
 * @property {"measured" | "WRONG" | "skipped" | "failed"} status
 * @property {string} [reason]
 * @property {string} [note]
 * @property {string} [info]
 * @property {number} [residual]   in units of the rounding bound, below 1 where right
 * @property {number} [firstMs]    the first product, cold
 * @property {number[]} [warmup]   GFLOP/s of the warm-up's samples
 * @property {number[]} [samples]  GFLOP/s of the rounds
 * @property {number} [disturbed]  samples that had to share their core with others, even at the last try
 * @property {{ median: number, best: number, iqr: number }} [gflops]
 *
 * @typedef {object} Options
 * @property {string[]} peers
 * @property {DType[]} dtypes
 * @property {number[]} sizes
 * @property {number} rounds
 * @property {number} sampleMs
 * @property {number} seed
 * @property {string} node
 * @property {string[]} nodeArgs
 * @property {string} python
 * @property {number} limitMs
 */

/** A process this much slower than the same peer at the size before it is started again, to see whether it is stuck. */
const SUSPICIOUS = 0.6;
/** The fresh process must beat the suspicious one by this much to replace it. */
const CONVINCING = 1.4;

/** Below this share of a core during a sample, something else ran there: the sample is taken again, a few times. */
const UNDISTURBED = 0.95;
const TRIES = 4;

/** @param {number[]} xs @param {number} q */
export function quantile(xs, q) {
  const sorted = xs.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  return sorted[low] + (at - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
}

/** @param {number} n @param {{ ms: number, runs: number }} sample */
const gflops = (n, sample) => (2 * n ** 3 * sample.runs) / sample.ms / 1e6;

/**
 * Samples until the rate stops rising: the best of the last four is not 2 % above the best before them.
 * @param {Child} child
 * @param {number} n
 * @param {number} sampleMs
 */
async function warmUp(child, n, sampleMs) {
  const rates = [];
  const until = performance.now() + 3000;
  for (;;) {
    rates.push(gflops(n, await child.request({ cmd: "sample", ms: 2 * sampleMs })));
    const before = Math.max(...rates.slice(0, -4));
    const settled = rates.length >= 8 && Math.max(...rates.slice(-4)) <= 1.02 * before;
    if (settled || (rates.length >= 2 && performance.now() > until)) return rates;
  }
}

/** Every peer at one dtype and size: checked, warmed up, then timed in turns. */
export class Contest {
  /** Last median of a peer at this dtype. @type {Map<string, number>} */
  #previous = new Map();

  /** @param {Options} options @param {DType} dtype @param {(text: string) => void} say */
  constructor(options, dtype, say) {
    this.options = options;
    this.dtype = dtype;
    this.say = say;
  }

  /** @param {number} n @returns {Promise<Row[]>} */
  async run(n) {
    const { options, dtype } = this;
    const a = matrix(dtype, n, options.seed);
    const b = matrix(dtype, n, options.seed + 1);
    const lines = pickLines(n, options.seed + 2);
    const expected = reference(a, b, n, lines);
    /** @type {{ row: Row, child: Child }[]} */
    const running = [];
    /** @type {Row[]} */
    const rows = [];
    try {
      for (const peer of options.peers) {
        const { row, child } = await this.#enter(peer, n, lines, expected);
        rows.push(row);
        if (child) running.push({ row, child });
      }
      for (let round = 0; round < options.rounds; round++) {
        this.say(`${dtype} n=${n}: round ${round + 1} of ${options.rounds}, ${running.length} peers`);
        for (const { row, child } of running) {
          if (row.status !== "measured") continue;
          try {
            await this.#sample(row, child);
          } catch (error) {
            Object.assign(row, { status: "failed", reason: String(error) });
          }
        }
      }
      for (const { row } of running) this.#sum(row);
    } finally {
      await Promise.all(running.map(({ child }) => child.close()));
    }
    return rows;
  }

  /** @param {Row} row @param {Child} child */
  async #sample(row, child) {
    for (let left = TRIES; left > 0; left--) {
      const sample = await child.request({ cmd: "sample", ms: this.options.sampleMs });
      const disturbed = sample.cpuMs < UNDISTURBED * sample.ms;
      if (disturbed && left > 1 && sample.ms < 1000) continue;
      row.samples?.push(gflops(row.n, sample));
      if (disturbed) row.disturbed = (row.disturbed ?? 0) + 1;
      return;
    }
  }

  /** @param {Row} row */
  #sum(row) {
    if (row.status !== "measured" || !row.samples?.length) return;
    const median = quantile(row.samples, 0.5);
    const iqr = quantile(row.samples, 0.75) - quantile(row.samples, 0.25);
    row.gflops = { median, best: Math.max(...row.samples), iqr };
    this.#previous.set(row.peer, median);
    if (row.disturbed)
      row.note = join(row.note, `core shared in ${row.disturbed} of ${row.samples.length} samples`);
    if (row.warmup && median < SUSPICIOUS * Math.max(...row.warmup)) {
      row.note = join(row.note, `rounds far below the warm-up's ${Math.max(...row.warmup).toFixed(1)}`);
    }
  }

  /**
   * @param {string} peer
   * @param {number} n
   * @param {{ rows: number[], cols: number[] }} lines
   * @param {{ value: Float64Array, scale: Float64Array }} expected
   * @returns {Promise<{ row: Row, child?: Child }>}
   */
  async #enter(peer, n, lines, expected) {
    const first = await this.#start(peer, n, lines, expected);
    const before = this.#previous.get(peer);
    if (!first.child || before === undefined) return first;
    const rate = Math.max(.../** @type {number[]} */ (first.row.warmup));
    if (rate >= SUSPICIOUS * before) return first;
    this.say(
      `${this.dtype} n=${n}: ${peer} at ${rate.toFixed(1)}, ${before.toFixed(1)} before: starting it again`,
    );
    const second = await this.#start(peer, n, lines, expected);
    const again = Math.max(0, ...(second.row.warmup ?? []));
    if (!second.child || again < CONVINCING * rate) {
      await second.child?.close();
      return first;
    }
    await first.child.close();
    second.row.note = `a first process was stuck at ${rate.toFixed(1)}, a fresh one was not`;
    return second;
  }

  /** @type {(peer: string, n: number, lines: any, expected: any) => Promise<{ row: Row, child?: Child }>} */
  async #start(peer, n, lines, expected) {
    const { options, dtype } = this;
    this.say(`${dtype} n=${n}: ${peer}`);
    /** @type {Row} */
    const row = { peer, name: peer, kind: "", cannot: "", dtype, n, status: "skipped" };
    const child = new Child(peer, options);
    try {
      const about = await child.about();
      const { name, kind, cannot } = about;
      Object.assign(row, { name, kind, cannot });
      row.reason = unsuitable(about, dtype, n);
      if (row.reason) throw new SkippedError(row.reason);
      row.info = (await child.request({ cmd: "prepare", dtype, n, seed: options.seed })).info;
      const start = performance.now();
      const { values } = await child.request({ cmd: "lines", ...lines });
      row.firstMs = performance.now() - start;
      row.residual = residual(values, expected, dtype, n);
      if (!(row.residual < 1)) {
        row.status = "WRONG";
        row.reason = `residual ${row.residual.toPrecision(3)} of the rounding bound`;
        await child.close();
        return { row };
      }
      row.status = "measured";
      row.warmup = await warmUp(child, n, options.sampleMs);
      row.samples = [];
      return { row, child };
    } catch (error) {
      row.status = error instanceof SkippedError ? "skipped" : "failed";
      row.reason = error instanceof Error ? error.message : String(error);
      await child.close();
      return { row };
    }
  }
}

/** @param {string | undefined} a @param {string} b */
const join = (a, b) => (a ? `${a}; ${b}` : b);

/** @param {About} about @param {DType} dtype @param {number} n */
function unsuitable(about, dtype, n) {
  if (!about.dtypes.includes(dtype)) return `no ${dtype}`;
  if (about.maxN !== null && n > about.maxN) return `too slow above n = ${about.maxN}`;
  return undefined;
}
