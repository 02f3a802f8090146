import type { Results } from "../results-file/format.ts";
import { drawnOnly, summarized } from "./reduce.ts";

/*
 * Results in a link, behind its #, which browsers send to no server: `results=1.`, then the file's JSON, deflated, in base64url.
 */

const PREFIX = "results=1.";

/** Letters that a link may have: what chats and mail programs still pass on whole. */
export const LONGEST = 16_000;

/** Bytes that a link may unfold to: deflate shrinks what repeats itself a thousandfold, and a link may be malicious. */
const LARGEST = 4_000_000;

/** A link that cannot be read, or results that fit in none. */
export class ShareError extends Error {}

/** What became of results on their way into a link. */
export interface Shared {
  readonly fragment: string;
  /** Whether the link has less than the file. */
  readonly reduced: boolean;
}

/**
 * The part of a link behind its #.
 * @throws ShareError if even what plots draw is too long
 */
export async function toFragment(results: Results): Promise<Shared> {
  const summary = summarized(results);
  for (const candidate of [results, summary, drawnOnly(summary)]) {
    const fragment =
      PREFIX + base64url(await through(new CompressionStream("deflate-raw"), encoded(candidate)));
    if (fragment.length <= LONGEST) return { fragment, reduced: candidate !== results };
  }
  throw new ShareError(
    `These results are too long for a link, ${results.measurements.length} measurements: share the file instead.`,
  );
}

/**
 * The text of the results file that a link holds; undefined if it holds none.
 * @throws ShareError for a link that has been cut off or changed
 */
export async function fromFragment(fragment: string): Promise<string | undefined> {
  const text = fragment.replace(/^#/, "");
  if (!text.startsWith("results=")) return undefined;
  if (!text.startsWith(PREFIX))
    throw new ShareError(
      "The link is of a newer version of this page: reload it, or ask for the results file.",
    );
  try {
    const bytes = fromBase64url(text.slice(PREFIX.length));
    return new TextDecoder("utf-8", { fatal: true }).decode(
      await through(new DecompressionStream("deflate-raw"), bytes),
    );
  } catch (error) {
    if (error instanceof ShareError) throw error;
    throw new ShareError(
      `The link has been cut off or changed on its way (${text.length} letters arrived): ask for it again, or for the results file.`,
      { cause: error },
    );
  }
}

const encoded = (results: Results): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify(results));

/** Bytes on their way through a stream. */
async function through(
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    length += value.length;
    if (length > LARGEST) {
      await reader.cancel();
      throw new ShareError(`The link unfolds to more than ${LARGEST} bytes: that is no results file.`);
    }
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Bytes turned into letters at a time: a call takes no more arguments on some engines. */
const PIECE = 8192;

function base64url(bytes: Uint8Array): string {
  let letters = "";
  for (let at = 0; at < bytes.length; at += PIECE)
    letters += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[\w-]*$/.test(text)) throw new Error("no base64url");
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) =>
    letter.charCodeAt(0),
  );
}
