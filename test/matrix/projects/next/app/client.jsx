"use client";

import { init } from "blasm";
import { useEffect } from "react";
import { report } from "../../suite/page.mjs";

/** Rendered by the server, too; runs the suite in the browser. */
export function Client({ product }) {
  useEffect(() => {
    report({ init });
  }, []);
  return <p>{product}</p>;
}
