import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { ElementHandle, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { toFragment } from "../../bench/page/share.ts";
import { readResults } from "../../bench/results-file/read.ts";
import { servePage } from "../../examples/serve.mjs";
import { launch, visit as visitUndriven } from "../engines/browser.ts";
import { browserPath, DRIVEN_NAMES, missing } from "../engines/runtimes.ts";
import { ISOLATED, type Server, serve } from "../engines/serve.ts";
import { type Opened, type OpenOptions, open, text } from "../page/driver.ts";
import { everything } from "../plot/made-up.ts";
import {
  BUILT,
  begin,
  buildPage,
  ENDLESS,
  LITTLE,
  lines,
  linked,
  others,
  outcome,
  plotted,
  run,
  wishing,
} from "./driver.ts";

// The benches' page as `npm run build:page` makes it, in the browsers that can be driven.

const SERVED = { isolated: ISOLATED, plain: {} } as const;
type Served = keyof typeof SERVED;

/** Kept beside the page, as results/index.json says. */
const REFERENCES = {
  "/results/index.json": JSON.stringify([
    { file: "kept.json", name: "kept", about: "a machine, an engine" },
    { file: "gone.json", name: "gone", about: "nobody knows" },
    { file: "bad.json", name: "bad", about: "no results" },
  ]),
  "/results/kept.json": JSON.stringify(everything()),
  "/results/bad.json": JSON.stringify({ schema: "blasm-results/99" }),
};

let servers: Record<Served, Server>;

beforeAll(async () => {
  await buildPage();
  const site = { folders: [BUILT], files: REFERENCES };
  servers = {
    isolated: await serve({ ...site, headers: ISOLATED }),
    plain: await serve(site),
  };
}, 60_000);

afterAll(() => {
  for (const server of Object.values(servers ?? {})) server.close();
});

test("what is served: the page twice, beside the example", async () => {
  const { origin, close } = await servePage(0);
  try {
    for (const [folder, isolation] of [
      ["isolated", "same-origin"],
      ["plain", null],
    ])
      for (const path of ["", "main.js", "worker.js", "results/index.json"]) {
        const { status, headers } = await fetch(`${origin}/bench/${folder}/${path}`);
        expect([status, headers.get("Cross-Origin-Opener-Policy")]).toEqual([200, isolation]);
      }
  } finally {
    close();
  }
});

describe.each(DRIVEN_NAMES)("%s", (name) => {
  const executable = browserPath(name);
  if (executable === undefined) return test("the page", ({ skip }) => skip(missing(name)));

  let started: Awaited<ReturnType<typeof launch>>;
  let opened: Opened[] = [];

  beforeAll(async () => {
    started = await launch(name, executable);
  }, 90_000);

  afterEach(async () => {
    await Promise.all(opened.map(({ close }) => close()));
    opened = [];
  });

  afterAll(() => started?.close());

  async function visit(served: Served, path: string, options?: OpenOptions): Promise<Page> {
    const one = await open(started.browser, `${servers[served].origin}${path}`, options);
    opened.push(one);
    return one.page;
  }

  const errors = (): string[] => opened.flatMap((one) => one.errors);

  test.each(["isolated", "plain"] as const)(
    "%s: says what limits it, runs to the end, and what it has found can be shared",
    async (served) => {
      const page = await visit(served, wishing(LITTLE));
      expect(await text(page, "#host")).toMatch(name === "chrome" ? /^Chromium \d+ \(V8 / : /^Firefox \d+ /);
      const limits = await text(page, "#limits");
      expect(limits).toMatch(/steps of [\d.]+ (µs|ms)/);
      expect(/One thread: the page is not cross-origin isolated.*Cross-Origin-Embedder/.test(limits)).toBe(
        served === "plain",
      );
      await page.type("#machine", "A machine <b> & more");
      expect(await run(page)).toMatch(/^Finished after [\d.]+ s: \d+ measurements, all results right$/);
      const { link, results } = await linked(page);
      expect(results.runs).toMatchObject([{ bench: "gemm", interrupted: false }]);
      expect(results.environment).toMatchObject({
        cpu: "A machine <b> & more",
        isolated: served === "isolated",
        visibility: "visible",
      });
      const products = results.measurements.filter(({ what, who }) => what === "gemm" && who === "strict");
      expect(products.map(({ n, values }) => [n, values.length])).toEqual([
        [8, 2],
        [32, 2],
      ]);
      expect(await plotted(page)).toEqual(["gemm"]);
      expect(await text(page, "#headlines tbody tr")).toMatch(
        /^product, float32, one thread[\d.]+ GFLOP\/s, n = /,
      );
      expect(await text(page, "#plots")).toContain("A machine <b> & more");
      expect(await page.$$("#numbers tbody tr")).toHaveLength(results.measurements.length);

      // Whoever opens the link sees it, and it lies over what they measure.
      const other = await visit(served, `${wishing(LITTLE)}${new URL(link).hash}`);
      expect(await others(other)).toContainEqual([
        expect.stringMatching(/^the link: A machine <b> & more, (Chromium|Firefox) /),
        true,
      ]);
      const before = await lines(other);
      await run(other);
      expect(await lines(other)).toEqual([
        ...before.map((line) => `${line}, this run`),
        ...before.map((line) => `${line}, the link`),
      ]);
      expect(errors()).toEqual([]);
    },
    120_000,
  );

  test("stopped in the midst: what was measured stays, and another run begins", async () => {
    const page = await visit("plain", wishing(ENDLESS));
    await begin(page);
    await page.waitForSelector("#plots > svg", { timeout: 60_000 });
    await page.click("#stop");
    expect(await outcome(page)).toMatch(/^Stopped after .*: [1-9]\d* measurements, all results right$/);
    const { results } = await linked(page);
    expect(results.runs).toMatchObject([{ bench: "gemm", interrupted: true }]);
    expect(await plotted(page)).toEqual(["gemm"]);
    await begin(page);
    await page.waitForFunction(() => document.querySelector("#now")?.textContent?.includes("squares"));
    // Twice: at once, whatever the worker does.
    await page.click("#stop");
    await page.click("#stop");
    expect(await outcome(page)).toMatch(/^Stopped after/);
    await begin(page);
    await page.waitForSelector("#plots > svg", { timeout: 60_000 });
    expect(errors()).toEqual([]);
  }, 120_000);

  test("the page has frames all the while", async () => {
    const page = await visit("plain", wishing(ENDLESS));
    await begin(page);
    // Products of 1024 and more: each takes many frames' time.
    await page.waitForFunction(() => document.querySelector("#now")?.textContent?.includes("1024"), {
      timeout: 60_000,
    });
    const frames = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let count = 0;
          const frame = (): void => {
            count += 1;
            if (count < 60) requestAnimationFrame(frame);
            else resolve(count);
          };
          requestAnimationFrame(frame);
        }),
    );
    expect(frames).toBe(60);
    expect(await text(page, "#now")).toContain("1024");
    expect(await page.$eval("#stop", (stop) => (stop as HTMLButtonElement).disabled)).toBe(false);
  }, 120_000);

  test.each([
    [
      "cut off",
      async () => (await toFragment(everything())).fragment.slice(0, 500),
      /^ShareError|cut off or changed/,
    ],
    ["changed", async () => "results=1.AAAA____", /cut off or changed/],
    ["of a later page", async () => "results=9.AAAA", /newer version/],
    [
      "of no results",
      async () => (await toFragment({ ...everything(), schema: "blasm-results/99" as never })).fragment,
      /FormatError: .*newer/,
    ],
  ])("a link that is %s: said, and the page works", async (_, fragment, message) => {
    const page = await visit("plain", `${wishing(LITTLE)}#${await fragment()}`);
    await page.waitForFunction(() => document.querySelector("#compare-error")?.textContent !== "");
    expect(await text(page, "#compare-error")).toMatch(message);
    expect(await page.$eval("#work", (work) => (work as HTMLElement).inert)).toBe(false);
    expect(errors()).toEqual([]);
  });

  test.each([
    ["no JSON", "?selection={", /selection: no JSON object/],
    ["no bench", '?selection={"pie":{}}', /no bench "pie" here, but .*gemm/],
    ["no such number", '?selection={"gemm":{"size":[1]}}', /gemm\.size is not known; there are .*sizes/],
    ["another type", '?selection={"gemm":{"rounds":[1]}}', /gemm\.rounds must be of type number/],
  ])("an expert's wish for %s", async (_, search, message) => {
    const page = await visit("plain", `/index.html${encodeURI(search)}`);
    expect(await text(page, "#host-error")).toMatch(message);
    expect(await page.$eval("#work", (work) => (work as HTMLElement).inert)).toBe(true);
  });

  test("in one file, from a disk: one thread, and nothing else is loaded", async () => {
    const folder = await mkdtemp(join(tmpdir(), "blasm-single-"));
    try {
      await writeFile(join(folder, "bench.html"), await readFile(join(BUILT, "single.html")));
      const search = wishing(LITTLE).replace("/index.html", "");
      const one = await open(started.browser, `${pathToFileURL(join(folder, "bench.html")).href}${search}`);
      opened.push(one);
      expect(await text(one.page, "#host")).toContain("1 thread");
      expect(await run(one.page)).toContain("all results right");
      expect((await linked(one.page)).results.environment.isolated).toBe(false);
      expect(errors()).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 120_000);

  if (name === "chrome") chromiumOnly(visit, errors);
});

/** What one engine is enough for. */
function chromiumOnly(
  visit: (served: Served, path: string, options?: OpenOptions) => Promise<Page>,
  errors: () => string[],
): void {
  test("threads: products on two, locks, the arena", async () => {
    const gemm = {
      ...LITTLE.gemm,
      builds: ["relaxed"],
      sections: ["threads"],
      threadSizes: [128],
      threads: [1, 2],
    };
    const lock = { sections: ["uncontended", "contended"], rounds: 1, hammerMs: 10, crowds: [2] };
    const arena = { sections: ["threads"], rounds: 1, churnMs: 10 };
    const page = await visit("isolated", wishing({ gemm, lock, arena }));
    expect(await run(page)).toContain("all results right");
    const { results } = await linked(page);
    expect(results.runs.map(({ bench }) => bench)).toEqual(["gemm", "arena", "lock"]);
    expect(results.measurements.filter(({ bench }) => bench === "lock").length).toBeGreaterThan(5);
    expect(await plotted(page)).toEqual(["gemm", "scaling"]);
    expect(errors()).toEqual([]);
  }, 120_000);

  test("cold starts: workers of their own", async () => {
    const page = await visit("isolated", wishing({ start: { rounds: 2, builds: ["strict", "relaxed"] } }));
    expect(await run(page)).toContain("all results right");
    const { measurements } = (await linked(page)).results;
    const inAll = measurements.filter(({ section, what }) => section === "start" && what === "in all");
    expect(inAll.map(({ who, values }) => [who, values.length])).toEqual([
      ["strict", 2],
      ["relaxed", 2],
    ]);
    expect(inAll.flatMap(({ values }) => values).every((ms) => ms > 0)).toBe(true);
    expect(errors()).toEqual([]);
  }, 60_000);

  test("without shared memory benches of threads cannot be chosen", async () => {
    const page = await visit("plain", "/index.html");
    expect(await page.$eval("[name=lock]", (box) => (box as HTMLInputElement).disabled)).toBe(true);
    expect(await text(page, "#benches")).toContain("Locks (needs threads)");
    for (const box of await page.$$("#benches input:not(:disabled)")) await box.click();
    await begin(page);
    expect(await text(page, "#run-error")).toBe("Choose something to measure first.");
  });

  test("a bench that fails is named, and the others have their turn", async () => {
    const wishes = {
      gemm: { ...LITTLE.gemm, builds: ["nonsense"] },
      peak: { ...LITTLE.gemm, sections: ["one"] },
    };
    const { sizes, ...peak } = wishes.peak;
    const page = await visit("plain", wishing({ ...wishes, peak }));
    await begin(page);
    await expect(outcome(page)).rejects.toThrow(/^Matrix products: /);
    expect(await text(page, "#run-status")).toMatch(/[1-9]\d* measurements, all results right/);
  }, 60_000);

  test("a worker that cannot be loaded", async () => {
    const before = 'globalThis.Worker = class extends Worker { constructor() { super("none.js") } }';
    const page = await visit("plain", "/index.html", { before });
    expect(await text(page, "#host-error")).toMatch(/worker's program cannot be loaded/);
  });

  test("the file that it gives to download is the results file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "blasm-page-"));
    try {
      const page = await visit("plain", wishing(LITTLE), { downloads: folder });
      await run(page);
      await page.click("#download");
      await expect
        .poll(() => readdir(folder))
        .toEqual([expect.stringMatching(/^blasm-[\d-]+-chromium-\d+\.json$/)]);
      const [file] = await readdir(folder);
      const results = readResults(await readFile(join(folder, file!), "utf8"));
      expect(results.measurements.length).toBeGreaterThan(5);
      expect(results.runs[0]!.selection).toMatchObject({ sizes: [8, 32] });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 60_000);

  test("references and files lie over each other; what is wrong with one is said", async () => {
    const page = await visit("plain", "/index.html");
    await expect
      .poll(async () => (await others(page)).map(([text]) => text))
      .toEqual(["kept: a machine, an engine", "gone: nobody knows", "bad: no results"]);
    const boxes = await page.$$("#others input");
    await boxes[0]!.click();
    await expect
      .poll(() => plotted(page))
      .toEqual(["gemm", "linpack", "roofline", "scaling", "latency", "stream"]);
    await boxes[1]!.click();
    await expect
      .poll(() => text(page, "#compare-error"))
      .toMatch(/^gone: .*results\/gone\.json cannot be had: 404/);
    await boxes[2]!.click();
    await expect.poll(() => text(page, "#compare-error")).toMatch(/^bad: FormatError: .*blasm-results\/99/);
    expect((await others(page)).map(([, shown]) => shown)).toEqual([true, false, false]);

    const folder = await mkdtemp(join(tmpdir(), "blasm-page-"));
    try {
      const [good, bad] = [join(folder, "mine.json"), join(folder, "torn.json")];
      await writeFile(good, JSON.stringify(everything("Chromium 142", 0.8)));
      await writeFile(bad, JSON.stringify(everything()).slice(0, 999));
      const input = (await page.$("input[type=file]")) as ElementHandle<HTMLInputElement>;
      await input.uploadFile(good, bad);
      await expect.poll(() => text(page, "#compare-error")).toMatch(/^torn\.json: FormatError: Cut off/);
      expect((await others(page)).at(-1)).toEqual([
        expect.stringMatching(/^mine: AMD EPYC .* Chromium 142, /),
        true,
      ]);
      expect(await lines(page)).toEqual(
        ["kept", "mine"].flatMap((file) =>
          ["strict", "relaxed", "tuned"].map((build) => `${build}, ${file}`),
        ),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    await boxes[0]!.click();
    await expect.poll(() => lines(page)).toEqual(["strict", "relaxed", "tuned"]);
  }, 60_000);

  test("a page that was out of sight meanwhile says so in its results", async () => {
    const page = await visit("plain", wishing(LITTLE));
    const turn = (state: string): Promise<void> =>
      page.evaluate((state) => {
        Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, state);
    await begin(page);
    await turn("hidden");
    await turn("visible");
    await outcome(page);
    expect((await linked(page)).results.environment.visibility).toMatch(/^hidden for \d+ s$/);
    await run(page);
    expect((await linked(page)).results.environment.visibility).toBe("visible");
  }, 60_000);

  test("by keyboard alone: the focus goes to Stop, and back", async () => {
    const page = await visit("plain", wishing(LITTLE));
    const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? "");
    for (let stop = 0; stop < 30 && (await focused()) !== "Start"; ++stop) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await focused()).toBe("Stop");
    await outcome(page);
    expect(await focused()).toBe("Start");
  }, 60_000);

  describe.each(["light", "dark"] as const)("%s", (scheme) => {
    test.each([1000, 360])(
      "%i pixels wide: axe finds nothing, and nothing is wider",
      async (width) => {
        const page = await visit("plain", wishing(LITTLE), { scheme, width });
        expect(await violations(page)).toEqual([]);
        await run(page);
        await page.click("#numbers summary");
        const boxes = await page.$$("#others input");
        await boxes[0]!.click();
        await boxes[1]!.click();
        await expect.poll(() => text(page, "#compare-error")).not.toBe("");
        expect(await plotted(page)).toContain("stream");
        expect(await violations(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        const wide = await page.$$eval("#plots text", (texts) =>
          texts
            .filter((text) => text.getBoundingClientRect().right > innerWidth)
            .map(({ textContent }) => textContent),
        );
        expect(wide).toEqual([]);
      },
      90_000,
    );
  });
}

/** What axe finds, by its rules for WCAG 2.2 AA and good practice. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  });
}

/** A page that holds the benches' page, runs it, and posts what this says in the end. */
const frameOf = (
  path: string,
): string => `<iframe src="${path.replaceAll('"', "&quot;")}" width=1000 height=900></iframe>
<script type=module>
const frame = document.querySelector("iframe");
const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
const find = (selector) => frame.contentDocument?.querySelector(selector);
const said = (selector) => find(selector)?.textContent ?? "";
while (find("#work")?.inert !== false && said("#host-error") === "") await pause();
find("[value=full]")?.click();
find("#run [type=submit]")?.click();
while (said("#run-status") + said("#run-error") + said("#host-error") === "") await pause();
const seen = { host: said("#host"), limits: said("#limits"), status: said("#run-status"), error: said("#host-error") + said("#run-error"),
  plots: Array.from(frame.contentDocument.querySelectorAll("#plots > svg"), ({ dataset }) => dataset.kind) };
await fetch("/", { method: "POST", body: JSON.stringify(seen) });
</script>`;

// Driven, Firefox starts no thread while another blocks: see visit(). WebKit cannot be driven.
test.each([
  ["firefox", /^Firefox \d+ .* 2 threads/, /steps of/, ["gemm", "scaling"]],
  [
    "webkit",
    /^Safari [\d.]+ \(javascriptcore\).* 1 thread/,
    /SharedArrayBuffer.*No relaxed SIMD, as in all of WebKit/,
    [],
  ],
] as const)(
  "%s that nobody drives, isolated: threads where there can be",
  async (name, host, limits, plots) => {
    if (browserPath(name) === undefined) return;
    const gemm = {
      ...LITTLE.gemm,
      ...{ builds: ["strict"], sections: ["threads"], threadSizes: [128], threads: [1, 2] },
    };
    const lock = { sections: ["contended"], rounds: 1, hammerMs: 10, crowds: [2] };
    const site = { folders: [BUILT], headers: ISOLATED, body: frameOf(wishing({ gemm, lock })) };
    const seen = await visitUndriven(name, site);
    expect(seen).toMatchObject({
      host: expect.stringMatching(host),
      limits: expect.stringMatching(limits),
      status: expect.stringMatching(/^Finished after .* all results right$/),
      error: "",
      plots,
    });
  },
  120_000,
);
