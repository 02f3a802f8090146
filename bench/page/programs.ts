/** URLs of what runs beside the page. */
interface Programs {
  /** The program of its worker. */
  readonly worker: string;
  /** The module of the threads that this starts. */
  readonly thread: string;
  /** What is started anew. */
  readonly start: string;
}

/** Files beside the page; or, where the page is all in one file, what this has of them. */
export const PROGRAMS: Programs = { worker: urlOf("worker"), thread: urlOf("thread"), start: urlOf("start") };

function urlOf(name: keyof Programs): string {
  const inside = document.querySelector(`#program-${name}`)?.textContent;
  return inside === undefined || inside === null
    ? new URL(`${name}.js`, document.baseURI).href
    : URL.createObjectURL(new Blob([inside], { type: "text/javascript" }));
}
