"""Writes display.json: arrays, and what NumPy prints for them. Run: python3 test/data/make_display.py

Of each array the file keeps only the elements that NumPy shows (row by row, little-endian, base64): bits survive,
and a formatter that reads anything else fails the test. The seed is fixed; only a NumPy release changes the file.
"""

import base64
import json
from pathlib import Path

import numpy as np

rng = np.random.default_rng(20)
cases = []


def shown(a):
    """The elements a summary shows: three at both ends of each long axis."""
    if a.size > np.get_printoptions()["threshold"]:
        for axis, n in enumerate(a.shape):
            if n > 6:
                a = np.take(a, [0, 1, 2, n - 3, n - 2, n - 1], axis=axis)
    return a


def add(name, a, dtypes=("float64", "float32")):
    for dtype in dtypes:
        with np.errstate(all="ignore"):
            b = np.asarray(a).astype(dtype)
        data = shown(b).astype(b.dtype.newbyteorder("<")).tobytes()
        cases.append(
            {
                "name": name,
                "dtype": dtype,
                "shape": list(b.shape),
                "shown": base64.b64encode(data).decode(),
                "repr": repr(b),
                "str": str(b),
            }
        )


inf, nan = np.inf, np.nan

# One number: as an array of no axes, and as an array of one element.
scalars = [0.0, -0.0, 1, -1, 0.1, 1 / 3, -2 / 3, 1e-4, 9.9999e-5, 1e-5, 123456.789, 999999.94, 1e6, 99999999, 1e8]
scalars += [1e15, 9.9e15, 1e16, 1e22, 1e23, -1e100, 5e-324, 1e-45, 2.0**-96, 2.0**87, 2.0**-44, 3.4e38, 1.797e308]
scalars += [16777216, 16777217, 1048576.25, 562949953421312.25, 2.0**-9, 3 * 2.0**-9, 1000000005, 1000000015]
scalars += [0.1 + 0.2, 1e-300, nan, inf, -inf]
for x in scalars:
    add(f"0-d {x!r}", x)
    add(f"one element {x!r}", [x])

# Rows that decide between notations, widths and paddings.
rows = {
    "integers": [1, 2, 3],
    "minus zero": [0.0, -0.0, 1.5],
    "all zero": [0.0, 0.0],
    "all minus zero": [-0.0, -0.0],
    "unlike lengths": [1, 2.5, 3.125, -100.0625],
    "more than precision": [0.123456789, 1.5, 2 / 3],
    "ties at digit 8": [k * 2.0**-9 for k in range(-9, 10, 2)],
    "ties at digit 8 of an exponent": [1000000005, 1000000015, 1000000025, 9999999995],
    "carries": [0.999999999, 9.999999996, 99.99999999],
    "carries over the exponent": [9.9999999996e9, 1],
    "just below 1e8": [99999999.0, 1e6],
    "at 1e8": [1e8, 1e6],
    "just below 1e6": [999999.0, 1000.5],
    "at 1e6": [1e6, 1000.5],
    "at 1e-4": [1e-4, 0.01],
    "below 1e-4": [9.9e-5, 0.01],
    "ratio 1000": [1.0, 1000.0],
    "ratio above 1000": [1.0, 1000.5],
    "ratio 1000 of tenths": [0.1, 100.0],
    "huge and tiny": [1e300, -1e-300],
    "exponents of two and three digits": [1e5, -1e-10, 1.5e-100],
    "least and greatest": [5e-324, 1.7976931348623157e308],
    "subnormal singles": [1e-45, 1.5e-42, 1.1e-38],
    "singles in a wide column": [2.0**-96, 2.0**87, 1.5e9, 7.0368744e13, 1.2345e-5],
    "1e16": [1e16, 1.0],
    "1e-5": [1e-5, 1.0],
    "zero and tiny": [0.0, 1e-5],
    "nan": [nan],
    "nan and inf": [nan, inf],
    "nan and -inf": [nan, -inf, inf],
    "nan among integers": [1, nan, 3],
    "-inf among integers": [1, -inf, 3],
    "nan among long": [1.123456, nan, -inf, 12345.5],
    "-inf among exponents": [1e20, -inf, nan],
    "-inf and -1e20": [-1e20, -inf, 1e-20],
}
for name, row in rows.items():
    add(name, row)
    add(f"{name}, reversed, as a column", np.array([row[::-1]]).T)

# Empty arrays.
for shape in [(0,), (0, 0), (0, 3), (3, 0), (1, 0, 2), (0, 2, 3), (2, 3, 0), (10**6, 0), (0, 1, 2, 3)]:
    add("empty", np.empty(shape))

# Wrapping in one, two and more axes.
for n in [5, 6, 7, 8, 9, 17, 18, 19, 40]:
    add("uniform", rng.random(n))
    add("integers", rng.integers(-999, 999, n))
for shape in [(2, 3), (3, 1), (1, 7), (2, 18), (3, 25), (1, 1), (2, 2, 2), (1, 3, 4), (2, 2, 9), (2, 1, 2, 3), (1, 1, 1, 8)]:
    add("normal", rng.standard_normal(shape))
    add("tenths", np.round(rng.uniform(-100, 100, shape), 1))
add("width for every bracket", rng.standard_normal((1,) * 12 + (8,)))
add("width for no word", -rng.random((1,) * 28 + (3,)) * 1e-200, ["float64"])

# dtype and shape on the last line, or on their own.
for n in range(1, 16):
    add("last line", np.arange(n) + 0.5, ["float32"])
for n in range(6, 13):
    add("last line of a summary", np.full(2000, 10.0**n / 4), ["float64"])

# Summaries.
for shape in [(1000,), (10, 10, 10)]:
    add("not yet a summary", np.zeros(shape), ["float32"])
for shape in [(1001,), (2, 501), (501, 2), (6, 200), (7, 150), (40, 50), (11, 11, 11), (2, 3, 400), (7, 6, 5, 7), (3, 1, 400, 1)]:
    add("summary", rng.standard_normal(shape))
add("summary, arange", np.arange(5000.0))
add("summary, 4096²", rng.standard_normal((4096, 4096), "float32"), ["float32"])
hidden = np.ones((100, 100))
hidden[50, 50] = 1e30
hidden[51, 51] = nan
add("summary whose hidden elements would change the notation", hidden)

# Any bits; any magnitudes.
for dtype in ["float64", "float32"]:
    for n in [1, 2, 3, 5, 8, 13, 21]:
        with np.errstate(all="ignore"):
            add("any bits", np.frombuffer(rng.bytes(n * np.dtype(dtype).itemsize), dtype), [dtype])
    for n in range(1, 13):
        add("any magnitude", rng.standard_normal(n) * 10.0 ** rng.uniform(-7, 9, n), [dtype])
        add("any magnitude, near each other", rng.standard_normal((n, 2)) * 10.0 ** rng.integers(-6, 9), [dtype])


def written(case):
    """As Biome formats JSON, so that the file passes its check."""
    return "    {\n" + ",\n".join(f'      "{k}": {json.dumps(v, ensure_ascii=False)}' for k, v in case.items()) + "\n    }"


text = f'{{\n  "numpy": "{np.__version__}",\n  "cases": [\n' + ",\n".join(map(written, cases)) + "\n  ]\n}\n"
Path(__file__).with_name("display.json").write_text(text, encoding="utf-8", newline="\n")
print(len(cases), "cases,", len(text.encode()), "bytes")
