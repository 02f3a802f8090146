import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { runtimeName } from "../../bench/common/environment.ts";
import { browserHost } from "../../bench/host/browser.ts";
import { nodeHost } from "../../bench/host/node/node.ts";
import { powerState } from "../../bench/host/node/power.ts";

const folder = mkdtempSync(join(tmpdir(), "blasm-power-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder of power supplies as Linux has it. */
function supplies(name: string, all: Record<string, Record<string, string>>): string {
  for (const [supply, fields] of Object.entries(all)) {
    mkdirSync(join(folder, name, supply), { recursive: true });
    for (const [field, text] of Object.entries(fields))
      writeFileSync(join(folder, name, supply, field), `${text}\n`);
  }
  return join(folder, name);
}
const read = (path: string): string => readFileSync(path, "utf8").trim();

test.each([
  [
    "unplugged",
    { AC: { type: "Mains", online: "0" }, BAT0: { type: "Battery", status: "Discharging", capacity: "63" } },
    "battery 63 %",
  ],
  [
    "charging",
    { AC: { type: "Mains", online: "1" }, BAT0: { type: "Battery", status: "Charging", capacity: "63" } },
    "mains",
  ],
  ["plugged", { AC: { type: "Mains", online: "1" } }, "mains"],
  ["mouse", { hid: { type: "Battery", status: "Discharging", capacity: "5", scope: "Device" } }, null],
])("power: %s", (name, all, state) => {
  expect(powerState(supplies(name, all), read)).toBe(state);
});

test("power: nothing known where there is no such folder", () => {
  expect(powerState(join(folder, "none"), read)).toBeNull();
});

const UBUNTU = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";
const CHROMIUM =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const SAFARI =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.2 Safari/605.1.15";

describe("a page's host", () => {
  test.each([
    [UBUNTU, "Firefox 153"],
    [CHROMIUM, "Chromium 142"],
    [`${CHROMIUM} Edg/142.0.0.0`, "Edge 142"],
    [SAFARI, "Safari 26.2"],
    ["Something else", "Something else"],
  ])("%s is %s", (version, name) => {
    const host = { runtime: "browser", version, engine: "", v8: undefined, architecture: undefined };
    expect(runtimeName({ ...host, cpu: undefined, cores: 1 })).toBe(name);
  });

  test("knows what the page tells it, and what it cannot do", async () => {
    vi.stubGlobal("navigator", { userAgent: UBUNTU });
    const host = browserHost({ commit: "abc", power: "battery 63 %", visibility: () => "hidden for 3 s" });
    expect(host.visibility()).toBe("hidden for 3 s");
    expect(await host.machine()).toEqual({
      ...{ commit: "abc", power: "battery 63 %", memoryBytes: null, flags: [] },
      os: "X11; Ubuntu; Linux x86_64",
    });
    for (const what of [
      "cpuMs",
      "loadAverage",
      "residentBytes",
      "heap",
      "occupy",
      "native",
      "fresh",
    ] as const)
      expect(host[what]).toBeUndefined();
    vi.unstubAllGlobals();
  });
});

test("Node's host knows the machine", async () => {
  const host = nodeHost({ file: import.meta.filename, built: undefined, python: undefined });
  const { commit, memoryBytes, os } = await host.machine();
  expect(commit === null || /^[0-9a-f]{12}( and changes)?$/.test(commit)).toBe(true);
  expect(memoryBytes).toBeGreaterThan(2 ** 20);
  expect(os).toContain(process.arch);
  expect(host.cpuMs!()).toBeGreaterThan(0);
  expect(host.native).toBeUndefined();
  expect(host.fresh).toBeUndefined();
});
