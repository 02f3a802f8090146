"use client";

import { init } from "blasm/external";
import { useEffect } from "react";
import { report } from "../../../suite/page.mjs";

/** Runs the suite in the browser, with the package's files beside the bundle. */
export function Client() {
  useEffect(() => {
    report({ init });
  }, []);
  return <p>blasm/external</p>;
}
