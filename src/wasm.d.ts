declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

// build/kernels.packed: both modules, packed by esbuild.config.mjs.
declare module "*.packed" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
