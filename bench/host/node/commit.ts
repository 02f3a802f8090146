import { execFileSync } from "node:child_process";
import { dirname } from "node:path";

/** The commit of the checkout that a file lies in, with a word if files differ from it; null outside of any. */
export function commitOf(file: string): string | null {
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", dirname(file), ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    const commit = git("rev-parse", "--short=12", "HEAD");
    return git("status", "--porcelain", "--untracked-files=no") ? `${commit} and changes` : commit;
  } catch {
    return null;
  }
}
