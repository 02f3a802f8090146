import { BUILDS } from "../../src/kernels/builds.ts";

/*
 * What tells lines apart: a colour, a symbol, and after eight lines a dash, so that neither a colour-blind reader nor a printer
 * without colours mistakes one for another. The colours are those of M. Okabe and K. Ito ("Color Universal Design", 2008), the light
 * ones darkened until they stand out from white at 3 : 1, as WCAG asks of what is drawn; dark pages have them lightened.
 */

interface Colour {
  readonly light: string;
  readonly dark: string;
}

export const COLOURS: readonly Colour[] = [
  { light: "#0072b2", dark: "#56b4e9" },
  { light: "#d55e00", dark: "#ff8c42" },
  { light: "#00805c", dark: "#2fd0a0" },
  { light: "#a8468a", dark: "#e79bc9" },
  { light: "#2f353c", dark: "#f4f1e4" },
  { light: "#3d4fc4", dark: "#a9b4ff" },
  { light: "#7a1f1f", dark: "#ff7f7f" },
  { light: "#8a6d00", dark: "#f0c030" },
];

const SYMBOLS = ["circle", "square", "triangle", "diamond", "star", "cross", "wye", "hexagon"] as const;
const DASHES = [undefined, "7 3", "2 3", "8 3 2 3"] as const;

/** How a line and its points look. */
export interface Look {
  readonly colour: string;
  readonly symbol: (typeof SYMBOLS)[number];
  readonly dash: (typeof DASHES)[number];
}

export function lookOf(index: number): Look {
  const i = index % COLOURS.length;
  const dash = DASHES[Math.floor(index / COLOURS.length) % DASHES.length];
  return { colour: `var(--series-${i})`, symbol: SYMBOLS[i]!, dash };
}

/** The look of each name: builds look the same in all pictures, others take their turns in the order of their first. */
export function looksOf(names: Iterable<string>): Map<string, Look> {
  const distinct = [...new Set(names)];
  const builds: readonly string[] = BUILDS;
  let next = distinct.some((name) => builds.includes(name)) ? builds.length : 0;
  return new Map(
    distinct.map((name) => [name, lookOf(builds.includes(name) ? builds.indexOf(name) : next++)]),
  );
}

const THEMES = {
  light: { "--card": "#ffffff", "--text": "#1b1f24", "--quiet": "#4a535d", "--grid": "#d5dae0" },
  dark: { "--card": "#14171b", "--text": "#e9ecef", "--quiet": "#b3bcc6", "--grid": "#39414a" },
} as const;

/** What the text of a theme's `--text` and so on stands on, for whoever checks contrasts. */
export const themeOf = (scheme: keyof typeof THEMES): Record<string, string> => ({
  ...THEMES[scheme],
  ...Object.fromEntries(COLOURS.map((colour, i) => [`--series-${i}`, colour[scheme]])),
});

const declarations = (scheme: keyof typeof THEMES): string =>
  Object.entries(themeOf(scheme))
    .map(([name, value]) => `${name}: ${value};`)
    .join(" ");

/** Of every picture; a page may hold many, and itself be light or dark. Paper is light. */
export const CLASS = "blasm-plot";

export const STYLE = `
.${CLASS} { ${declarations("light")} color: var(--text); font-family: system-ui, sans-serif; font-size: 12px; }
@media screen and (prefers-color-scheme: dark) { .${CLASS} { ${declarations("dark")} } }
.${CLASS} .quiet { fill: var(--quiet); }
.${CLASS} .title { font-size: 17px; font-weight: bold; }
.${CLASS} .panel-title { font-size: 13px; font-weight: bold; }
`;
