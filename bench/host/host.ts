import type { Build, DType } from "../../src/index.ts";
import type { Subject } from "../common/sample.ts";
import type { Case } from "../gemm/cases.ts";
import type { Lines } from "../gemm/validate.ts";
import type { Sweeper } from "../stream/sweepers.ts";

/**
 * What benches want of the host beyond JavaScript itself: node/ gives it in Node, browser.ts in pages and their workers. Members
 * that a host cannot have are undefined there; a section that needs one leaves a note instead of rows.
 */
export interface BenchHost {
  /** Milliseconds of processor time that this process has had, all its threads. */
  readonly cpuMs: (() => number) | undefined;
  /** Averages over 1, 5 and 15 minutes. */
  readonly loadAverage: (() => readonly number[]) | undefined;
  /** What the machine is, asked once before a run. */
  machine(): Promise<Machine>;
  /** Of a page, at the end of a run: "visible", "hidden for 3 s"; null where nothing is to be seen. */
  visibility(): string | null;
  /** Bytes of memory that this process has. */
  readonly residentBytes: (() => number) | undefined;
  /** Weighs what calls allocate. */
  readonly heap: (() => HeapGauge) | undefined;
  /** Has so many other processes each keep a core busy; gives what ends them. */
  readonly occupy: ((cores: number) => Promise<() => void>) | undefined;
  /** Native BLAS on so many threads in a process of its own, or why there is none. */
  readonly native: ((threads: number) => Promise<NativeBlas | string>) | undefined;
  /** Bytes of the largest cache that a core sees, where that can be told. */
  readonly cacheBytes: number | undefined;
  /** STREAM in C, compiled here, or why it cannot be. */
  readonly compileStream: (() => Promise<CompiledStream | string>) | undefined;
  /**
   * Starts the package anew, as a program that multiplies squares once and then some more times: a process, a page's worker; undefined
   * where it cannot be.
   */
  readonly coldStart: ((build: Build, n: number) => Promise<ColdStart>) | undefined;
  /** The built package in processes of its own; undefined where it runs from source, too. */
  readonly fresh: FreshProcesses | undefined;
}

/** null: not known here. */
export interface Machine {
  readonly commit: string | null;
  readonly memoryBytes: number | null;
  readonly os: string | null;
  /** What the engine was started with. */
  readonly flags: readonly string[];
  /** "mains", "battery 63 %" */
  readonly power: string | null;
}

/** A loop of so many calls. */
export type Loop = (calls: number) => void | Promise<void>;

/** Tells how many bytes of the JavaScript heap a call allocates. */
export interface HeapGauge {
  bytesPerCall(loop: Loop): Promise<number>;
  close(): void;
}

/** A BLAS outside of this process. It computes only while it is asked to. */
export interface NativeBlas extends Subject {
  /** What it says it is. */
  readonly name: string;
  /** Makes the operands of a case; returns the lines of its result, null for what is no finite number. */
  prepare(one: Case, lines: Lines): Promise<(number | null)[]>;
  /** Makes a matrix to factor, from then on; returns x of a system with it. */
  factor(dtype: DType, n: number): Promise<(number | null)[]>;
  close(): void;
}

export interface CompiledStream {
  /** The compiler and its flags. */
  readonly name: string;
  /** In a process of its own; undefined where the compiler has no threads. */
  start(dtype: DType, bytes: number, threads: number): Sweeper | undefined;
  /** Takes the program away. */
  remove(): Promise<void>;
}

/** What a fresh start came to. */
export interface ColdStart {
  /** The build that it had. */
  readonly build: Build;
  /** Milliseconds of each step. */
  readonly ms: Readonly<Record<"boot" | "load" | "init" | "product" | "exit", number>>;
  /** Of products that followed the first one. */
  readonly laterMs: readonly number[];
  /** Whether the product was right. */
  readonly right: boolean;
}

export interface FreshProcesses {
  /** Milliseconds of init() in a process that has just imported the package. */
  initMs(build: Build): Promise<number>;
  /** What `blasm bench …` prints. */
  bench(args: readonly string[]): Promise<string>;
  /** Bytes of the package's entry, wasm included, after gzip. */
  packageBytes(): Promise<number>;
}
