// Builds what is packed: `node esbuild.config.mjs` writes the entries dist/index.js (the library, one file, wasm included),
// dist/external.js (with worker.js and the .wasm files beside it), dist/workerd.js, dist/sync.js (the locks alone), and dist/cli.js
// with dist/thread.js (what its threads run) and dist/plot.js (what draws); `node esbuild.config.mjs kernels` writes
// build/kernels.packed from build/*.wasm.
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { minify } from "terser";

const PACKED = "build/kernels.packed";

// ---- build/kernels.packed -------------------------------------------------------------------------------------------
//
// Both kernel modules in 7.5 kB instead of 17 kB (each deflated): the second is a list of edits to the first, and
// functions that differ little are exclusive-ored with their neighbour. Deflate alone finds neither, since the modules
// differ in one instruction of six. `src/kernels/binaries.ts` is the reader; the format, in LEB128 numbers and bytes:
//
//     twins      count of numbers, then (gap, length) pairs: after the gap, `length` bytes ^= the `length` before them
//     edits      count of numbers, then (copy, skip, insert) triples that make strict out of relaxed
//     relaxed    length, bytes
//     strict     length; the bytes to insert
//
// all of it one raw deflate stream (from zopfli: 8 % smaller than zlib's), in base64.

/** Writes build/kernels.packed. */
async function packKernels() {
  const [strict, relaxed] = await Promise.all(
    ["strict", "relaxed"].map((name) => readFile(`build/${name}.wasm`)),
  );
  const parts = { strict: wasmParts(strict), relaxed: wasmParts(relaxed) };
  if (parts.strict.length !== parts.relaxed.length)
    throw new Error("strict and relaxed differ in their functions");
  const { twins, bytes } = xorTwins(parts.relaxed);
  const edits = [];
  const inserted = [];
  parts.relaxed.forEach((part, i) => {
    for (const { copy, skip, insert } of diff(part, parts.strict[i])) {
      edits.push(copy, skip, insert.length);
      inserted.push(...insert);
    }
  });
  const numbers = (list) => [list.length, ...list].flatMap(leb128);
  const stream = Uint8Array.from([
    ...numbers(twins),
    ...numbers(edits),
    ...leb128(relaxed.length),
    ...bytes,
    ...leb128(strict.length),
    ...inserted,
  ]);
  // Loaded here only: it prints its own source text whenever anything fails later.
  const { default: zopfli } = await import("@gfx/zopfli");
  const packed = await zopfli.deflateAsync(stream, { numiterations: 60 });
  await writeFile(PACKED, Buffer.from(packed).toString("base64"));
  console.log(`${PACKED}: ${packed.length} bytes of ${strict.length} + ${relaxed.length}`);
}

/** A module's bytes in pieces: what stands before the code, each function, what stands behind. */
function wasmParts(bytes) {
  let at = 8;
  const number = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      value |= (bytes[at] & 127) << shift;
      if (bytes[at++] < 128) return value;
    }
  };
  const CODE = 10;
  while (bytes[at] !== CODE) {
    at += 1;
    const length = number();
    at += length;
  }
  at += 1;
  number();
  const functions = number();
  const ends = [at];
  for (let i = 0; i < functions; ++i) {
    const length = number();
    at += length;
    ends.push(at);
  }
  return [0, ...ends].map((start, i) => bytes.subarray(start, ends[i]));
}

/** Functions as long as the one before (the float32 and float64 variants of one source) become their difference. */
function xorTwins(parts) {
  const twins = [];
  let gap = 0;
  const coded = parts.map((part, i) => {
    const before = parts[i - 1];
    // The f64 variant comes first; a third function of that length belongs to the next pair.
    if (before?.length !== part.length || (gap === 0 && twins.length > 0)) {
      gap += part.length;
      return part;
    }
    twins.push(gap, part.length);
    gap = 0;
    return part.map((byte, k) => byte ^ before[k]);
  });
  return { twins, bytes: Buffer.concat(coded) };
}

