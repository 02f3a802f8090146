#!/usr/bin/env python3
"""Runs a notebook on the Deno kernel, and renders it: python3 examples/notebook/render.py --help

Needs dist/ (npm run build), Deno, and python3-nbconvert (of Debian's packages; it brings the rest of Jupyter). No settings are
touched: the kernel is made known in a temporary folder only.
"""

import argparse
import os
import queue
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from nbconvert import HTMLExporter

HERE = Path(__file__).parent
# Seconds for one cell, and after the last one, for results that are late.
CELL_LIMIT = 60
GRACE = 0.5


def deno_kernel(deno, home, folder):
    """A Deno that is told nothing of its user's, started in `folder`."""
    env = os.environ | {"HOME": home, "DENO_DIR": home, "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1"}
    subprocess.run([deno, "jupyter", "--install"], env=env, check=True, stderr=subprocess.DEVNULL)
    kernels = next(Path(home).rglob("kernel.json")).parent.parent
    specs = KernelSpecManager(kernel_dirs=[str(kernels)], ensure_native_kernel=False)
    manager = KernelManager(kernel_name="deno", kernel_spec_manager=specs)
    manager.start_kernel(env=env, cwd=folder, stderr=subprocess.DEVNULL)
    return manager


def execute(notebook, client):
    """Runs all cells, or those up to the first that fails. An output belongs to the cell that asked for it, whenever it comes:
    Deno now and then reports a result after it has said that it is idle, where nbclient no longer listens."""
    asked = {}
    pending = set()

    def listen(seconds):
        try:
            message = client.get_iopub_msg(timeout=seconds)
        except queue.Empty:
            return False
        cell = asked.get(message["parent_header"].get("msg_id"))
        if cell is None:
            return True
        kind, content = message["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] == "idle":
            pending.discard(message["parent_header"]["msg_id"])
        elif kind == "execute_input":
            cell.execution_count = content["execution_count"]
        elif kind in ("stream", "display_data", "execute_result", "error"):
            cell.outputs.append(nbformat.v4.output_from_msg(message))
        return True

    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs = []
        request = client.execute(cell.source)
        asked[request] = cell
        pending.add(request)
        end = time.monotonic() + CELL_LIMIT
        while pending:
            listen(1)
            if time.monotonic() > end:
                raise TimeoutError(f"not done after {CELL_LIMIT} s: {cell.source}")
        if any(output.output_type == "error" for output in cell.outputs):
            break
    while listen(GRACE):
        pass


def main():
    parser = argparse.ArgumentParser(description="Runs a notebook on the Deno kernel, and renders it.")
    parser.add_argument("notebook", nargs="?", type=Path, default=HERE / "lecture.ipynb")
    parser.add_argument("--deno", default="deno", help="the program (default: deno)")
    parser.add_argument("--out", type=Path, default=HERE / "../../build/notebook", help="folder for .ipynb and .html")
    parser.add_argument("--theme", choices=["light", "dark"], default="light")
    options = parser.parse_args()

    notebook = nbformat.read(options.notebook, as_version=4)
    with tempfile.TemporaryDirectory() as home:
        manager = deno_kernel(str(Path(options.deno).absolute()) if "/" in options.deno else options.deno, home, HERE)
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=CELL_LIMIT)
            execute(notebook, client)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)

    options.out.mkdir(parents=True, exist_ok=True)
    target = options.out / options.notebook.name
    nbformat.write(notebook, target)
    html, _ = HTMLExporter(theme=options.theme).from_notebook_node(notebook)
    target.with_suffix(".html").write_text(html)
    failed = [output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    for error in failed:
        print(f"{error.ename}: {error.evalue}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
