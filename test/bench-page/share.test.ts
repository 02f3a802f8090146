import { describe, expect, test } from "vitest";
import { quantile } from "../../bench/common/statistics.ts";
import { drawnOnly, summarized } from "../../bench/page/reduce.ts";
import { fromFragment, LONGEST, ShareError, toFragment } from "../../bench/page/share.ts";
import type { Results } from "../../bench/results-file/format.ts";
import { everything, measurement, results } from "../plot/made-up.ts";

const back = async (fragment: string): Promise<Results> =>
  JSON.parse((await fromFragment(fragment)) ?? "null");

/** Samples that nothing compresses. */
const noise = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => 50 + Math.sin(1000 * seed + i * i));

describe("results in a link", () => {
  test("come back as they were", async () => {
    const small = results([measurement("gemm", 50, { n: 64, label: "Größe “64” ×" })]);
    const { fragment, reduced } = await toFragment(small);
    expect(reduced).toBe(false);
    expect(fragment).toMatch(/^results=1\.[\w-]+$/);
    expect(await back(fragment)).toEqual(small);
    expect(await back(`#${fragment}`)).toEqual(small);
  });

  test("the whole bench fits; what plots show of it stays the same", async () => {
    const all = everything();
    const many = {
      ...all,
      measurements: all.measurements.map((one, i) => ({
        ...one,
        values: noise(9, i).map((value) => (value / 50) * one.values[0]!),
      })),
    };
    const { fragment, reduced } = await toFragment(many);
    expect(reduced).toBe(true);
    expect(fragment.length).toBeLessThanOrEqual(LONGEST);
    const arrived = await back(fragment);
    for (const one of drawnOnly(many).measurements) {
      const other = arrived.measurements.find(
        ({ values, machine, residual, ...key }) => JSON.stringify(key) === JSON.stringify(keyOf(one)),
      );
      for (const q of [0.25, 0.5, 0.75]) {
        const ratio = quantile(other?.values ?? [], q) / quantile(one.values, q);
        expect(ratio).toBeCloseTo(1, 3);
      }
    }
  });

  test("what does not fit is refused", async () => {
    const huge = results(
      Array.from({ length: 2000 }, (_, n) =>
        measurement("gemm", 50, { section: "squares", what: "gemm", n, values: noise(5, n) }),
      ),
    );
    await expect(toFragment(huge)).rejects.toThrow(/too long for a link, 2000 measurements: share the file/);
  });

  test("other fragments are none of ours", async () => {
    for (const fragment of ["", "#", "#top", "#result=1.abc"])
      expect(await fromFragment(fragment)).toBeUndefined();
  });

  test("cut off anywhere, it says so", async () => {
    const { fragment } = await toFragment(everything());
    for (const share of [0.1, 0.5, 0.9, 0.999]) {
      const cut = fragment.slice(0, Math.floor(share * fragment.length));
      await expect(fromFragment(cut)).rejects.toThrow(
        `The link has been cut off or changed on its way (${cut.length} letters arrived)`,
      );
    }
  });

  test.each([
    ["nothing", "#results=1."],
    ["no base64url", "#results=1.a+b="],
    ["no deflate", "#results=1.AAAA____"],
    ["a later version", "#results=2.AAAA"],
  ])("%s", async (_, fragment) => {
    await expect(fromFragment(fragment)).rejects.toThrow(ShareError);
  });

  test("what unfolds to gigabytes is stopped", async () => {
    const bomb = new Response(
      new Blob([new Uint8Array(20_000_000)]).stream().pipeThrough(new CompressionStream("deflate-raw")),
    );
    const letters = Buffer.from(await bomb.arrayBuffer()).toString("base64url");
    await expect(fromFragment(`results=1.${letters}`)).rejects.toThrow("more than 4000000 bytes");
  });
});

const keyOf = ({ values, machine, residual, ...key }: Results["measurements"][number]): object => key;

test("five numbers have the quartiles of all, and few stay what they are", () => {
  const values = noise(31, 1);
  const [five, few] = summarized(
    results([measurement("gemm", 1, { values }), measurement("gemm", 1, { values: [3, 1, 2] })]),
  ).measurements;
  expect(five!.values).toHaveLength(5);
  for (const q of [0, 0.25, 0.5, 0.75, 1])
    expect(quantile(five!.values, q)).toBe(Number(quantile(values, q).toPrecision(4)));
  expect(few!.values).toEqual([3, 1, 2]);
});
