import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Row } from "../../bench/gemm/rows.ts";
import { version } from "../../package.json";
import { type Config, init } from "../../src/index.ts";
import { reportOf } from "./bench-process.ts";
import { blasm } from "./terminal.ts";

const data = (name: string): string => join(import.meta.dirname, "../../bench/data", name);

let folder = "";
const inFolder = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "blasm-cli-"));
});

afterAll(() => rm(folder, { recursive: true }));

describe("exit statuses", () => {
  test("--version and --help are no errors", async () => {
    expect(await blasm("--version")).toEqual({ status: 0, out: `${version}\n`, err: "" });
    const help = await blasm("--help");
    expect(help.status).toBe(0);
    for (const command of ["info", "matmul", "bench"]) expect(help.out).toContain(command);
    expect((await blasm("bench", "gemm", "--help")).status).toBe(0);
  });

  test.each([
    [["nonsense"], "unknown command 'nonsense'"],
    [["info", "--fast"], "unknown option '--fast'"],
    [["info", "--build", "slow"], 'There is no "slow"; take strict, relaxed, tuned.'],
    [["matmul", "A.npy", "-o", "C.npy"], "missing required argument 'B.npy'"],
    [["matmul", "A.npy", "B.npy"], "required option '-o, --output <C.npy>' not specified"],
    [["matmul", "A.npy", "B.npy", "-o", "C.npy", "--dtype", "int8"], 'There is no "int8"'],
    [["bench", "gemm", "--sizes", "0"], '"0" is no whole number from 1 to 8192.'],
    [["bench", "gemm", "--sizes", "4,,8"], "has an empty item"],
    [["bench", "gemm", "--sizes", "1e3"], '"1e3" is no whole number'],
    [["bench", "gemm", "--rounds", "-1"], '"-1" is no whole number from 1 to 1000.'],
    [["bench", "gemm", "--shapes", "4x4"], '"4x4" is no m×n×k, as 4096x64x512.'],
    [["bench", "gemm", "--only", "cubes"], 'There is no "cubes"'],
    [["bench", "lu"], "too many arguments"],
  ])("%j is a usage error", async (args, message) => {
    const { status, out, err } = await blasm(...args);
    expect(status).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(/^blasm: /);
    expect(err).toContain(message);
  });
});

test("info --json is the configuration, micro-kernels measured", async () => {
  const { status, out, err } = await blasm("info", "--json", "--build", "strict");
  expect({ status, err }).toEqual({ status: 0, err: "" });
  const config = JSON.parse(out) as Config;
  expect(config.build.chosen).toBe("strict");
  expect(config.microKernels.float32.reason).toBe("measured");
  expect(config.microKernels.float64.reason).toBe("measured");
});