/** The shortest edits that make `to` of `from`, by the longest common subsequence. */
function diff(from, to) {
  const width = to.length + 1;
  const common = new Uint16Array((from.length + 1) * width);
  for (let i = from.length - 1; i >= 0; --i) {
    for (let j = to.length - 1; j >= 0; --j) {
      const [down, right] = [common[(i + 1) * width + j], common[i * width + j + 1]];
      common[i * width + j] = from[i] === to[j] ? common[(i + 1) * width + j + 1] + 1 : Math.max(down, right);
    }
  }
  const edits = [];
  let [i, j] = [0, 0];
  const alike = () => i < from.length && j < to.length && from[i] === to[j];
  while (i < from.length || j < to.length) {
    const edit = { copy: 0, skip: 0, insert: [] };
    for (; alike(); ++i, ++j) edit.copy += 1;
    while (!alike() && (i < from.length || j < to.length)) {
      const inserts =
        j < to.length && (i === from.length || common[i * width + j + 1] >= common[(i + 1) * width + j]);
      if (inserts) edit.insert.push(to[j++]);
      else {
        edit.skip += 1;
        i += 1;
      }
    }
    edits.push(edit);
  }
  return edits;
}

function leb128(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb128(value >>> 7)];
}

// ---- dist/ ----------------------------------------------------------------------------------------------------------

/**
 * `@assemblyscript/loader` without its helpers for strings and arrays in wasm memory, and without the imports for abort()
 * and trace(): blasm's kernels use none of them, and tree shaking cannot see it (2 kB gzipped).
 */
const bareLoader = {
  name: "bare-loader",
  setup({ onLoad }) {
    onLoad({ filter: /@assemblyscript[\\/]loader[\\/]index\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const contents = source
        .replace(/^function preInstantiate\(.*?^\}$/ms, "function preInstantiate() {}")
        .replace(/^function postInstantiate\(.*?^\}$/ms, "function postInstantiate() {}")
        .replace(/^Object\.hasOwn = .*?^\};$/ms, "");
      if (contents.length > source.length - 7000)
        throw new Error(`${path} is not the loader that this was made for`);
      return { contents, loader: "js" };
    });
  },
};

/** The command line imports the library beside it, not a second copy. */
const libraryBeside = {
  name: "library-beside",
  setup({ onResolve }) {
    onResolve({ filter: /^(\.\.\/)+(src\/)?index\.ts$/ }, () => ({ path: "./index.js", external: true }));
  },
};

/** `blasm plot` alone loads what draws, which is larger than all else. */
const plotsBeside = {
  name: "plots-beside",
  setup({ onResolve }) {
    onResolve({ filter: /\/bench\/plot\/standalone\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "./plot.js", external: true } : undefined,
    );
  },
};

const common = {
  bundle: true,
  format: "esm",
  metafile: true,
  legalComments: "none",
  loader: { ".packed": "text", ".py": "text", ".c": "text", ".wasm": "binary" },
  logLevel: "warning",
};

/** An entry as one file of our own code, its output and its metafile. (Terser makes it 5 % smaller than esbuild does.) */
async function bundleEntry(entryPoint, outfile, { plugins = [], wrap = (bundle) => bundle, external = [] }) {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: [entryPoint],
    outfile,
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    minifySyntax: true,
    write: false,
    plugins,
    external,
  });
  // An exported class keeps its name: users see it in messages and in the console.
  const { exports } = metafile.outputs[outfile];
  // esbuild calls a class that refers to itself _Name inside.
  const bundle = outputFiles[0].text.replace(/\b_(\w+)/g, (text, name) =>
    exports.includes(name) ? name : text,
  );
  const { code } = await minify(wrap(bundle), {
    module: true,
    ecma: 2022,
    compress: { passes: 3, keep_classnames: true },
    mangle: { reserved: exports },
  });
  await mkdir("dist", { recursive: true });
  return { code, metafile };
}

/** dist/sync.js: the locks alone. */
async function buildSync() {
  const { code, metafile } = await bundleEntry("src/sync/index.ts", "dist/sync.js", {});
  await writeFile("dist/sync.js", code);
  return metafile;
}

/**
 * dist/index.js: all of the library in one function, whose text is the program of its workers (src/team/host.ts). The packed
 * kernels, used by no code before init(), and by no worker, stand behind it: gzip, whose code tables then suit either the program
 * or them, needs 1.2 kB less.
 */
