"""Writes the .npy fixtures in test/data/npy/ and the matrices in bench/data/ (seeded; needs NumPy >= 2).

npy/manifest.jsonl has one line a file: its name, shape, dtype blasm reads it as, whether that needs `convert`, order,
and the elements NumPy reads from it, as base64 of little-endian numbers in C order; or the code of the error blasm
has to give. `saved` marks what np.save wrote and blasm has to write byte for byte.

    python3 test/data/make_npy.py
"""

import base64
import json
import warnings
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

HERE = Path(__file__).parent
OUT = HERE / "npy"
BENCH = HERE.parent.parent / "bench" / "data"
manifest = []


def record(name, **expect):
    """Adds a line to the manifest; the elements are what NumPy itself reads from the file."""
    if "error" not in expect:
        array = np.load(OUT / name)
        dtype = "float32" if array.dtype.str[1:] == "f4" else "float64"
        expect |= {
            "shape": array.shape,
            "dtype": dtype,
            "convert": array.dtype.kind in "biu",
            "order": "F" if b"'fortran_order': True" in (OUT / name).read_bytes()[:200] else "C",
            "data": base64.b64encode(array.astype(dtype).astype("<f4" if dtype == "float32" else "<f8").tobytes()).decode(),
        }
    manifest.append({"file": name, **expect})


def save(name, array, **expect):
    np.save(OUT / name, array)
    record(name, **expect)


def save_version(name, array, version):
    with open(OUT / name, "wb") as file:
        npy.write_array(file, array, version)
    record(name)


def save_raw(name, header, array, version=(1, 0)):
    """A header as some other writer, or Python 2, would have put it."""
    header = header.encode()
    size = len(header) + 1
    with open(OUT / name, "wb") as file:
        file.write(npy.magic(*version) + size.to_bytes(2 if version == (1, 0) else 4, "little") + header + b"\n")
        file.write(array.tobytes())
    record(name)


