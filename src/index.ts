// The entry `blasm`: everything in one file.

export { init } from "./init.ts";
export * from "./names.ts";
