// Arrays and pictures display themselves: a program over the built package in Node, Deno and Bun; display() in a browser's page.

/**
 * What a notebook and a page are given of the same arrays; in a page the elements, too.
 * @returns {Promise<{ bundles: Record<string, Record<string, string>>, texts: string[], elements: string[], leaks: number }>}
 */
export async function display(/** @type {typeof import("../../src/index.ts")} */ { init }) {
  const la = await init({ threads: 1, memory: { initial: "16 MiB", maximum: "64 MiB" } });
  const a = la.array(la.arange(6).reshape([2, 3]), { name: "<a>" });
  la.arena.record(100);
  a.T.release();
  const gil = la.gil();
  const trace = gil.trace();
  await gil.runAsync(() => undefined);
  trace.stop();
  const before = la.arena.stats();
  const shown = /** @type {Record<string, any>} */ ({
    array: a,
    heatmap: a.heatmap(),
    arena: la.arena,
    map: la.arena.map(),
    timeline: la.arena.timeline(),
    trace,
  });
  const bundles = Object.fromEntries(
    Object.entries(shown).map(([name, thing]) => [name, thing[Symbol.for("Jupyter.display")]()]),
  );
  const { arena, ...drawn } = shown;
  const texts = Object.values(drawn).map(String);
  const elements =
    "document" in globalThis ? Object.values(drawn).map((thing) => `${thing.toElement().outerHTML}`) : [];
  const leaks = la.arena.stats().blocks - before.blocks;
  la.close();
  return { bundles, texts, elements, leaks };
}

const { argv } = globalThis.process ?? { argv: [] };
if (argv[2] !== undefined) console.log(JSON.stringify(await display(await import(argv[2]))));
