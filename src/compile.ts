import { FormatError, UnsupportedError } from "./errors.ts";
import { agree } from "./kernels/accept.ts";
import { forUnsharedMemory } from "./kernels/binaries.ts";
import type { Build } from "./kernels/builds.ts";
import type { Features } from "./kernels/features.ts";
import { instantiateKernels } from "./kernels/load.ts";
import { type FileBuild, type KernelSource, kindOf } from "./kernels/source.ts";
import type { KernelTable } from "./kernels/table.ts";
import { compileTuned } from "./kernels/window.ts";
import { SCRATCH, SCRATCH_PARTS } from "./memory/layout.ts";
import type { LinearMemory } from "./memory/linear.ts";
import { workbench } from "./ops/multiply.ts";
import type { Host } from "./team/host.ts";

interface Loaded {
  readonly module: WebAssembly.Module;
  readonly kernels: KernelTable;
}

/** Kernels over a memory, and what they are. */
export interface Built extends Loaded {
  readonly build: Build;
  readonly reason: string;
  readonly available: readonly Build[];
}

/** What compile() needs to know. */
interface Circumstances {
  readonly asked: Build | undefined;
  readonly features: Features;
  readonly host: Host;
  readonly linear: LinearMemory;
}

/** A module that the user has compiled. @throws UnsupportedError (`OPTION`) if it is another build than the one asked for. */
export function instantiate(module: WebAssembly.Module, { asked, linear }: Circumstances): Built {
  const { build } = kindOf(module);
  if (asked !== undefined && asked !== build) {
    throw new UnsupportedError(`init: module is the ${build} build, not the ${asked} one.`, "OPTION");
  }
  const kernels = instantiateKernels(module, linear.memory);
  return { module, kernels, build, reason: "the module given", available: [build] };
}

/** Compiles and instantiates the build asked for, or the best below it. */
export async function compile(
  source: KernelSource,
  { asked, features, host, linear }: Circumstances,
): Promise<Built> {
  const bytesOf = async (name: FileBuild): Promise<Uint8Array<ArrayBuffer>> =>
    linear.shared ? source.bytes(name) : forUnsharedMemory(await source.bytes(name));
  const load = async (name: FileBuild): Promise<Loaded> => {
    const bytes = await bytesOf(name);
    return loaded(
      await WebAssembly.compile(bytes).catch((error: Error) => {
        throw new FormatError(
          `init: ${source.name(name)}, cut or changed on its way, cannot be compiled: ${error.message}`,
          { cause: error },
        );
      }),
    );
  };
  const loaded = (module: WebAssembly.Module): Loaded => ({
    module,
    kernels: instantiateKernels(module, linear.memory),
  });
  const { relaxedSimd } = features;
  const available: Build[] = relaxedSimd ? ["strict", "relaxed"] : ["strict"];
  const noRelaxed = "this engine has no relaxed SIMD";

  if (asked === "tuned") {
    const tuned = await compileTuned(await bytesOf("relaxed"), host);
    if (tuned.module !== undefined) {
      const candidate = loaded(tuned.module);
      const reference = tuned.reference ? loaded(tuned.reference) : await load("relaxed");
      const bench = workbench({ linear, job: SCRATCH + SCRATCH_PARTS.job, scratch: SCRATCH });
      if (agree(reference.kernels, candidate.kernels, bench)) {
        return { ...candidate, build: "tuned", reason: tuned.gain, available: [...available, "tuned"] };
      }
      return {
        ...reference,
        build: "relaxed",
        reason: "tuned was dropped: its results differed from the relaxed build's",
        available,
      };
    }
    const fallback = relaxedSimd ? "relaxed" : "strict";
    return {
      ...(await load(fallback)),
      build: fallback,
      reason: `no tuned build: ${tuned.reason}`,
      available,
    };
  }
  const build = asked === "strict" || !relaxedSimd ? "strict" : "relaxed";
  const reason =
    asked === build
      ? "asked for"
      : build === "relaxed"
        ? "the default where relaxed SIMD is there"
        : noRelaxed;
  return { ...(await load(build)), build, reason, available };
}
