"""The child process of native NumPy, on one thread. Speaks the protocol of peer-process.mjs."""

import json
import math
import sys
import time


def answer(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def matrix(dtype, n, seed):
    """mulberry32 as in lib/inputs.mjs, all elements at once: its state is only a counter."""
    u32 = np.uint32
    with np.errstate(over="ignore"):
        state = np.arange(1, n * n + 1, dtype=np.uint64) * 0x6D2B79F5 + seed
        t = state.astype(u32)
        t = (t ^ (t >> u32(15))) * (t | u32(1))
        t = t ^ (t + (t ^ (t >> u32(7))) * (t | u32(61)))
        t = t ^ (t >> u32(14))
    x = t.astype(np.float64) / 2147483648 - 1
    return x.astype(np.float32 if dtype == "f32" else np.float64).reshape(n, n)


def openblas_core():
    """The kernels that OpenBLAS chose at run time, asked from the loaded library."""
    import ctypes

    with open("/proc/self/maps") as maps:
        paths = {line.split()[-1] for line in maps if "openblas" in line}
    for path in paths:
        library = ctypes.CDLL(path)
        for name in ("scipy_openblas_get_corename64_", "scipy_openblas_get_corename", "openblas_get_corename"):
            if hasattr(library, name):
                ask = getattr(library, name)
                ask.restype = ctypes.c_char_p
                return ask().decode()
    return "unknown"


def info():
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    try:
        core = openblas_core()
    except OSError:
        core = "unknown"
    return f"NumPy {np.__version__}, {blas['name']} {blas['version']}, {core} kernels, Python {sys.version.split()[0]}"


def batch(a, b, c, times):
    start = time.perf_counter()
    for _ in range(times):
        np.matmul(a, b, out=c)
    return (time.perf_counter() - start) * 1000


def main():
    a = b = c = None
    cost = 0.0
    about = {"name": "native NumPy", "kind": "native", "cannot": "run in browsers, but through Pyodide without this BLAS"}
    answer({**about, "dtypes": ["f32", "f64"], "maxN": None})
    for line in sys.stdin:
        message = json.loads(line)
        if message["cmd"] == "prepare":
            n = message["n"]
            a, b = (matrix(message["dtype"], n, message["seed"] + i) for i in (0, 1))
            c = np.empty_like(a)
            answer({"info": info()})
        elif message["cmd"] == "lines":
            batch(a, b, c, 1)
            lines = [c[i, :] for i in message["rows"]] + [c[:, j] for j in message["cols"]]
            values = [float(x) for line in lines for x in line]
            answer({"values": [x if math.isfinite(x) else None for x in values]})
        elif message["cmd"] == "sample":
            ms = message["ms"]
            if cost < 5:
                cost = batch(a, b, c, 1)
            times = max(1, math.ceil(ms / max(cost, ms / 64)))
            while True:
                before = time.process_time()
                took = batch(a, b, c, times)
                cpu = (time.process_time() - before) * 1000
                cost = took / times
                if took >= ms:
                    break
                times = math.ceil(times * min(16, max(1.2, 1.1 * ms / max(took, ms / 16))))
            answer({"ms": took, "runs": times, "cpuMs": cpu})


try:
    import numpy as np
except ImportError as error:
    answer({"skip": f"{sys.executable}: {error}"})
else:
    main()
