import { Writable } from "node:stream";
import { main } from "../../src/cli/program.ts";

/** What a command line printed, and its exit status. */
export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

function collector(): { stream: Writable; text: () => string } {
  let text = "";
  const stream = new Writable({
    write(piece, _encoding, done) {
      text += String(piece);
      done();
    },
  });
  return { stream, text: () => text };
}

/** Runs a command line in this process. */
export async function blasm(...args: string[]): Promise<Outcome> {
  const out = collector();
  const err = collector();
  const status = await main(args, { out: out.stream, err: err.stream });
  return { status, out: out.text(), err: err.text() };
}
