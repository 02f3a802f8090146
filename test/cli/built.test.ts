import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Row } from "../../bench/gemm/rows.ts";
import { version } from "../../package.json";
import { reportOf } from "./bench-process.ts";

const cli = join(import.meta.dirname, "../../dist/cli.js");
const data = (name: string): string => join(import.meta.dirname, "../../bench/data", name);

function blasm(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: "utf8" });
  return { status, stdout, stderr };
}

describe.skipIf(!existsSync(cli))("dist/cli.js (skipped where it is not built)", () => {
  test("--version", () => {
    expect(blasm("--version")).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("usage errors end with 2, others with 1", () => {
    expect(blasm("nonsense").status).toBe(2);
    const { status, stdout, stderr } = blasm("matmul", "no.npy", "no.npy", "-o", "no.npy");
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: "",
      stderr: "blasm: no.npy: no such file or directory\n",
    });
  });

  test("multiplies with the tuned build, and agrees with NumPy's product", () => {
    const folder = mkdtempSync(join(tmpdir(), "blasm-built-"));
    const args = ["-o", join(folder, "C.npy"), "--check", data("AB.npy"), "--build", "tuned", "--json"];
    const { status, stdout } = blasm("matmul", data("A.npy"), data("B.npy"), ...args);
    rmSync(folder, { recursive: true });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ c: [300, 250], check: { wrong: 0 } });
  });

  test("finds the package beside it, and starts fresh processes of itself", () => {
    const args = [
      "--only",
      "startup,small",
      "--call-sizes",
      "4",
      "--rounds",
      "1",
      "--warm-up",
      "1",
      "--json",
      "-",
    ];
    const { status, stdout } = blasm(
      "bench",
      "gemm",
      "--dtypes",
      "float64",
      "--builds",
      "strict,tuned",
      ...args,
    );
    expect(status).toBe(0);
    const { rows } = reportOf<Row>(stdout);
    expect(new Set(rows.map(({ section }) => section))).toEqual(new Set(["startup", "small"]));
    for (const { values } of rows) expect(values.length).toBeGreaterThan(0);
  });
});
