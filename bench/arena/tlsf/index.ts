// AssemblyScript, not TypeScript: the allocator of its own runtime (TLSF), bare, to stand beside blasm's arena.

export function alloc(bytes: usize): usize {
  return heap.alloc(bytes);
}

export function free(address: usize): void {
  heap.free(address);
}
