/**
 * The memory of a context, from low to high addresses:
 *
 *     0           1 KiB            64 KiB          128 KiB                      arenaBase            committed end
 *     ├───────────┼────────────────┼───────────────┼────────────────────────────┼────────────────────┤ ▒▒ grows ▒▒
 *     │ null page │ control words, │ block table,  │ scratch of the thread      │ arena: blocks and  │
 *     │ (unused)  │ table of       │ segment 0     │ that made the context      │ holes, 64-byte     │
 *     │           │ threads        │               │ (others': in the arena)    │                    │
 *     └───────────┴────────────────┴───────────────┴────────────────────────────┴────────────────────┘
 *
 * The block table lies outside the data, so that no kernel can corrupt the allocator, and inside the memory, so that
 * every thread attached to it can allocate, retain and release. When segment 0 is full, further segments (each twice
 * the last) are taken from the arena itself.
 */

/** A wasm page. */
export const PAGE = 65536;

/** Blocks are placed and sized in these: a cache line, so that no two blocks share one. */
export const UNIT = 64;

/** Where the control words begin; below lies the null page: an address of 0 can mean "none". */
export const CONTROL = 1024;

/** The words of the arena's lock: a cache line of its own. */
export const ARENA_LOCK = 3 * 1024;

/** The table of threads (sync/threads.ts). */
export const THREAD_TABLE = 4 * 1024;

/** The team's ticket board (sync/ticket.ts), and the record of the job whose tickets lie on it. */
export const TEAM_BOARD = 22 * 1024;
export const TEAM_JOB = 28 * 1024;

/** Segment 0 of the block table. */
export const TABLE = 64 * 1024;

/** Bytes of a block record: one cache line. */
export const RECORD = 64;

/** Records in segment 0; segment s has `SEGMENT_RECORDS << s`. */
export const SEGMENT_RECORDS = 1024;

/** Segments the directory has room for: 1024 · (2^16 − 1) blocks, more than fit into 4 GiB at 64 bytes. */
export const SEGMENTS = 16;

/** Scratch of the thread that made the context; every other thread takes a block of the arena for its own. */
export const SCRATCH = TABLE + SEGMENT_RECORDS * RECORD;

/** The parts of one thread's scratch, as offsets in bytes from its start. */
export const SCRATCH_PARTS = {
  /** One C tile of any micro-kernel: at most 6 rows of 64 bytes. */
  tile: 0,
  /** The job record that the kernels read. */
  job: 2 * 1024,
  /** A ragged micropanel of A: at most 6 rows × KC, 12 KiB. */
  aTail: 4 * 1024,
  /** The state of the random generator (40 bytes), and the tables of the normal distribution (768 elements each). */
  random: 32 * 1024,
  float64: 33 * 1024,
  float32: 40 * 1024,
  /** A ragged micropanel of B: 64 bytes × KC. */
  bTail: 64 * 1024,
  /** The packed m-block of A: MC × KC elements, and what a ragged last micropanel pads. */
  aBlock: 192 * 1024,
  /**
   * The packed n-panel of B: KC × NC elements; on the small path all of B (≤ 256 KiB and a micropanel). Vector products
   * keep partial sums here: 256 KiB.
   */
  bPanel: 1024 * 1024,
  /** Of a triangular solve (src/ops/triangular.ts): a packed triangle of order 32, and a packed block of 32 rows × 256 columns. */
  triangle: 3584 * 1024,
  columns: 3600 * 1024,
} as const;

/** Bytes of one thread's scratch, whatever the sizes of the matrices. */
export const SCRATCH_BYTES = 4 * 1024 * 1024;

/** Word offsets (32-bit, from CONTROL) of the arena's control words. */
export const WORD = {
  /** Units in use, and the most there have been. */
  used: 0,
  peak: 1,
  blocks: 2,
  holes: 3,
  /** Allocations and frees since the start. */
  allocations: 4,
  frees: 5,
  /** First and one past the last unit of the arena. */
  begin: 6,
  end: 7,
  /** The block or hole with the highest address, 0 for none. */
  last: 8,
  /** First record of the list of unused records, and their number. */
  spareRecord: 9,
  spareRecords: 10,
  segments: 11,
  /** A number that tells this memory from others. */
  context: 12,
  /** Address of the log of history() in units, 0 for none. */
  history: 13,
  /** What blocks were asked for, in bytes: a float64. */
  requested: 14,
  /** Addresses of the table's segments, in units. */
  directory: 16,
  /** One bit a bin: the bin has holes. */
  bitmap: 32,
  /** First hole of each bin: 368 words. */
  bins: 48,
  /** 1 while a thread changes any of this, and from then on if it has never come to the end. */
  busy: 416,
  /** The word `context`, as wasm has copied it in the thread that made the context; see kernels/sharing.ts. */
  proof: 417,
} as const;

/** Word offsets inside a block record: one cache line. */
export const FIELD = {
  state: 0,
  /** Reference count: the owner and every view raise it by one. */
  refs: 1,
  /** How often this record has been a block: a handle of an earlier one is recognised as stale. */
  generation: 2,
  /** Address and size in units of 64 bytes. */
  offset: 3,
  size: 4,
  /** Size in bytes as it was asked for. */
  requested: 5,
  /** Neighbours in address order, 0 for none. */
  before: 6,
  after: 7,
  /** Of a hole: neighbours in the list of its bin; next also of unused records. */
  previous: 8,
  next: 9,
  /** Of a block: the thread that allocated it, and what lies in it: an index into ELEMENTS, and << 8 the number of axes. */
  thread: 8,
  elements: 9,
  /** References that are on their way to another thread: shared, not yet adopted. */
  posted: 10,
  /** Of an array: its last two extents. */
  rows: 11,
  columns: 12,
  /** Its name: 12 bytes of UTF-8. */
  name: 13,
} as const;

/** Bytes of a block's name. */
export const NAME_BYTES = 12;

/** What lies in a block. */
export const ELEMENTS = ["", "float32", "float64"] as const;

/** What a record describes. */
export const STATE = {
  unused: 0,
  block: 1,
  hole: 2,
  /** A segment of the block table itself. */
  table: 3,
} as const;
