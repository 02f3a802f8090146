import type { Browser, ElementHandle, Page } from "puppeteer-core";

/** The example page as a user has it before them. */
export interface Opened {
  readonly page: Page;
  /** What the console says is wrong, and exceptions that nobody caught. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/** How to open the page. */
export interface OpenOptions {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
  /** A program to run before the page's own. */
  readonly before?: string;
  /** Where downloads go. */
  readonly downloads?: string;
}

/** Opens the page, and waits until it has a context, or has said that it gets none. */
export async function open(browser: Browser, url: string, options: OpenOptions = {}): Promise<Opened> {
  const { width = 1000, scheme, before, downloads } = options;
  const context = await browser.createBrowserContext(
    downloads === undefined ? {} : { downloadBehavior: { policy: "allow", downloadPath: downloads } },
  );
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) errors.push(message.text());
  });
  await page.setViewport({ width, height: 800 });
  // Firefox cannot be told.
  if (scheme !== undefined)
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  if (before !== undefined) await page.evaluateOnNewDocument(before);
  await page.goto(url);
  await page.waitForFunction(
    () =>
      !document.querySelector<HTMLElement>("#work")!.inert ||
      document.querySelector("#host-error")?.textContent !== "",
  );
  return { page, errors, close: () => context.close() };
}

/** An operand's card. */
async function card(page: Page, name: "A" | "B"): Promise<ElementHandle<Element>> {
  const cards = await page.$$(".operand");
  return cards[name === "A" ? 0 : 1]!;
}

export interface Drawn {
  readonly rows: number;
  readonly columns: number;
  readonly dtype?: "float32" | "float64";
}

/** Fills an operand's form and sends it. */
export async function generate(page: Page, name: "A" | "B", numbers: Drawn): Promise<void> {
  const operand = await card(page, name);
  await operand.evaluate((element, { rows, columns, dtype = "float32" }) => {
    const { elements } = element.querySelector("form")!;
    for (const [field, value] of Object.entries({ rows, columns, dtype })) {
      (elements.namedItem(field) as HTMLInputElement).value = String(value);
    }
  }, numbers);
  await (await operand.$("[type=submit]"))!.click();
}

/** Drops files on an operand's card. */
export async function drop(
  page: Page,
  name: "A" | "B",
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Promise<void> {
  const plain = files.map(({ name, bytes }) => ({ name, bytes: Array.from(bytes) }));
  await (await card(page, name)).evaluate((element, files) => {
    const dataTransfer = new DataTransfer();
    for (const { name, bytes } of files) dataTransfer.items.add(new File([Uint8Array.from(bytes)], name));
    element.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, plain);
}

/** Switches the comparison with one thread on or off; where there is one thread it is off, and cannot be had. */
export async function compare(page: Page, on: boolean): Promise<void> {
  await page.$eval(
    "#compare",
    (box, on) => {
      (box as HTMLInputElement).checked = on && !(box as HTMLInputElement).disabled;
    },
    on,
  );
}

/** Begins a product. */
export const begin = (page: Page): Promise<void> => page.click("#product [type=submit]");

/** Multiplies; what the page says of it. @throws what the page says is wrong */
export async function multiply(page: Page): Promise<string> {
  await begin(page);
  return outcome(page);
}

/** Waits for the end of a product. @throws what the page says is wrong */
export async function outcome(page: Page): Promise<string> {
  await page.waitForFunction(
    () =>
      document.querySelector<HTMLButtonElement>("#cancel")?.disabled &&
      `${document.querySelector("#product-status")?.textContent}${document.querySelector("#product-error")?.textContent}` !==
        "",
  );
  const error = await text(page, "#product-error");
  if (error !== "") throw new Error(error);
  return text(page, "#product-status");
}

/** The text of the first element that matches. */
export const text = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (element) => element.textContent ?? "");

/** The text of an element of an operand's card. */
export const cardText = async (page: Page, name: "A" | "B", selector: string): Promise<string> =>
  (await card(page, name)).$eval(selector, (element) => element.textContent ?? "");

/** A line of the table of products, newest first, by its headings. */
export const runs = (page: Page): Promise<Record<string, string>[]> =>
  page.$$eval("#runs tr", (rows) =>
    rows.map((row) => {
      const headings = Array.from(row.closest("table")!.querySelectorAll("th"), (cell) => cell.textContent);
      return Object.fromEntries(Array.from(row.cells, (cell, i) => [headings[i], cell.textContent]));
    }),
  );

/** Bytes of the arena in use, as the page shows them. */
export const bytesInUse = (page: Page): Promise<number> =>
  page.$eval("#used", (element) => Number((element as HTMLDataElement).value));
