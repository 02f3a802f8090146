import Ajv2020, { type ErrorObject } from "ajv/dist/2020.js";
import { FormatError } from "../../src/index.ts";
import { type Measurement, type Results, SCHEMA } from "./format.ts";
import schema from "./results.schema.json";

const isResults = new Ajv2020({ allowUnionTypes: true }).compile<Results>(schema);

/**
 * A file of results from its text.
 * @throws FormatError that says what is wrong: no JSON, cut off, of another version, or where it is not what the schema asks for.
 */
export function readResults(text: string): Results {
  const data = parse(text);
  checkVersion(data);
  if (!isResults(data)) throw new FormatError(complaintOf(isResults.errors![0]!));
  for (const [i, measurement] of data.measurements.entries()) {
    const complaint = contradictionIn(measurement);
    if (complaint !== undefined) throw new FormatError(`/measurements/${i} ${complaint}.`);
  }
  return data;
}

function parse(text: string): unknown {
  if (text.trim() === "") throw new FormatError("The file is empty.");
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const isJson = /^\s*[{[]/.test(text);
    if (!isJson) {
      const start = text.trimStart().slice(0, 20).split("\n")[0];
      throw new FormatError(`No JSON: it begins with ${JSON.stringify(start)}.`, { cause: error });
    }
    const at = /position (\d+)/.exec(message)?.[1] ?? Number.POSITIVE_INFINITY;
    if (isOpen(text) && Number(at) >= text.trimEnd().length) {
      throw new FormatError(
        `Cut off: the file ends in the midst of its JSON, after ${text.length} characters.`,
        { cause: error },
      );
    }
    throw new FormatError(`No JSON: ${message}.`, { cause: error });
  }
}

/** Whether a text ends within a string, or with brackets that are not closed. */
function isOpen(text: string): boolean {
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*("|$|\\$)|[[\]{}]/g)) {
    if (token.startsWith('"')) {
      if (token.length === 1 || !token.endsWith('"')) return true;
    } else depth += token === "[" || token === "{" ? 1 : -1;
  }
  return depth > 0;
}

/** @throws FormatError for what is no file of results, or of another version. */
function checkVersion(data: unknown): void {
  const found = (data as { schema?: unknown } | null)?.schema;
  if (found === SCHEMA) return;
  const number = (name: unknown): number => Number(/^blasm-results\/(\d+)$/.exec(String(name))?.[1]);
  const [version, ours] = [number(found), number(SCHEMA)];
  if (version > ours) {
    throw new FormatError(
      `"${found}" is newer than what this package reads, "${SCHEMA}": update it (npm i blasm@latest).`,
    );
  }
  if (version < ours || /^blasm-(gemm|lock|arena|team)\/1$/.test(String(found))) {
    throw new FormatError(
      `"${found}" is older than what this package reads, "${SCHEMA}": run the bench again, or read it with the version that wrote it.`,
    );
  }
  throw new FormatError(
    `No file of results: its schema is ${JSON.stringify(found) ?? "missing"}, not "${SCHEMA}".`,
  );
}

/** One line about what the schema does not allow. */
function complaintOf({ instancePath, message, params }: ErrorObject): string {
  const where = instancePath === "" ? "The file" : instancePath;
  const { additionalProperty, allowedValues, allowedValue } = params as Record<string, unknown>;
  if (additionalProperty !== undefined)
    return `${where} has a property "${additionalProperty}" that nobody knows.`;
  const wanted = allowedValues ?? allowedValue;
  return `${where} ${message}${wanted === undefined ? "" : `: ${JSON.stringify(wanted)}`}.`;
}

/** What a schema cannot say. */
function contradictionIn({ values, machine, wrong, disturbed }: Measurement): string | undefined {
  const count = `${values.length} value${values.length === 1 ? "" : "s"}`;
  if (machine !== null && machine.length !== values.length)
    return `has ${count} and ${machine.length} looks at the machine`;
  if (wrong && values.length > 0) return `is wrong and has ${count} all the same`;
  return disturbed > values.length ? `has ${count}, of which ${disturbed} were disturbed` : undefined;
}
