import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { card, escaped, text } from "../../base/svg.ts";
import { type ArenaSnapshot, type Context, init, type NDArray } from "../../index.ts";
import { bytes } from "../../memory/map-axis.ts";
import { legend, MARGIN, mapHTML, strip } from "../../memory/map-svg.ts";
import { boxes } from "../../memory/map-text.ts";
import { about } from "../fail.ts";
import type { Terminal } from "../terminal.ts";
import { paragraph } from "./report.ts";

interface Options {
  readonly svg?: string;
  readonly html?: string;
  readonly json?: true;
}

/** A statement, and what it has done. */
interface Step extends ArenaSnapshot {
  readonly statement: string;
  readonly what: string;
}

const TITLE = "Arrays, views, and the memory they share";
const INTRODUCTION =
  "An array is a reference to a block of memory, and the block counts its references. A view is one more of them, to the same " +
  "block. When the last one is released, the block becomes a hole: what fits is put there, what does not goes beyond.";
/** Bytes that the pictures show: what all arrays take, and some of the unused end. */
const SPAN = 160 * 1024;
/** Events that there is room for; there are fewer. */
const EVENTS = 32;

/** Adds `blasm demo refcount`. */
export function addRefcount(demo: Command, terminal: Terminal): void {
  demo
    .command("refcount")
    .description("arrays and views count their references; holes are used again")
    .option("-o, --svg <file>", "write the steps as an SVG image; an existing file is replaced")
    .option("--html <file>", "write them as a page; an existing file is replaced")
    .option("--json", "print the steps and what was recorded as JSON instead")
    .action((options: Options) => run(options, terminal));
}

async function run({ svg, html, json }: Options, { out }: Terminal): Promise<void> {
  const la = await init();
  try {
    const steps = replay(la);
    // Everything before the first await: from then on arrays that nobody holds any more may be released as garbage.
    const data = { demo: "refcount", steps, history: la.arena.history() };
    const [told, image, page] = [asText(la, steps), asSVG(la, steps), asHTML(la, steps)];
    out.write(json ? `${JSON.stringify(data, null, 2)}\n` : told);
    if (svg !== undefined) await about(svg, () => writeFile(svg, image));
    if (html !== undefined) await about(html, () => writeFile(html, page));
  } finally {
    la.close();
  }
}

/** The lecture's slides, step by step, in a real arena. */
function replay(la: Context): Step[] {
  const steps: Step[] = [];
  const step = (statement: string, what: string): void => {
    steps.push({ statement, what, ...lookAt(la) });
  };
  /** A new array, and the statement that makes it. */
  const zeros = (name: string, rows: number): [array: NDArray, statement: string] => [
    la.zeros([rows, 64], { name }),
    `${name} = la.zeros([${rows}, 64])`,
  ];
  const sizeOf = (array: NDArray): string => bytes(8 * array.size);
  la.arena.record(EVENTS);

  const [a, makeA] = zeros("a", 64);
  step(makeA, `a refers to a new block of ${sizeOf(a)}, which counts ${a.refs} reference.`);
  const b = a.T;
  step("b = a.T", `A view: b refers to the same block, which now counts ${a.refs}. No byte has moved.`);
  const [c, makeC] = zeros("c", 64);
  step(makeC, `c has a block of its own, behind a's.`);
  const [d, makeD] = zeros("d", 32);
  step(makeD, `And so has d: ${sizeOf(d)}, behind c's.`);
  c.release();
  step("c.release()", `Python's del c. No reference is left: the block becomes a hole of ${sizeOf(c)}.`);
  const [e, makeE] = zeros("e", 96);
  step(makeE, `${sizeOf(e)} do not fit into the hole: e goes beyond d.`);
  const [f, makeF] = zeros("f", 40);
  step(makeF, `${sizeOf(f)} fit: f is put into the hole, and what is left of it stays a hole.`);
  b.release();
  step("b.release()", `The view is gone, the block is not: it counts ${a.refs} reference, that of a.`);
  a.release();
  step("a.release()", "That was the last one: this block becomes a hole, too.");
  return steps;
}

/** The arena without the block in which it records what happens: that one lies in front of all others. */
function lookAt(la: Context): ArenaSnapshot {
  const { stats, blocks } = la.arena.snapshot();
  const [log, ...others] = blocks;
  const { size, requested } = log!;
  return {
    stats: {
      ...stats,
      capacity: stats.capacity - size,
      used: stats.used - size,
      peak: stats.peak - size,
      requested: stats.requested - requested,
      blocks: stats.blocks - 1,
      allocations: stats.allocations - 1,
    },
    blocks: others,
  };
}

function asText(la: Context, steps: readonly Step[]): string {
  // The last line is a legend: once is enough.
  const texts = steps.map(({ statement, what, blocks }, i) =>
    [statement, paragraph(what), ...boxes(blocks, 80, SPAN).slice(0, i === 0 ? 5 : 4)].join("\n"),
  );
  return `${[paragraph(INTRODUCTION), ...texts, la.arena.timeline({ title: TIMELINE })].join("\n\n")}\n`;
}

const TIMELINE = "The same over time";
/** Pixels of a step in the image: the statement and its effect, the boxes, their addresses. */
const TEXTS = 26;
const BOXES = 40;
const STEP = 120;
/** As wide as the timeline. */
const WIDTH = 800;

function asSVG(la: Context, steps: readonly Step[]): string {
  const first = 60;
  const bottom = first + STEP * steps.length;
  const timeline = la.arena.timeline({ format: "svg", title: TIMELINE });
  const [width, height] = /width="(\d+)" height="(\d+)"/.exec(timeline)!.slice(1).map(Number) as [
    number,
    number,
  ];
  const picture = card(width, bottom + 40 + height, TITLE, escaped(INTRODUCTION), [
    ...steps.flatMap(({ statement, what, blocks }, i) => {
      const y = first + STEP * i;
      return [
        text(MARGIN, y, escaped(statement), ' font-weight="bold"'),
        text(MARGIN, y + 16, escaped(what)),
        ...strip(blocks, y + TEXTS, WIDTH, BOXES, SPAN),
      ];
    }),
    legend(steps.at(-1)!.blocks, bottom),
    timeline.replace("<svg ", `<svg y="${bottom + 40}" `),
  ]);
  return `${picture}\n`;
}

function asHTML(la: Context, steps: readonly Step[]): string {
  return `${[
    "<!doctype html>",
    '<html lang="en">',
    `<meta charset="utf-8"><title>${TITLE}</title>`,
    '<body style="max-width:860px;margin:2em auto;padding:0 1em;font:16px/1.5 system-ui,sans-serif;background:#fff;color:#222">',
    `<h1>${TITLE}</h1>`,
    `<p>${escaped(INTRODUCTION)}</p>`,
    ...steps.flatMap(({ statement, what, ...data }) => [
      `<h2 style="margin:2em 0 0;font:bold 16px Menlo,Consolas,monospace">${escaped(statement)}</h2>`,
      `<p style="margin:.5em 0">${escaped(what)}</p>`,
      mapHTML(data, { width: WIDTH }, SPAN),
    ]),
    la.arena.timeline({ format: "svg", title: TIMELINE }),
    "</body>",
    "</html>",
  ].join("\n")}\n`;
}
