"""Writes random.json beside itself: what NumPy draws, for test/array/random.test.ts to compare bits with.

    python3 test/data/make_random.py

NumPy's normals depend, about once in 10^8 draws, on the log1p of the C library under it. Regenerate on Linux with
glibc before 2.41 (Debian 12, Ubuntu 24.04): there the float32 tails agree too.
"""

import hashlib
import json
import pathlib
import platform

import numpy as np

COUNT = 1_000_000
SEEDS = [0, 1, 42, 2**40 + 7, 2**130]
METHODS = ["random", "standard_normal"]
DTYPES = ["float64", "float32"]


def bits(values):
    width = values.itemsize
    return " ".join(format(v, f"0{2 * width}x") for v in values.view(f"<u{width}").tolist())


def stream(seed, method, dtype):
    values = getattr(np.random.default_rng(seed), method)(COUNT, dtype=dtype)
    return {
        "first": bits(values[:4]),
        "last": bits(values[-4:]),
        "sha256": hashlib.sha256(values.tobytes()).hexdigest(),
    }


def mixed(seed, steps):
    """Draws of several kinds from one generator: a 32-bit half that is left over must wait for its turn."""
    rng = np.random.default_rng(seed)
    return {
        "seed": str(seed),
        "steps": [
            {"method": m, "dtype": d, "bits": bits(getattr(rng, m)(n, dtype=d))} for m, d, n in steps
        ],
    }


def entry(seed):
    return {
        "seed": str(seed),
        "words": bits(np.random.SeedSequence(seed).generate_state(8)),
        "state": " ".join(format(np.random.PCG64(seed).state["state"][k], "032x") for k in ("state", "inc")),
        "streams": {f"{m}_{d}": stream(seed, m, d) for m in METHODS for d in DTYPES},
    }


result = {
    "numpy": np.__version__,
    "host": f"{platform.machine()}, {' '.join(platform.libc_ver())}",
    "count": COUNT,
    "seeds": [entry(seed) for seed in SEEDS],
    "mixed": mixed(
        42,
        [
            ("random", "float32", 3),
            ("random", "float64", 2),
            ("standard_normal", "float32", 0),
            ("standard_normal", "float32", 2),
            ("random", "float64", 0),
            ("standard_normal", "float64", 3),
            ("random", "float32", 1),
            ("random", "float32", 5),
        ],
    ),
}
pathlib.Path(__file__).with_name("random.json").write_text(json.dumps(result, indent=2) + "\n")
