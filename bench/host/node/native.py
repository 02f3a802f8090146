"""Native NumPy, on as many threads as its environment says: prepares, shows and times products as JSON lines on standard input ask for."""

import json
import math
import sys
import time


def answer(**message):
    print(json.dumps(message), flush=True)


def uniform(dtype, rows, columns, seed):
    """The numbers of cases.ts, all at once."""
    x = np.arange(rows * columns, dtype=np.uint32) + np.uint32(seed * 0x9E3779B9 & 0xFFFFFFFF)
    for _ in range(2):
        x = (x ^ (x >> np.uint32(16))) * np.uint32(0x45D9F3B)
    x ^= x >> np.uint32(16)
    return (x.astype(np.float64) / 2147483648 - 1).astype(dtype).reshape(rows, columns)


def matrix(dtype, rows, columns, seed, transpose):
    return uniform(dtype, rows, columns, seed) if transpose == "N" else uniform(dtype, columns, rows, seed).T


def name():
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"NumPy {np.__version__}, {blas['name']} {blas['version']}{core()}, Python {sys.version.split()[0]}"


def core():
    """The kernels that OpenBLAS chose at run time, asked from the loaded library."""
    import ctypes

    try:
        with open("/proc/self/maps") as maps:
            paths = {line.split()[-1] for line in maps if "openblas" in line}
        for path in paths:
            library = ctypes.CDLL(path)
            for function in ("scipy_openblas_get_corename64_", "openblas_get_corename"):
                if hasattr(library, function):
                    ask = getattr(library, function)
                    ask.restype = ctypes.c_char_p
                    return f" ({ask().decode()} kernels)"
    except OSError:
        pass
    return ""


def sample(a, b, c, calls):
    cpu, start = time.process_time(), time.perf_counter()
    for _ in range(calls):
        np.matmul(a, b, out=c)
    return (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000


def main():
    a = b = c = None
    answer(name=name())
    for line in sys.stdin:
        message = json.loads(line)
        if message["ask"] == "prepare":
            dtype, m, n, k = (message[key] for key in ("dtype", "m", "n", "k"))
            a = matrix(dtype, m, k, message["seedA"], message["transA"])
            b = matrix(dtype, k, n, message["seedB"], message["transB"])
            c = np.matmul(a, b)
            lines = [c[i, :] for i in message["rows"]] + [c[:, j] for j in message["columns"]]
            values = [float(x) for line in lines for x in line]
            answer(values=[x if math.isfinite(x) else None for x in values])
        elif message["ask"] == "sample":
            ms, cpu_ms = sample(a, b, c, message["calls"])
            answer(ms=ms, cpuMs=cpu_ms)


try:
    import numpy as np
except ImportError:
    answer(error="this python3 has no NumPy")
else:
    main()
