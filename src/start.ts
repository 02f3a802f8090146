import { version } from "../package.json";
import { checkOptions } from "./array/shape.ts";
import { ArrayStore } from "./array/store.ts";
import { compile, instantiate } from "./compile.ts";
import {
  Context,
  type ContextShare,
  checkThreads,
  type Home,
  type InitOptions,
  type Setup,
} from "./context.ts";
import { UnsupportedError } from "./errors.ts";
import { BUILDS } from "./kernels/builds.ts";
import { detectFeatures, isFused } from "./kernels/features.ts";
import { instantiateKernels } from "./kernels/load.ts";
import { checkOverride, selectionFor } from "./kernels/select.ts";
import { checkProof, writeProof } from "./kernels/sharing.ts";
import { fromSources, type KernelSource, kindOf } from "./kernels/source.ts";
import type { KernelTable } from "./kernels/table.ts";
import { Arena } from "./memory/arena.ts";
import type { BlockHandle } from "./memory/block.ts";
import { labelled } from "./memory/label.ts";
import {
  ARENA_LOCK,
  CONTROL,
  SCRATCH,
  SCRATCH_BYTES,
  SCRATCH_PARTS,
  TEAM_BOARD,
  THREAD_TABLE,
  WORD,
} from "./memory/layout.ts";
import { createLinearMemory, LinearMemory } from "./memory/linear.ts";
import { type Engine, workbench } from "./ops/multiply.ts";
import { PICTURES } from "./show/pictures.ts";
import { Guard, NO_GUARD } from "./sync/guard.ts";
import { ThreadTable } from "./sync/threads.ts";
import { TicketBoard } from "./sync/ticket.ts";
import { mayBlock } from "./sync/wait.ts";
import { type Agent, HERE } from "./sync/words.ts";
import { Delegate } from "./team/delegate.ts";
import { detectHost, type Host, type Port } from "./team/host.ts";
import { Team } from "./team/team.ts";
import { type Place, Threads } from "./team/threads.ts";

/**
 * As many as there are cores for this process. Browsers tell of logical ones: two share a core's arithmetic, so half of many.
 */
function defaultThreads({ cores, runtime }: Host): number {
  return runtime === "browser" && cores > 4 ? Math.ceil(cores / 2) : cores;
}

/** @throws UnsupportedError (`OPTION`) for options out of range. */
function checkInit(options: InitOptions): void {
  checkOptions(
    options,
    {
      build: true,
      threads: true,
      prewarm: true,
      memory: true,
      microKernel: true,
      debug: true,
      workerURL: true,
      wasm: true,
      module: true,
    },
    "init",
  );
  checkOptions(options.memory, { initial: true, maximum: true, shared: true }, "init: memory");
  checkOptions(options.microKernel, { float32: true, float64: true }, "init: microKernel");
  const { build, threads } = options;
  if (build !== undefined && !BUILDS.includes(build)) {
    throw new UnsupportedError(
      `init: build ${JSON.stringify(build)}; the builds are ${BUILDS.join(", ")}.`,
      "OPTION",
    );
  }
  if (threads !== undefined) checkThreads("init", threads);
  for (const dtype of ["float32", "float64"] as const) checkOverride(dtype, options.microKernel?.[dtype]);
}

