import { pathToFileURL } from "node:url";
import * as blasm from "blasm";
import { suite } from "../../../suite/suite.mjs";

export const dynamic = "force-dynamic";

/** The suite in the server. */
export async function GET() {
  const outcome = await suite(blasm, pathToFileURL(process.env.TASKS)).catch((error) => ({
    failed: String(error.stack),
  }));
  return Response.json(outcome);
}
