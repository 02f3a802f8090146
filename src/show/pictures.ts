import type { Pictures } from "../array/pictures.ts";
import { Drawing } from "../base/picture.ts";
import { arrayHTML } from "./array-html.ts";
import { heatOf } from "./heat.ts";
import { heatSVG } from "./heat-svg.ts";
import { heatText } from "./heat-text.ts";

/** How arrays are drawn. */
export const PICTURES: Pictures = {
  html: arrayHTML,
  heatmap(array, options = {}) {
    const heat = heatOf(array, options);
    return new Drawing(
      () => heatText(heat),
      () => heatSVG(heat),
    );
  },
};
