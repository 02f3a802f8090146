import { FormatError, UnsupportedError } from "./errors.ts";
import { agree } from "./kernels/accept.ts";
import { forUnsharedMemory } from "./kernels/binaries.ts";
import type { Build } from "./kernels/builds.ts";
import type { Features } from "./kernels/features.ts";
import type { Workbench } from "./kernels/job.ts";
import { instantiateKernels } from "./kernels/load.ts";
import { faultOf } from "./kernels/self-test.ts";
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

/** Where the kernels' probes may work before there is a context. */
const bench = (linear: LinearMemory): Workbench =>
  workbench({ linear, job: SCRATCH + SCRATCH_PARTS.job, scratch: SCRATCH });

const load = (module: WebAssembly.Module, { memory }: LinearMemory): Loaded => ({
  module,
  kernels: instantiateKernels(module, memory),
});

/**
 * A module that the user has compiled.
 * @throws UnsupportedError (`OPTION`) if it is another build than the one asked for; if it computes what it should not.
 */
export function instantiate(module: WebAssembly.Module, { asked, linear }: Circumstances): Built {
  const { build } = kindOf(module);
  if (asked !== undefined && asked !== build) {
    throw new UnsupportedError(`init: module is the ${build} build, not the ${asked} one.`, "OPTION");
  }
  const loaded = load(module, linear);
  const fault = faultOf(loaded.kernels, bench(linear));
  if (fault !== undefined) throw wrong(build, fault);
  return { ...loaded, build, reason: "the module given", available: [build] };
}

/**
 * Compiles and instantiates the build asked for, or the best below it that computes in this engine what it should: tuned, relaxed,
 * strict.
 * @throws UnsupportedError if not even strict does; FormatError for kernels that cannot be compiled.
 */
export async function compile(
  source: KernelSource,
  { asked, features, host, linear }: Circumstances,
): Promise<Built> {
  const bytesOf = async (name: FileBuild): Promise<Uint8Array<ArrayBuffer>> =>
    linear.shared
      ? source.bytes(name, host.inflate)
      : forUnsharedMemory(await source.bytes(name, host.inflate));
  const compiled = async (name: FileBuild): Promise<Loaded> => {
    const module = await WebAssembly.compile(await bytesOf(name)).catch((error: Error) => {
      throw new FormatError(
        `init: ${source.name(name)}, cut or changed on its way, cannot be compiled: ${error.message}`,
        { cause: error },
      );
    });
    return load(module, linear);
  };
  const faultIn = ({ kernels }: Loaded): string | undefined => faultOf(kernels, bench(linear));
  /** Why what is better is not taken. */
  const reasons: string[] = [];
  let relaxed: Loaded | undefined;

  if (asked === "tuned") {
    const tuned = await compileTuned(await bytesOf("relaxed"), host);
    if (tuned.module === undefined) reasons.push(`no tuned build: ${tuned.reason}`);
    else {
      const candidate = load(tuned.module, linear);
      relaxed = tuned.reference ? load(tuned.reference, linear) : await compiled("relaxed");
      const fault =
        faultIn(candidate) ??
        (agree(relaxed.kernels, candidate.kernels, bench(linear))
          ? undefined
          : "its results differ from the relaxed build's");
      if (fault === undefined) {
        const available: Build[] = features.relaxedSimd
          ? ["strict", "relaxed", "tuned"]
          : ["strict", "tuned"];
        return { ...candidate, build: "tuned", reason: tuned.gain, available };
      }
      reasons.push(`tuned was dropped: ${fault}`);
    }
  }
  if (asked !== "strict") {
    if (relaxed === undefined && features.relaxedSimd) relaxed = await compiled("relaxed");
    const fault = relaxed ? faultIn(relaxed) : "this engine has no relaxed SIMD";
    if (relaxed !== undefined && fault === undefined) {
      if (reasons.length === 0)
        reasons.push(asked === "relaxed" ? "asked for" : "the default where relaxed SIMD is there");
      return { ...relaxed, build: "relaxed", reason: reasons.join("; "), available: ["strict", "relaxed"] };
    }
    reasons.push(relaxed ? `relaxed was dropped: ${fault}` : fault!);
  } else reasons.push("asked for");
  const strict = await compiled("strict");
  const fault = faultIn(strict);
  if (fault !== undefined) throw wrong("strict", fault);
  const available: Build[] = asked === "strict" && features.relaxedSimd ? ["strict", "relaxed"] : ["strict"];
  return { ...strict, build: "strict", reason: reasons.join("; "), available };
}

function wrong(build: Build, fault: string): UnsupportedError {
  return new UnsupportedError(
    `This engine computes wrongly with the ${build} kernels: ${fault}. Another version of it may not; see the README for those tested.`,
  );
}