def main():
    OUT.mkdir(exist_ok=True)
    BENCH.mkdir(exist_ok=True)
    for old in OUT.glob("*.npy"):
        old.unlink()
    rng = np.random.default_rng(1)
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, np.finfo("f8").max, 1 / 3])

    # dimensions
    save("c-f8-0d.npy", np.array(-2.5), saved=True)
    save("c-f8-1d.npy", special, saved=True)
    save("c-f8-2d.npy", rng.standard_normal((3, 4)), saved=True)
    save("c-f8-3d.npy", rng.standard_normal((2, 3, 4)), saved=True)
    save("c-f8-5d.npy", rng.standard_normal((2, 1, 3, 1, 2)), saved=True)
    save("c-f8-empty.npy", np.zeros((0, 3)), saved=True)
    save("c-f8-empty-4d.npy", np.zeros((2, 0, 0, 5)), saved=True)
    save("c-f4-0d.npy", np.float32(1.5), saved=True)
    save("c-f4-2d.npy", rng.standard_normal((5, 3)).astype("f4"), saved=True)

    # Fortran order; the last one is contiguous in both orders, so np.save calls it C
    save("f-f8-2d.npy", np.asfortranarray(rng.standard_normal((3, 4))), saved=True)
    save("f-f8-3d.npy", np.asfortranarray(rng.standard_normal((2, 3, 4))), saved=True)
    save("f-f4-2d.npy", np.asfortranarray(rng.standard_normal((4, 2)).astype("f4")), saved=True)
    save("f-f8-column.npy", np.asfortranarray(rng.standard_normal((3, 1))), saved=True)

    # byte orders
    save("c-f8-big.npy", rng.standard_normal((3, 4)).astype(">f8"))
    save("f-f8-big.npy", np.asfortranarray(rng.standard_normal((3, 4)).astype(">f8")))
    save("c-f4-big.npy", np.array([1.5, np.nan, -np.inf, -0.0], ">f4"))

    # versions, and headers that NumPy reads but does not write
    a = rng.standard_normal((2, 3))
    save_version("v2-f8.npy", a, (2, 0))
    save_version("v3-f8.npy", a, (3, 0))
    save_version("v3-f4-big-fortran.npy", np.asfortranarray(a.astype(">f4")), (3, 0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "created on Python 2"
        save_raw("python2-longs.npy", "{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 3L), }", a)
    save_raw("unsorted-double-quotes.npy", '{"shape":(2,3,),"descr":"<f8",\n "fortran_order" : False}', a)
    save_raw("native.npy", "{'descr': '=f8', 'fortran_order': False, 'shape': (2, 3)}", a, (2, 0))
    save_raw("no-byte-order.npy", "{'descr': '|f4', 'fortran_order': False, 'shape': (2, 3)}", a.astype("f4"), (3, 0))

    # integers and booleans
    save("bool.npy", np.array([[True, False], [False, True]]))
    save_raw("bool-2.npy", "{'descr': '|b1', 'fortran_order': False, 'shape': (3,), }", np.array([2, 0, 255], "u1"))
    for kind, width in ((k, w) for k in "iu" for w in (1, 2, 4, 8)):
        info = np.iinfo(f"{kind}{width}")
        values = [info.min, info.max, 0, 1, info.max // 3, info.min // 3]
        for order in "<>" if width > 1 else "|":
            suffix = "-big" if order == ">" else ""
            save(f"{kind}{width}{suffix}.npy", np.array(values, f"{order}{kind}{width}"))
    # ties, and what lies next to them, where float64 has gaps of 2, 4, 1024 and 2048
    near = [2**e + d for e, gap in ((53, 2), (54, 4), (62, 1024)) for d in (gap // 2 - 1, gap // 2, gap // 2 + 1, gap * 3 // 2)]
    save("i8-rounding.npy", np.array(near + [-v for v in near], "<i8"))
    save("u8-rounding.npy", np.array(near + [2**63 + d for d in (1023, 1024, 1025, 3072)] + [2**64 - 1024], ">u8"))
    save("i2-fortran.npy", np.asfortranarray(np.arange(12, dtype="<i2").reshape(3, 4)))

    # what has no place in blasm
    save("error-f2.npy", np.zeros(3, "f2"), error="DTYPE")
    save("error-longdouble.npy", np.zeros(3, "g"), error="DTYPE")
    save("error-complex.npy", np.zeros(3, "c16"), error="DTYPE")
    save("error-string.npy", np.array(["a", "bc"]), error="DTYPE")
    save("error-bytes.npy", np.array([b"a", b"bc"]), error="DTYPE")
    save("error-date.npy", np.zeros(3, "M8[s]"), error="DTYPE")
    save("error-void.npy", np.zeros(3, "V8"), error="DTYPE")
    save("error-object.npy", np.array([None, 1]), error="DTYPE")
    save("error-structured.npy", np.zeros(2, [("x", "f4"), ("y", "i4", (2,))]), error="DTYPE")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "can only be read by NumPy >= 1.17"
        save("error-structured-v3.npy", np.zeros(2, [("größe λ", "f8")]), error="DTYPE")

    (OUT / "manifest.jsonl").write_text("".join(json.dumps(line) + "\n" for line in manifest))

    # the main job: A (C order) times B (Fortran order). The last bits of the products depend on NumPy's BLAS.
    rng = np.random.default_rng(2)
    for suffix, dtype, (m, k, n) in (("", "f8", (300, 200, 250)), ("32", "f4", (120, 80, 100))):
        a = rng.standard_normal((m, k)).astype(dtype)
        b = np.asfortranarray(rng.standard_normal((k, n)).astype(dtype))
        np.save(BENCH / f"A{suffix}.npy", a)
        np.save(BENCH / f"B{suffix}.npy", b)
        np.save(BENCH / f"AB{suffix}.npy", a @ b)


if __name__ == "__main__":
    main()
