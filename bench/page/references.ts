import type { Results } from "../results-file/format.ts";
import { readResults } from "../results-file/read.ts";

/** Results that are kept with the page. */
export interface Reference {
  readonly name: string;
  /** Machine, engine, day. */
  readonly about: string;
  readonly load: () => Promise<Results>;
}

/** A line of results/index.json. */
export interface Indexed {
  readonly file: string;
  readonly name: string;
  readonly about: string;
}

/** What a page that is all in one file has of them. */
type Inside = readonly (Omit<Indexed, "file"> & { readonly results: Results })[];

/** The results that build.mjs has put beside the page, or into it. */
export async function references(): Promise<Reference[]> {
  const inside = document.querySelector("#references")?.textContent;
  if (inside) {
    const all = JSON.parse(inside) as Inside;
    return all.map(({ results, ...rest }) => ({ ...rest, load: async () => results }));
  }
  const index = (await (await loaded("results/index.json")).json()) as Indexed[];
  return index.map(({ file, ...rest }) => ({
    ...rest,
    load: async () => readResults(await (await loaded(`results/${file}`)).text()),
  }));
}

async function loaded(path: string): Promise<Response> {
  const response = await fetch(new URL(path, document.baseURI));
  if (!response.ok) throw new Error(`${path} cannot be had: ${response.status} ${response.statusText}`);
  return response;
}
