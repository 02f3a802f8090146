// .ci/run runs this where only the packed package is installed: node use.mjs FOLDER-OF-NPY-FILES
import { deepStrictEqual, ok, strictEqual } from "node:assert";
import { init, ShapeError } from "blasm";
import { attach, Lock } from "blasm/sync";

const [folder] = process.argv.slice(2);
const la = await init();
const a = await la.loadNpy(`${folder}/A.npy`);
const b = await la.loadNpy(`${folder}/B.npy`);
const expected = await la.loadNpy(`${folder}/AB.npy`);
const c = la.matmul(a, b);
deepStrictEqual(c.shape, expected.shape);
const [got, want] = [c.data, expected.data];
ok(got.every((value, i) => Math.abs(value - want[i]) <= 1e-9));
strictEqual(a.T.refs, 2);
try {
  la.matmul(a, a);
  throw new Error("nothing was refused");
} catch (error) {
  ok(error instanceof ShapeError);
  strictEqual(error.name, "ShapeError");
}

const lock = new Lock(new Int32Array(new SharedArrayBuffer(Lock.BYTES)));
lock.withLock(() => strictEqual(attach(lock.share()).acquire({ blocking: false }), false));
const thread = la.spawn(new URL("./thread.mjs", import.meta.url), [la.lock(), a.T, 2]);
strictEqual(thread.join(), 2 * a.at(0, 1));

la.close();
console.log(`${c.shape.join("×")} as NumPy has it`);
