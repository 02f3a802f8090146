using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "localhost:0", http = (), service = "main")],
);

# The modules by hand, as a bundler with the condition "workerd" would have them.
const worker :Workerd.Worker = (
  compatibilityDate = "2026-11-01",
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "suite/suite.mjs", esModule = embed "suite/suite.mjs"),
    (name = "suite/conformance.mjs", esModule = embed "suite/conformance.mjs"),
    (name = "suite/threads.mjs", esModule = embed "suite/threads.mjs"),
    (name = "blasm", esModule = embed "node_modules/blasm/dist/workerd.js"),
    (name = "unshared.wasm", wasm = embed "node_modules/blasm/dist/unshared.wasm"),
  ],
);