async function buildLibrary() {
  const kernels = JSON.stringify(await readFile(PACKED, "utf8"));
  const { code, metafile } = await bundleEntry("src/index.ts", "dist/index.js", {
    plugins: [bareLoader],
    wrap: inOneFunction,
  });
  const [before, after, ...more] = code.split(kernels);
  if (after === undefined || more.length > 0)
    throw new Error("dist/index.js does not contain the kernels once");
  await writeFile("dist/index.js", `${before}packedKernels${after}\nconst packedKernels=${kernels};\n`);
  return metafile;
}

/** dist/external.js, and what lies beside it. */
async function buildExternal() {
  const { code, metafile } = await bundleEntry("src/external.ts", "dist/external.js", {
    plugins: [bareLoader],
    wrap: inOneFunction,
  });
  await writeFile("dist/external.js", code);
  const { workerProgram } = await import(new URL("dist/external.js", import.meta.url).href);
  await writeFile("dist/worker.js", workerProgram());
  for (const build of ["strict", "relaxed"]) {
    const bytes = await readFile(`build/${build}.wasm`);
    await writeFile(`dist/${build}.wasm`, named(bytes, `${build} shared`));
  }
  return metafile;
}

/** dist/workerd.js, and the module that it imports. */
async function buildWorkerd() {
  const { code, metafile } = await bundleEntry("src/workerd.ts", "dist/workerd.js", {
    plugins: [bareLoader],
    external: ["./unshared.wasm"],
  });
  await writeFile("dist/workerd.js", code);
  const { forUnsharedMemory } = await import(new URL("dist/external.js", import.meta.url).href);
  const bytes = await readFile("build/relaxed.wasm");
  await writeFile("dist/unshared.wasm", named(forUnsharedMemory(bytes), "relaxed unshared"));
  return metafile;
}

/** A module with what it is in a custom section: kindOf() in src/kernels/source.ts reads it. */
function named(bytes, text) {
  const content = Buffer.from(`\x05blasm${text}`);
  return Buffer.concat([bytes, Buffer.from([0, ...leb128(content.length)]), content]);
}

/** A module as a function that returns what it exports. It refers to nothing outside but globals and its own name. */
function inOneFunction(bundle) {
  const [body, list, rest] = bundle.split(/^export \{([^}]*)\};\s*/m);
  if (rest !== "") throw new Error("this module cannot be a function");
  const names = list.split(",").map((item) => item.trim().split(" as "));
  const properties = names.map(([local, name = local]) => `${name}: ${local}`);
  const exported = names.map(([local, name = local]) => name);
  return `const library = function blasmLibrary() {\n${body}\nreturn { ${properties} };\n};
export const { ${exported} } = library();\n`;
}

/**
 * dist/cli.js, dist/thread.js that its threads run, and dist/plot.js that draws. Some of what they bundle is CommonJS and calls
 * `require` for Node's own modules.
 */
async function buildCommandLine(entryPoint, outfile, firstLine, more = {}) {
  const { metafile } = await build({
    ...common,
    entryPoints: [entryPoint],
    outfile,
    platform: "node",
    target: "node20",
    minifySyntax: true,
    minifyWhitespace: true,
    plugins: [bareLoader, libraryBeside, plotsBeside],
    ...more,
    banner: {
      js: [
        firstLine,
        'import { createRequire } from "node:module";',
        "const require = createRequire(import.meta.url);",
      ].join("\n"),
    },
  });
  return metafile;
}

if (process.argv[2] === "kernels") await packKernels();
else {
  const metafiles = {
    "dist/sync.js": await buildSync(),
    "dist/index.js": await buildLibrary(),
    "dist/external.js": await buildExternal(),
    "dist/workerd.js": await buildWorkerd(),
    "dist/cli.js": await buildCommandLine("src/cli/main.ts", "dist/cli.js", "#!/usr/bin/env node"),
    "dist/plot.js": await buildCommandLine("bench/plot/standalone.ts", "dist/plot.js", "// blasm", {
      minifyIdentifiers: true,
    }),
    "dist/thread.js": await buildCommandLine("src/cli/thread.ts", "dist/thread.js", "// blasm"),
  };
  await copyFile("bench/results-file/results.schema.json", "dist/results.schema.json");
  await chmod("dist/cli.js", 0o755);
  // What went into which file: the tests read it.
  await writeFile("build/metafile.json", JSON.stringify(metafiles));
}
