// What shows values below the cells of a page, as a notebook does.

/** @type {Element | null} */
let outputs = document.body;

/**
 * From now on, values are shown in this element.
 * @param {string} id
 */
export function into(id) {
  outputs = document.getElementById(id);
}

/**
 * Shows a value: as an element, if it knows how, else as text.
 * @param {unknown} value
 */
export function show(value) {
  const { toElement } = /** @type {{ toElement?: () => HTMLElement }} */ (Object(value));
  if (toElement) outputs?.append(toElement.call(value));
  else say(String(value), "value");
}

/**
 * Runs what may be impossible here; then it says why.
 * @param {() => Promise<void>} cell
 */
export async function attempt(cell) {
  try {
    await cell();
  } catch (error) {
    if (/** @type {Error} */ (error).name !== "UnsupportedError") throw error;
    say(/** @type {Error} */ (error).message, "missing");
  }
}

/**
 * @param {string} text
 * @param {string} look
 */
function say(text, look) {
  const line = document.createElement("pre");
  line.className = look;
  line.textContent = text;
  outputs?.append(line);
}

const log = console.log;
console.log = (...values) => {
  log(...values);
  say(values.join(" "), "value");
};

for (const event of /** @type {const} */ (["error", "unhandledrejection"])) {
  addEventListener(event, (happened) => {
    const { error, reason } = /** @type {ErrorEvent & PromiseRejectionEvent} */ (happened);
    say(String(error ?? reason), "missing");
  });
}
