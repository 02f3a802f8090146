import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Page } from "puppeteer-core";
import { fromFragment } from "../../bench/page/share.ts";
import type { Results } from "../../bench/results-file/format.ts";
import { readResults } from "../../bench/results-file/read.ts";
import { text } from "../page/driver.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What build.mjs writes. */
export const BUILT = `${ROOT}build/page`;

export const buildPage = (): Promise<unknown> =>
  promisify(execFile)(process.execPath, [`${ROOT}bench/page/build.mjs`]);

/** An address that asks for selections of an expert. */
export const wishing = (selection: object): string =>
  `/index.html?selection=${encodeURIComponent(JSON.stringify(selection))}`;

const QUICKLY = { builds: ["strict", "relaxed"], dtypes: ["float32"], rounds: 2, warmUpMs: 1 };

/** As little as there can be. */
export const LITTLE = { gemm: { ...QUICKLY, sections: ["squares"], sizes: [8, 32] } };

/** More than a test waits for. */
export const ENDLESS = {
  gemm: { ...QUICKLY, sections: ["squares"], sizes: [8, 1024, 1792, 1856, 1920, 1984, 2048], rounds: 3 },
};

/** Begins a run that may take its time. */
export async function begin(page: Page): Promise<void> {
  await page.click("[value=full]");
  await page.click("#run [type=submit]");
}

/** Waits for the end of a run; what the page says of it. @throws what the page says is wrong */
export async function outcome(page: Page): Promise<string> {
  await page.waitForFunction(
    () =>
      document.querySelector<HTMLButtonElement>("#stop")?.disabled &&
      `${document.querySelector("#run-status")?.textContent}${document.querySelector("#run-error")?.textContent}` !==
        "",
    { timeout: 60_000 },
  );
  const error = await text(page, "#run-error");
  if (error !== "") throw new Error(error);
  return text(page, "#run-status");
}

/** Runs to the end. */
export async function run(page: Page): Promise<string> {
  await begin(page);
  return outcome(page);
}

/** The results in the link that the page makes. @throws FormatError if they are none */
export async function linked(page: Page): Promise<{ link: string; results: Results }> {
  await page.click("#link");
  await page.waitForFunction(() => document.querySelector("#share-status")?.textContent !== "");
  const link = await page.$eval("#url", (field) => (field as HTMLInputElement).value);
  return { link, results: readResults((await fromFragment(new URL(link).hash)) ?? "") };
}

/** Kinds of the plots that the page shows. */
export const plotted = (page: Page): Promise<(string | undefined)[]> =>
  page.$$eval("#plots > svg", (plots) => plots.map((plot) => (plot as SVGSVGElement).dataset.kind));

/** Names of the lines in the first plot. */
export const lines = (page: Page): Promise<string[]> =>
  page.$$eval("#plots > svg:first-child .legend", (entries) =>
    entries.map(({ textContent }) => textContent ?? ""),
  );

/** What the page offers to compare with, and whether it is ticked. */
export const others = (page: Page): Promise<(readonly [text: string, shown: boolean])[]> =>
  page.$$eval("#others li", (items) =>
    items.map((item) => [item.textContent ?? "", item.querySelector("input")?.checked ?? false] as const),
  );
