// What bundlers bundle.
import { init } from "blasm";
import { report } from "./suite/page.mjs";

report({ init });
