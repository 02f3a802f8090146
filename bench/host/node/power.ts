import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * What a machine with Linux runs on, by the folder of its power supplies (Documentation/ABI/testing/sysfs-class-power): "mains",
 * "battery 63 %"; null where that is not to be known.
 */
export function powerState(folder: string, read: (path: string) => string): string | null {
  const supplies = foldersIn(folder).map((name) => {
    const field = (what: string): string | undefined => {
      try {
        return read(join(folder, name, what));
      } catch {
        return undefined;
      }
    };
    return {
      type: field("type"),
      online: field("online"),
      status: field("status"),
      capacity: field("capacity"),
      scope: field("scope"),
    };
  });
  // Batteries of mice and keyboards have a scope of their own.
  const battery = supplies.find(({ type, scope }) => type === "Battery" && scope !== "Device");
  if (battery?.status === "Discharging") return `battery ${battery.capacity ?? "?"} %`;
  const plugged = supplies.some(({ type, online }) => type !== "Battery" && online === "1");
  return plugged || battery !== undefined ? "mains" : null;
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