describe("matmul", () => {
  test.each([
    ["A.npy", "B.npy", "AB.npy", "float64"],
    ["A32.npy", "B32.npy", "AB32.npy", "float32"],
  ])("%s %s agrees with NumPy's product", async (a, b, product, dtype) => {
    const output = inFolder(product);
    const { status, out, err } = await blasm(
      "matmul",
      data(a),
      data(b),
      "-o",
      output,
      "--check",
      data(product),
    );
    expect({ status, out }).toEqual({ status: 0, out: "" });
    expect(err).toMatch(
      new RegExp(`${dtype}, [\\d.e-]+ s, [\\d.]+ GFLOP/s, \\w+ build, \\d+ threads?\\n.*agrees; max error`),
    );
    const la = await init();
    const [mine, wanted] = [await la.loadNpy(output), await la.loadNpy(data(product))];
    expect(mine.dtype).toBe(dtype);
    expect(mine.shape).toEqual(wanted.shape);
    la.close();
  });

  test("--json says what was done, and nothing else is printed", async () => {
    const output = inFolder("json.npy");
    const args = ["matmul", data("A.npy"), data("B.npy"), "-o", output, "--json", "--build", "strict"];
    const { status, out, err } = await blasm(...args, "--dtype", "float32");
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(JSON.parse(out)).toMatchObject({
      a: [300, 200],
      b: [200, 250],
      c: [300, 250],
      dtype: "float32",
      build: "strict",
      output,
    });
  });

  test("a product that is off is reported, with status 1", async () => {
    const la = await init();
    const wrong = await la.loadNpy(data("AB.npy"));
    wrong.set(wrong.at(17, 30) + 1e-9, 17, 30);
    wrong.set(Number.NaN, 5, 6);
    await la.saveNpy(wrong, inFolder("wrong.npy"));
    la.close();
    const args = ["matmul", data("A.npy"), data("B.npy"), "-o", inFolder("C.npy")];
    const { status, err } = await blasm(...args, "--check", inFolder("wrong.npy"));
    expect(status).toBe(1);
    expect(err).toContain("2 elements differ by more than rounding: max error Infinity at [5, 6]");
    expect((await readFile(inFolder("C.npy"))).length).toBe(128 + 300 * 250 * 8);
  });

  test("a stack, a vector, and non-finite numbers can be checked", async () => {
    const la = await init();
    const a = la.array([
      [
        [1, Number.POSITIVE_INFINITY],
        [3, Number.NaN],
      ],
    ]);
    await la.saveNpy(a, inFolder("stack.npy"));
    await la.saveNpy(la.array([2, 1]), inFolder("vector.npy"));
    await la.saveNpy(la.array([[Number.POSITIVE_INFINITY, Number.NaN]]), inFolder("product.npy"));
    la.close();
    const args = ["matmul", inFolder("stack.npy"), inFolder("vector.npy"), "-o", inFolder("P.npy")];
    expect((await blasm(...args, "--check", inFolder("product.npy"))).status).toBe(0);
  });

  test.each([
    ["missing.npy", "B.npy", [], /missing\.npy: no such file or directory\n$/],
    ["A.npy", "A.npy", [], /inner sizes differ/],
    ["A.npy", "B32.npy", [], /float64 and float32 do not mix/],
    ["A.npy", "B.npy", ["--check", "A.npy"], /its shape is \[300, 200\], the product's is \[300, 250\]/],
    ["A.npy", "B.npy", ["--check", "missing.npy"], /missing\.npy: no such file or directory\n$/],
  ])("%s %s %j is one clear line and status 1", async (a, b, more, message) => {
    const files = more.map((item) => (item.endsWith(".npy") ? data(item) : item));
    const { status, out, err } = await blasm("matmul", data(a), data(b), "-o", inFolder("C.npy"), ...files);
    expect({ status, out }).toEqual({ status: 1, out: "" });
    expect(err).toMatch(/^blasm: .*\n$/);
    expect(err).toMatch(message);
  });

  test("names the file that is no .npy, and the folder that is not there", async () => {
    await writeFile(inFolder("text.npy"), "no matrix");
    const bad = await blasm("matmul", inFolder("text.npy"), data("B.npy"), "-o", inFolder("C.npy"));
    expect(bad.status).toBe(1);
    expect(bad.err).toContain(`blasm: ${inFolder("text.npy")}: `);
    const nowhere = inFolder("no/such/C.npy");
    const lost = await blasm("matmul", data("A.npy"), data("B.npy"), "-o", nowhere);
    expect(lost.status).toBe(1);
    expect(lost.err).toContain(nowhere);
  });
});

const TINY = [
  "bench",
  "gemm",
  "--quick",
  "--rounds",
  "1",
  "--warm-up",
  "1",
  "--no-native",
  "--builds",
  "strict",
];

describe("bench gemm", () => {
  test("writes tables and files", async () => {
    const [json, markdown] = [inFolder("b.json"), inFolder("b.md")];
    const args = [...TINY, "--only", "squares,shapes,transposes", "--sizes", "4,65", "--shapes", "9x5x7"];
    const { status, out, err } = await blasm(
      ...args,
      "--trans",
      "TN",
      "--json",
      json,
      "--markdown",
      markdown,
    );
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(out).toContain("float64: square products");
    expect(out).toContain("9×5×7");
    const { rows } = reportOf<Row>(await readFile(json, "utf8"));
    expect(new Set(rows.map(({ label }) => label))).toEqual(new Set(["4", "65", "9×5×7", "256"]));
    expect(await readFile(markdown, "utf8")).toContain("| float64 | 65 | strict | gemm |");
  });

  test("--json - prints the document alone; small calls and their checks", async () => {
    const { status, out } = await blasm(...TINY, "--only", "small", "--call-sizes", "4", "--json", "-");
    expect(status).toBe(0);
    const { rows } = reportOf<Row>(out);
    expect(new Set(rows.map(({ what }) => what))).toEqual(
      new Set(["gemm", "plain loop", "matmul", "stack of 1000"]),
    );
    for (const { residual, values } of rows) {
      expect(residual).toBeLessThan(1);
      expect(values).toHaveLength(1);
    }
  });
});
