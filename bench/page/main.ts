import { find } from "../../examples/page/find.js";
import { showError, showThreads } from "../../examples/page/text.js";
import { powerState } from "../host/browser.ts";
import type { Source } from "../plot/source.ts";
import type { Results } from "../results-file/format.ts";
import { Headlines } from "./headlines.ts";
import { item } from "./item.ts";
import { limitsOf } from "./limits.ts";
import { Numbers } from "./numbers.ts";
import { Others } from "./others.ts";
import { wishesOf } from "./plan.ts";
import { PlotsView } from "./plots-view.ts";
import type { Here } from "./protocol.ts";
import { references } from "./references.ts";
import { RunForm } from "./run-form.ts";
import { Session } from "./session.ts";
import { fromFragment } from "./share.ts";
import { ShareView } from "./share-view.ts";
import { Sight } from "./visibility.ts";

// Wires the page: a worker that measures, plots of what it has measured and of what others have, and ways to share it.

/** Set by build.mjs: what the page was built from. */
declare const COMMIT: string | null;

const element = (selector: string): HTMLElement => find(document, selector, HTMLElement);

/** What the page runs on, and what limits it. */
function showHere(here: Here): void {
  const { environment, threads } = here;
  const { runtime, engine, cores, builds } = environment;
  const build = builds.map(({ build }) => build).join(", ");
  element("#host").textContent =
    `${runtime} (${engine}), ${cores} cores; ${showThreads(threads.used)}, ${build} build.`;
  element("#limits").replaceChildren(...limitsOf(here, crossOriginIsolated).map(item));
  element("#limits-section").hidden = false;
}

async function start(): Promise<void> {
  const sight = new Sight();
  const session = new Session({ commit: COMMIT, power: await powerState() });
  const plots = new PlotsView(element("#plots"), element("#no-plots"));
  const headlines = new Headlines(element("#headlines"));
  const numbers = new Numbers(element("#numbers"));
  const share = new ShareView(element("#share-title").closest("section")!);
  const machine = find(document, "#machine", HTMLInputElement);
  let own: Results | undefined;
  const sources = (): Source[] => [
    ...(own === undefined ? [] : [{ name: "this run", results: own }]),
    ...others.sources(),
  ];
  const show = (): void => {
    plots.show(sources());
    headlines.show(sources());
  };
  const others = new Others(element("#compare-title").closest("section")!, show);
  const seen = (results: Results): Results => ({
    ...results,
    environment: {
      ...results.environment,
      cpu: machine.value.trim() || results.environment.cpu,
      visibility: sight.text(),
    },
  });

  const overlay = async (): Promise<void> => {
    try {
      const text = await fromFragment(location.hash);
      if (text !== undefined) others.add("the link", text);
    } catch (error) {
      others.refuse(showError(error));
    }
  };

  const here = await session.look();
  showHere(here);
  new RunForm(session, here, wishesOf(location.search, here.offers), {
    started() {
      sight.reset();
      own = undefined;
      share.set(undefined);
    },
    measured(results) {
      own = seen(results);
      plots.showSoon(sources());
    },
    ended(results) {
      own = results === null ? undefined : seen(results);
      show();
      share.set(own);
      if (own !== undefined) numbers.show(own);
    },
  });
  element("#work").inert = false;
  addEventListener("hashchange", overlay);
  await overlay();
  try {
    for (const reference of await references()) others.offer(reference);
  } catch (error) {
    others.refuse(showError(error));
  }
}

start().catch((error) => {
  element("#host").textContent = "Nothing can be measured here.";
  element("#host-error").textContent = showError(error);
});
