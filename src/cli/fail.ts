/** Exit statuses, as command-line users expect them. */
export const EXIT = {
  ok: 0,
  /** Something went wrong, or a check failed. */
  failed: 1,
  /** The command line was wrong. */
  usage: 2,
  /** Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
} as const;

/** Ctrl-C: what there was has been written. */
export class InterruptedError extends Error {}

/** What a user can make sense of without a stack; the message is all that is shown. */
export class CommandError extends Error {}

const SYSTEM: Record<string, string> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
  ENOSPC: "no space left on the device",
  EROFS: "read-only file system",
};

/** One line that says what is wrong. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  const text = SYSTEM[code ?? ""];
  if (text === undefined) return error.message.replace(/\s*\n\s*/g, " ");
  return path === undefined ? text : `${path}: ${text}`;
}

/** Runs `body`; an error in it is said to be about `name`. */
export async function about<T>(name: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    const message = messageOf(error);
    const line = message.startsWith(`${name}: `) ? message : `${name}: ${message}`;
    throw new CommandError(line, { cause: error });
  }
}
