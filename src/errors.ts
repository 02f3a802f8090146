/**
 * Every error blasm throws on purpose. Each says which numbers offend and what to do about it, carries a stable
 * `code` for programs, and is thrown before anything has changed.
 */
export class BlasmError extends Error {
  /** The class's name, written out: minifiers of applications rename classes. */
  override readonly name: string = "BlasmError";
  /** Stable across releases; compare this, not the message. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Shapes, ranks, sizes, indices, or an output that overlaps an input. Codes: `SHAPE`, `INDEX`, `OVERLAP`. */
export class ShapeError extends BlasmError {
  override readonly name = "ShapeError";
  constructor(message: string, code: "SHAPE" | "INDEX" | "OVERLAP" = "SHAPE") {
    super(code, message);
  }
}

/** An unknown dtype, or two dtypes that do not go together. Code `DTYPE`. */
export class DTypeError extends BlasmError {
  override readonly name = "DTypeError";
  constructor(message: string) {
    super("DTYPE", message);
  }
}

/** An array or block used after its last release. Code `RELEASED`. */
export class ReleasedError extends BlasmError {
  override readonly name = "ReleasedError";
  constructor(message: string) {
    super("RELEASED", message);
  }
}

/** The arena has no hole that is large enough and cannot grow. Code `ARENA_FULL`. */
export class ArenaFullError extends BlasmError {
  override readonly name = "ArenaFullError";
  constructor(message: string) {
    super("ARENA_FULL", message);
  }
}

/** Memory around a block was written over. Code `CORRUPT`. (Noticed by contexts with `debug`.) */
export class CorruptError extends BlasmError {
  override readonly name = "CorruptError";
  constructor(message: string) {
    super("CORRUPT", message);
  }
}

/** A file that is not what it claims to be; the message says at which byte. Code `FORMAT`. */
export class FormatError extends BlasmError {
  override readonly name = "FormatError";
  constructor(message: string, options?: ErrorOptions) {
    super("FORMAT", message, options);
  }
}

/**
 * Something this host, engine or package cannot do. Codes: `UNSUPPORTED` (host or engine), `OPTION` (an unknown
 * option or a value out of range), `FOREIGN` (an array of another context).
 */
export class UnsupportedError extends BlasmError {
  override readonly name = "UnsupportedError";
  constructor(
    message: string,
    code: "UNSUPPORTED" | "OPTION" | "FOREIGN" = "UNSUPPORTED",
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/**
 * A synchronization primitive misused, or in a state that needs its user. Codes: `WORDS` (words that cannot be used), `VALUE`
 * (a number out of range), `TIMEOUT` (a time limit that makes no sense), `UNLOCKED` (released while free), `NOT_OWNER`
 * (released or waited on by a thread that does not hold it), `BLOCKING` (this thread may not block), `ABANDONED` (its holder
 * has ended), `DEADLOCK` (waiting would never end), `BROKEN` (a barrier that was broken).
 */
export class LockError extends BlasmError {
  override readonly name = "LockError";
  declare readonly code: LockErrorCode;

  constructor(code: LockErrorCode, message: string) {
    super(code, message);
  }
}

export type LockErrorCode =
  | "WORDS"
  | "VALUE"
  | "TIMEOUT"
  | "UNLOCKED"
  | "NOT_OWNER"
  | "BLOCKING"
  | "ABANDONED"
  | "DEADLOCK"
  | "BROKEN";

/**
 * A thread that did not do what was asked of it. Codes: `DIED` (it ended before its function returned), `TIMEOUT` (it goes on
 * beyond the time limit of join()), `SENT` (a value that cannot be sent to another thread).
 */
export class TeamError extends BlasmError {
  override readonly name = "TeamError";
  constructor(code: "DIED" | "TIMEOUT" | "SENT", message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/**
 * A system without a unique solution: a pivot of its LU factorization, or an element of its triangle's diagonal, is exactly 0. Code
 * `SINGULAR`.
 */
export class SingularError extends BlasmError {
  override readonly name = "SingularError";
  /** Which one, from 0: U[pivot, pivot] is 0. */
  readonly pivot: number;

  constructor(pivot: number, message: string) {
    super("SINGULAR", message);
    this.pivot = pivot;
  }
}

/** A context used after `close()`. Code `CLOSED`. */
export class ClosedError extends BlasmError {
  override readonly name = "ClosedError";
  constructor(message: string) {
    super("CLOSED", message);
  }
}
