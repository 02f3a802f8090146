import type { Build } from "./kernels/builds.ts";
import type { DType, MicroKernel } from "./kernels/exports.ts";
import type { Blocking } from "./plan/blocking.ts";

/** What a context is and why: the data behind showConfig(). Sizes in bytes. */
export interface Config {
  readonly version: string;
  readonly host: {
    /** "node", "deno", "bun", "electron", "browser", "unknown". */
    readonly runtime: string;
    readonly version: string;
    readonly engine: string;
    readonly v8: string | undefined;
    readonly architecture: string | undefined;
    readonly cpu: string | undefined;
    readonly cores: number;
  };
  readonly features: {
    readonly simd: boolean;
    readonly relaxedSimd: boolean;
    /** Whether the chosen build's multiply-add has one rounding on this CPU (probed). */
    readonly fusedMultiplyAdd: boolean;
  };
  readonly build: {
    readonly asked: Build | "default";
    readonly chosen: Build;
    readonly reason: string;
    readonly available: readonly Build[];
  };
  readonly microKernels: Readonly<
    Record<
      DType,
      {
        readonly chosen: MicroKernel;
        readonly reason: string;
        /** GFLOP/s with panels in the L1 cache; 0 where not measured (yet). */
        readonly candidates: readonly { readonly microKernel: MicroKernel; readonly gflops: number }[];
      }
    >
  >;
  readonly blocking: Readonly<Record<DType, Blocking>>;
  readonly memory: {
    readonly shared: boolean;
    readonly committed: number;
    readonly maximum: number;
    readonly scratch: number;
    readonly reason: string;
  };
  readonly threads: { readonly asked: number | "default"; readonly used: number; readonly reason: string };
  /** What the user could do to have more; one line each. */
  readonly advice: readonly string[];
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** The configuration as text, in the manner of np.show_config(). */
export function describe(config: Config): string {
  const { host, features, build, memory, threads } = config;
  const yes = (value: boolean): string => (value ? "yes" : "no");
  const lines = [
    `blasm ${config.version}`,
    "Host:",
    `  runtime: ${host.runtime} ${host.version}`,
    `  engine: ${host.engine}${host.v8 && host.runtime !== "browser" ? ` (V8 ${host.v8})` : ""}`,
    `  CPU: ${host.cpu ?? "not told by the host"}${host.architecture ? ` (${host.architecture})` : ""}, ${host.cores} cores`,
    "SIMD extensions:",
    `  128-bit SIMD: ${yes(features.simd)}`,
    `  relaxed SIMD: ${yes(features.relaxedSimd)}`,
    `  multiply-add fused: ${yes(features.fusedMultiplyAdd)}`,
    "Build:",
    `  chosen: ${build.chosen} (asked: ${build.asked}): ${build.reason}`,
    `  available: ${build.available.join(", ")}`,
    "Micro-kernels (GFLOP/s of those measured):",
    ...(["float32", "float64"] as const).map((dtype) => {
      const { chosen, reason, candidates } = config.microKernels[dtype];
      const rates = candidates.map(
        ({ microKernel, gflops }) => `${microKernel} ${gflops ? gflops.toFixed(1) : "–"}`,
      );
      return `  ${dtype}: ${chosen} (${reason}); ${rates.join(", ")}`;
    }),
    "Block sizes:",
    ...(["float32", "float64"] as const).map((dtype) => {
      const { MC, KC, NC } = config.blocking[dtype];
      return `  ${dtype}: MC ${MC}, KC ${KC}, NC ${NC}`;
    }),
    "Memory:",
    `  shared: ${yes(memory.shared)}; committed ${mebibytes(memory.committed)}, maximum ${mebibytes(memory.maximum)}: ${memory.reason}`,
    `  packing scratch: ${mebibytes(memory.scratch)}`,
    "Threads:",
    `  used: ${threads.used} (asked: ${threads.asked}): ${threads.reason}`,
  ];
  return [...lines, ...config.advice.map((line) => `Advice: ${line}`)].join("\n");
}
