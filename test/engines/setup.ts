import { installMissing } from "./runtimes.ts";

/** Before all tests, and once: several files use the runtimes, and two package managers at a time would collide. */
export default function setup(): void {
  installMissing();
}
