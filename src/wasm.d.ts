declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

// build/kernels.packed: both modules, packed by esbuild.config.mjs, in base64.
declare module "*.packed" {
  const base64: string;
  export default base64;
}
