"""Native NumPy, on as many threads as its environment says: prepares, shows and times products and factorizations as JSON lines on standard input ask for."""

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


def factorization(a, b):
    """LAPACK's getrf by SciPy, or by NumPy, which solves a system too: what computes it, and x of A x = b."""
    try:
        from scipy.linalg import lu_factor
    except ImportError:
        return lambda: np.linalg.solve(a, b), np.linalg.solve(a, b)
    return lambda: lu_factor(a, check_finite=False), np.linalg.solve(a, b)


def finite(values):
    return [x if math.isfinite(x) else None for x in map(float, values)]


def sample(run, calls):
    cpu, start = time.process_time(), time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000


def main():
    run = None
    answer(name=name())
    for line in sys.stdin:
        message = json.loads(line)
        if message["ask"] == "prepare":
            dtype, m, n, k = (message[key] for key in ("dtype", "m", "n", "k"))
            a = matrix(dtype, m, k, message["seedA"], message["transA"])
            b = matrix(dtype, k, n, message["seedB"], message["transB"])
            c = np.matmul(a, b)
            lines = [c[i, :] for i in message["rows"]] + [c[:, j] for j in message["columns"]]
            run = lambda a=a, b=b, c=c: np.matmul(a, b, out=c)
            answer(values=finite(x for line in lines for x in line))
        elif message["ask"] == "factor":
            dtype, n = message["dtype"], message["n"]
            a = matrix(dtype, n, n, message["seedA"], "N")
            run, x = factorization(a, matrix(dtype, n, 1, message["seedB"], "N")[:, 0])
            answer(values=finite(x))
        elif message["ask"] == "sample":
            ms, cpu_ms = sample(run, message["calls"])
            answer(ms=ms, cpuMs=cpu_ms)


try:
    import numpy as np
except ImportError:
    answer(error="this python3 has no NumPy")
else:
    main()
