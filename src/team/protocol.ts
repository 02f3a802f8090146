import type { WorkerWay } from "./host.ts";

/** What a thread is to run: it crosses two channels, through the keeper. */
export interface Job {
  readonly id: number;
  /** Of a member of the team: which one. It runs no module, and does not keep the process alive. */
  readonly member?: number | undefined;
  /** URL of the module whose default export is called. */
  readonly url: string;
  /** The context, and the arguments as they travel. */
  readonly context: unknown;
  readonly args: readonly unknown[];
}

/** How a thread ended. */
export type Outcome =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "threw"; readonly error: SentError }
  | { readonly kind: "terminated" }
  | { readonly kind: "died"; readonly error: SentError };

/** An error as it travels: classes do not survive a structured clone, these do. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
}

/** From who spawns to the keeper. */
export type Request = { readonly start: Job } | { readonly terminate: number };

/**
 * From the keeper, when a thread has ended: to who made the keeper what the thread has left, to who spawned it how it ended,
 * and to who made the keeper how many still run.
 */
export type Report =
  | { readonly estate: readonly [one: number, other: number] }
  | { readonly id: number; readonly outcome: Outcome }
  | { readonly running: number };

/** The first message to a new worker. */
export type Role =
  | {
      readonly role: "keeper";
      /** How it was started, and is to start others. */
      readonly way: WorkerWay;
      readonly memory: WebAssembly.Memory;
      readonly table: number;
      readonly link: object;
    }
  | { readonly role: "thread"; readonly job: Job; readonly link: object }
  | { readonly role: "delegate"; readonly context: unknown; readonly link: object };

/** From a delegate: first that it is there, then what it answers to each question. */
export type Answer = { readonly ready: true } | { readonly value: unknown } | { readonly error: SentError };

/** An error for a message. */
export function sendError(error: unknown): SentError {
  if (!(error instanceof Error))
    return { name: "Error", message: String(error), stack: undefined, code: undefined };
  const { name, message, stack } = error;
  const { code } = error as { code?: unknown };
  return { name, message, stack, code: typeof code === "string" ? code : undefined };
}

/** The error of another thread, with that thread's stack. */
export function receiveError({ name, message, stack, code }: SentError): Error {
  const error = new Error(message);
  Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  if (stack !== undefined) error.stack = stack;
  return code === undefined ? error : Object.assign(error, { code });
}
