import { init } from "blasm";
import { Client } from "./client.jsx";

export const dynamic = "force-dynamic";

/** Rendered by the server, product and all. */
export default async function Page() {
  const la = await init({ threads: 1 });
  const product = la.matmul(la.eye(2), [1, 2]).toString();
  la.close();
  return <Client product={product} />;
}
