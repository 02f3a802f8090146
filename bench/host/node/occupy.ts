import { spawn } from "node:child_process";
import { once } from "node:events";

/** Says that it runs, then counts for ever: as long as who has started it lives. */
const PROGRAM = `const parent = process.ppid;
console.log("running");
while (process.ppid === parent) for (let i = 0; i < 1e7; ++i);`;

/** Has so many other processes each keep a core busy; returns, when they do, what ends them. */
export async function occupy(cores: number): Promise<() => void> {
  const children = Array.from({ length: cores }, () =>
    // Detached: a terminal's Ctrl-C is not for them, so that nothing is measured without them.
    spawn(process.execPath, ["--eval", PROGRAM], { stdio: ["ignore", "pipe", "inherit"], detached: true }),
  );
  await Promise.all(children.map(({ stdout }) => once(stdout, "data")));
  return () => {
    for (const child of children) child.kill("SIGKILL");
  };
}
