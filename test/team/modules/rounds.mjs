// A program: makes contexts with teams and closes them, so many times; prints what is left after a quarter of them, and at the end.
// (The process grows for some hundred rounds, as its heaps do.)

const { init } = await import(new URL("../../../dist/index.js", import.meta.url).href);

async function rounds(/** @type {number} */ count) {
  for (let i = 0; i < count; ++i) {
    const la = await init({ threads: 2, prewarm: true, memory: { initial: "16 MiB", maximum: "64 MiB" } });
    const a = la.random([200, 200], { seed: 1 });
    (await la.matmulAsync(a, a)).release();
    la.close();
    // Memories of closed contexts are the collector's to free, once their threads have come to their ends.
    if (i % 25 !== 24) continue;
    await new Promise((resolve) => setTimeout(resolve, 100));
    globalThis.gc?.();
  }
  const rss = Math.round(process.memoryUsage().rss / 2 ** 20);
  return { handles: process.getActiveResourcesInfo(), rss };
}

const count = Number(process.argv[2]);
const early = await rounds(count / 4);
const late = await rounds((3 * count) / 4);
console.log(JSON.stringify({ early, late }));
