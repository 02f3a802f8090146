export function probe(p: usize): void { v128.store(p, v128.load(p)); }