/** Makes a context, with kernels from `inlined` if the options name no others: see init(). */
export async function start(options: InitOptions, inlined?: KernelSource): Promise<Context> {
  checkInit(options);
  const { wasm, module: given, workerURL, ...rest } = options;
  const host = detectHost();
  const features = detectFeatures();
  if (!features.simd) {
    throw new UnsupportedError(
      `This engine (${host.runtime} ${host.version}) has no 128-bit WebAssembly SIMD. Node 16.4, Chromium 91, Firefox 89, Safari 16.4 or newer have it.`,
    );
  }
  const unshared = given !== undefined && !kindOf(given).shared;
  const linear = createLinearMemory(
    options.memory ?? {},
    SCRATCH + SCRATCH_BYTES + 2 ** 16,
    unshared ? "the module given is for an unshared one" : undefined,
  );
  // Tells contexts apart. (No secret: Node takes 4 ms to load what crypto.getRandomValues() needs.)
  linear.i32[CONTROL / 4 + WORD.context] = Math.random() * 2 ** 32;
  const source = wasm === undefined ? inlined : fromSources(wasm, (url) => readAll(host, url));
  if (source === undefined && given === undefined) {
    throw new UnsupportedError("init: this entry has no kernels in it: give wasm or module.", "OPTION");
  }
  const circumstances = { asked: options.build, features, host, linear };
  const built =
    given === undefined ? await compile(source!, circumstances) : instantiate(given, circumstances);
  const { module, kernels, build, reason: buildReason, available } = built;
  return contextOf({
    host,
    linear,
    kernels,
    thread: undefined,
    shared: {
      blasm: "Context",
      version,
      memory: linear.memory,
      maximum: linear.maximum,
      module,
      // What can be posted.
      options: workerURL === undefined ? rest : { ...rest, workerURL: host.moduleURL(workerURL) },
      features,
      build: { build, buildReason, available },
    },
  });
}

/** A file's bytes. */
async function readAll(host: Host, url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const file = await host.openSource(url);
  try {
    const bytes = new Uint8Array(file.size ?? 0);
    for (let at = 0, read = 1; read > 0; at += read) read = await file.read(bytes.subarray(at));
    return bytes;
  } finally {
    await file.close();
  }
}

/**
 * The context that another thread has shared with `la.share()`, in this thread: the same memory, arrays and locks, computed
 * with by this thread's own kernels. Never blocks for long; any thread may call it. close() it when this thread is done.
 *
 * @throws UnsupportedError (`FOREIGN`) for what is no shared context, or one of another version; ArenaFullError if there is no room for this thread's
 * 4 MiB of scratch; LockError (`VALUE`) beyond 255 threads.
 */
export async function attach(shared: ContextShare): Promise<Context> {
  return attachThread(shared, undefined);
}

/** A spawned thread's id, and its way to the keeper. */
export interface ThreadIdentity {
  readonly id: number;
  readonly link: Port;
}

/** As attach(), for a thread that was spawned. */
export async function attachThread(
  shared: ContextShare,
  thread: ThreadIdentity | undefined,
): Promise<Context> {
  if (shared?.blasm !== "Context") {
    throw new UnsupportedError("attach: this is nothing that la.share() gives.", "FOREIGN");
  }
  if (shared.version !== version) {
    throw new UnsupportedError(
      `attach: this is blasm ${version}, and the context is of ${shared.version}. Let both threads import the same one.`,
      "FOREIGN",
    );
  }
  const { memory, maximum, module } = shared;
  return contextOf({
    host: detectHost(),
    linear: new LinearMemory(memory, maximum, true, undefined),
    kernels: instantiateKernels(module, memory),
    thread,
    shared,
    attached: true,
  });
}

/** In a delegate: a context like another thread's, with a memory of its own. */
export async function attachApart(shared: ContextShare): Promise<Context> {
  const { memory: options, ...others } = shared.options;
  const linear = createLinearMemory(
    { ...options, initial: 1, shared: false },
    SCRATCH + SCRATCH_BYTES + 2 ** 16,
  );
  const { memory, maximum } = linear;
  return contextOf({
    host: detectHost(),
    linear,
    kernels: instantiateKernels(shared.module, memory),
    thread: undefined,
    shared: { ...shared, memory, maximum, options: others },
  });
}

interface Ingredients {
  readonly host: Host;
  readonly linear: LinearMemory;
  readonly kernels: KernelTable;
  readonly thread: ThreadIdentity | undefined;
  readonly shared: ContextShare;
  /** Whether another thread has laid the memory out. */
  readonly attached?: boolean;
}

