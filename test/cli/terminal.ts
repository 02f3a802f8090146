import { Writable } from "node:stream";
import { main } from "../../src/cli/program.ts";
import type { Terminal } from "../../src/cli/terminal.ts";

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

/** A terminal, and what was written to it. */
export function capture(): { terminal: Terminal; out: () => string; err: () => string } {
  const [out, err] = [collector(), collector()];
  return { terminal: { out: out.stream, err: err.stream }, out: out.text, err: err.text };
}

/** Runs a command line in this process. */
export async function blasm(...args: string[]): Promise<Outcome> {
  const { terminal, out, err } = capture();
  const status = await main(args, terminal);
  return { status, out: out(), err: err() };
}
