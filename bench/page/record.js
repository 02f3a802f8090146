// Beside the page in a frame: presses its buttons as a user would, and posts the file that it offers. For record.mjs.

const frame = /** @type {HTMLIFrameElement} */ (document.querySelector("iframe"));
const settings = new URLSearchParams(location.search);

const element = (/** @type {string} */ selector) =>
  /** @type {HTMLElement} */ (frame.contentDocument?.querySelector(selector));
const button = (/** @type {string} */ selector) => /** @type {HTMLButtonElement} */ (element(selector));

/** Waits, as the page itself gives no sign. @param {() => unknown} isTrue */
async function until(isTrue) {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 200));
}

async function results() {
  await until(() => element("#work")?.inert === false || element("#host-error")?.textContent);
  const unable = element("#host-error").textContent;
  if (unable) throw new Error(unable);
  element(`[value=${settings.get("length")}]`).click();
  /** @type {HTMLInputElement} */ (element("#machine")).value = settings.get("machine") ?? "";
  button("#run [type=submit]").click();
  await until(() => !button("#stop").disabled || element("#run-error").textContent);
  await until(() => button("#stop").disabled);
  const wrong = element("#run-error").textContent;
  if (wrong) throw new Error(wrong);
  /** @type {Promise<Blob>} */
  const saved = new Promise((resolve) => {
    const { URL: theirs } = /** @type {typeof globalThis} */ (/** @type {unknown} */ (frame.contentWindow));
    theirs.createObjectURL = (blob) => {
      resolve(/** @type {Blob} */ (blob));
      return "data:,";
    };
  });
  button("#download").click();
  return saved;
}

results()
  .catch((error) => `${error.message}`)
  .then((body) => fetch("record", { method: "POST", body }));