/** Wires the parts together, in the thread that makes the memory and in those that attach to it. */
function contextOf(parts: Ingredients): Context {
  const { host, linear, kernels, thread, shared, attached = false } = parts;
  const { options, features, build } = shared;
  const table = linear.shared ? new ThreadTable(linear.i32, THREAD_TABLE / 4) : undefined;
  const context = linear.i32[CONTROL / 4 + WORD.context]!;
  const agent: Agent = table?.agent(thread?.id ?? table.claim(), context, options.debug ?? false) ?? {
    ...HERE,
    context,
  };
  const lock = linear.shared ? new Guard(linear.i32, ARENA_LOCK / 4, agent) : NO_GUARD;
  const arenaOptions = { lock, thread: agent.id, debug: options.debug ?? false };
  const arena = attached
    ? new Arena(linear, arenaOptions)
    : Arena.layOut(linear, SCRATCH + SCRATCH_BYTES, arenaOptions);
  let block: BlockHandle | undefined;
  try {
    if (attached) {
      block = arena.allocate(SCRATCH_BYTES, labelled("scratch"));
      checkProof(kernels, linear, arena.addressOf(block));
    } else writeProof(kernels);
  } catch (error) {
    if (block) arena.release(block);
    // Without a context it is no thread of this memory. (Of a spawned one the keeper says so, when it is true.)
    if (thread === undefined) table?.end(agent.id);
    throw error;
  }
  const scratch = block ? arena.addressOf(block) : SCRATCH;
  // Tables of random numbers are derived where there are zeros.
  if (block) linear.bytes(scratch, SCRATCH_PARTS.aBlock).fill(0);
  const engine: Engine = {
    kernels,
    linear,
    job: scratch + SCRATCH_PARTS.job,
    scratch,
    selection: {
      float32: selectionFor(build.build, "float32", host, options.microKernel?.float32),
      float64: selectionFor(build.build, "float64", host, options.microKernel?.float64),
    },
    now: host.now,
    gil: undefined,
    team: undefined,
    delegate: undefined,
    queue: Promise.resolve(),
  };
  const fused = isFused(kernels, workbench(engine));
  const store = new ArrayStore(arena, kernels, PICTURES, scratch, attached);
  const setup: Setup = { host, features, asked: options, ...build, fused };
  const { workerURL } = options;
  const place: Place = {
    memory: linear.memory,
    ways: workerURL === undefined ? host.ways : [{ workerURL: host.moduleURL(workerURL) }, ...host.ways],
    tableIndex: THREAD_TABLE / 4,
    inherit: (id, generation) => arena.release({ id, generation }),
  };
  const threads = table && new Threads(host, table, place, thread?.link);
  if (threads !== undefined) {
    engine.team = new Team(new TicketBoard(linear.i32, TEAM_BOARD / 4), threads.table, {
      thread: agent.id,
      mayBlock: mayBlock(linear.i32, TEAM_BOARD / 4),
      start: (member) => threads.start({ url: "", member, context: shared, args: [], unpack: String }).id,
      now: host.now,
    });
    if (!attached) engine.team.size = options.threads ?? defaultThreads(host);
    if (options.prewarm && !attached) engine.team.prepare();
  }
  if (table === undefined) {
    const { memory: _, ...context } = shared;
    engine.delegate = new Delegate(host, place.ways, context);
  }
  if (block) table?.bequeath(agent.id, block.id, block.generation);
  const home: Home = {
    agent,
    threads,
    shared,
    leave() {
      threads?.close();
      engine.delegate?.close();
      table?.bequeath(agent.id, 0, 0);
      if (block) arena.release(block);
      arena.retire();
      // Of a spawned thread the keeper says so, when it is true.
      if (thread === undefined) table?.end(agent.id);
    },
  };
  return new Context(store, engine, setup, home);
}
