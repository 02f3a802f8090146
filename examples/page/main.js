// Wires the page: a context, two operands, their product, and what there is to see of it.

import { init } from "blasm";
import { ArenaPicture } from "./arena.js";
import { find } from "./find.js";
import { Frames } from "./frames.js";
import { acceptDrops, Operand } from "./operand.js";
import { ProductForm } from "./product.js";
import { Result } from "./result.js";
import { showError, showThreads } from "./text.js";

/** @import { Context } from "blasm" */

const host = find(document, "#host", HTMLElement);
const cards = ["A", "B"].map(() => {
  const card = /** @type {DocumentFragment} */ (
    find(document, "#operand", HTMLTemplateElement).content.cloneNode(true)
  );
  return find(card, ".operand", HTMLFieldSetElement);
});
find(document, "#operands", HTMLElement).append(...cards);
for (const link of document.querySelectorAll("nav a")) {
  if (link instanceof HTMLAnchorElement && link.pathname === location.pathname) link.ariaCurrent = "page";
}

const HEADERS =
  " Threads take the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp.";

/** What the page runs on, in a line and in full. @param {Context} la */
function showHost(la) {
  const { threads, build } = la.config();
  const line =
    `${showThreads(threads.used)} (${threads.reason}), ${build.chosen} build.` +
    (crossOriginIsolated ? "" : HEADERS);
  // What is set anew is read out anew.
  if (host.textContent !== line) host.textContent = line;
  la.showConfig((text) => {
    find(document, "#config", HTMLElement).textContent = text;
  });
}

/** @param {Context} la */
function start(la) {
  const arena = new ArenaPicture(la);
  const frames = new Frames(
    find(document, "#chart", HTMLCanvasElement),
    find(document, "#frames", HTMLElement),
  );
  const result = new Result(la, () => arena.show());
  const operands = cards.map((card, i) => new Operand(card, "AB"[i] ?? "", la, () => arena.show()));
  acceptDrops(cards, operands);
  new ProductForm(la, frames, {
    operands: () => operands.map(({ array }) => array),
    changed: () => arena.show(),
    onResult(c) {
      result.show(c);
      showHost(la);
    },
  });
  showHost(la);
  find(document, "#work", HTMLElement).inert = false;
}

init({ prewarm: true }).then(start, (error) => {
  host.textContent = "Nothing can be multiplied here.";
  find(document, "#host-error", HTMLElement).textContent = showError(error);
});
