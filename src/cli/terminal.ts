import cliProgress from "cli-progress";

/** Where a command writes: results to `out`, everything else to `err`. */
export interface Terminal {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** A bar on the error stream, or nothing where that is no terminal. */
export interface Progress {
  /** @param done in the units of the total @param text what is being done */
  update(done: number, text: string): void;
  /** Waits until what was said last can be seen: before a computation that keeps the bar's timer from running. */
  shown(): Promise<void>;
  stop(): void;
}

const FRAME_MS = 50;

export function progress({ err }: Terminal, total: number): Progress {
  if (!err.isTTY) return { update() {}, shown: async () => {}, stop() {} };
  const bar = new cliProgress.SingleBar({
    stream: err,
    format: "{bar} {percentage} % {text}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 30,
    clearOnComplete: true,
    // Its own signal handlers would end the process before a command can leave what it has.
    gracefulExit: false,
    fps: 1000 / FRAME_MS,
  });
  bar.start(total, 0, { text: "" });
  return {
    update: (done, text) => bar.update(done, { text }),
    shown: () => new Promise((resolve) => setTimeout(resolve, 2 * FRAME_MS)),
    stop: () => bar.stop(),
  };
}
