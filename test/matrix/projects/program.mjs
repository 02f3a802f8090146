import * as blasm from "blasm";
import { main } from "./suite/program.mjs";

await main(blasm);
