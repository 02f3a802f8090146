// The same with the package's files beside it: what bundlers do that know of new URL(…, import.meta.url).
import { init } from "blasm/external";
import { report } from "./suite/page.mjs";

report({ init });
