import { STEPS } from "./heat.ts";

/*
 * Colours for numbers: even to the eye, lightness rising (or rising and falling) all the way, told apart whatever one's eyes. Their
 * stops, of six hexadecimal digits, are at equal distances; what is mixed between them is at most 4 units of CIELAB from the original.
 */

/** For one sign: viridis, from dark to light, by S. van der Walt and N. Smith (matplotlib, 2015; CC0). */
export const SEQUENTIAL = "440154472d7b3b528b2c728e21908c27ad815cc863aadc32fde725";

/** For both: vik, blue over white to brown, by F. Crameri (Scientific colour maps, doi.org/10.5281/zenodo.1243862; MIT, see LICENSE). */
export const DIVERGING = "00126102337606558c2f7ca671a8c4b4d1e0ece5e1e5c0abd39774c37243aa46137e1d06590008";

/** The colours of all steps. */
export function coloursOf(stops: string): string[] {
  const parts = Array.from(stops.matchAll(/../g), ([digits]) => Number.parseInt(digits, 16));
  const last = parts.length / 3 - 1;
  return Array.from({ length: STEPS + 1 }, (_, step) => {
    const at = (step * last) / STEPS;
    const stop = Math.min(Math.floor(at), last - 1);
    const mixed = [0, 1, 2].map((i) => {
      const [from, to] = [parts[3 * stop + i]!, parts[3 * stop + 3 + i]!];
      return Math.round(from + (at - stop) * (to - from));
    });
    return `rgb(${mixed.join()})`;
  });
}
