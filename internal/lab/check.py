"""Runs one notebook from top to bottom and says how it did, as JSON in one line of standard output."""

import argparse
import asyncio
import json
import os
import re
import sys
import time

sys.modules["rfc3987_syntax"] = None  # Takes two seconds to load, to check addresses that no notebook has.

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ENOUGH = 6000  # Characters of an error.


def plain(text):
    """Returns text without colours and other terminal codes, and without the middle of a very long one."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).strip()
    if len(text) > ENOUGH:
        text = text[: ENOUGH // 2] + "\n[…]\n" + text[-ENOUGH // 2 :]
    return text


def explain(cell, error):
    """Returns what the compiler or the program said about a cell that failed."""
    parts = [o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr"]
    failures = [o for o in cell.outputs if o.output_type == "error"]
    parts += ["\n".join(o.traceback) or o.evalue for o in failures]
    if not failures:
        parts.append(str(error))
    return plain("\n".join(parts))


async def run(notebook, timeout):
    """Runs a notebook and returns the result."""
    names = notebook.metadata.get("kernelspec", {})
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name=names.get("name", "gonb"),
        resources={"metadata": {"path": arguments.folder or os.path.dirname(arguments.notebook)}},
        record_timing=False,
        coalesce_streams=True,
    )
    result = {"ok": True, "cells": 0, "slowest": {"number": 0, "seconds": 0}}
    running = {"number": 0, "start": time.monotonic()}

    def started(cell, cell_index):
        running.update(number=cell_index + 1, start=time.monotonic(), cell=cell)

    def ended(cell, cell_index, execute_reply):
        result["cells"] += 1
        seconds = time.monotonic() - running["start"]
        if seconds > result["slowest"]["seconds"]:
            result["slowest"] = {"number": cell_index + 1, "seconds": seconds}

    client.on_cell_execute = started
    client.on_cell_executed = ended
    try:
        client.km = client.create_kernel_manager()
        client.km.kernel_spec.argv.append("-raw_error")  # Errors as text rather than as HTML.
        await client.async_execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        cell = running.get("cell")
        if isinstance(error, CellExecutionError):
            text = explain(cell, error)
        elif isinstance(error, CellTimeoutError):
            text = f"The cell took longer than {timeout:g} seconds."
        else:
            text = "The kernel died: out of memory, or ended by something outside."
        result["ok"] = False
        result["failed"] = {
            "number": running["number"],
            "seconds": time.monotonic() - running["start"],
            "source": cell.source if cell else "",
            "error": text,
        }
    return result


def clean(notebook):
    """Takes out of the outputs what differs from one machine or run to the next, and what only works while a cell runs."""
    places = [p for p in (arguments.folder, arguments.root) if p]

    def here(text):
        for place in places:
            text = text.replace(place + "/", "").replace(place, ".")
        return re.sub(r" · [\d.,]+k? (?:images|steps)/s(?: · .*)?$", "", text, flags=re.M)  # The speed of a training.

    for cell in notebook.cells:
        kept = []
        for output in cell.get("outputs", []):
            if "text" in output:
                output.text = here(output.text)
            data = output.get("data", {})
            if any(mark in data.get("text/html", "") for mark in ("<input", "<script", "<button", "<select")):
                del data["text/html"]  # A widget.
            data.pop("application/javascript", None)
            for kind in ("text/plain", "text/markdown", "text/html"):
                if kind in data:
                    data[kind] = here(data[kind])
            if data or output.output_type not in ("display_data", "execute_result"):
                kept.append(output)
        if "outputs" in cell:
            cell.outputs = kept


def write(notebook, path):
    """Writes a notebook with its outputs, whole or not at all, without what differs from one machine to the next."""
    clean(notebook)
    notebook.metadata.get("language_info", {}).pop("version", None)
    temporary = path + ".new"
    with open(temporary, "w", encoding="utf-8") as file:
        nbformat.write(notebook, file)
    os.replace(temporary, path)
    return os.path.getsize(path)


parser = argparse.ArgumentParser()
parser.add_argument("--timeout", type=float)
parser.add_argument("--update", action="store_true")
parser.add_argument("--folder", default="", help="to run in; the notebook's own if not given")
parser.add_argument("--root", default="", help="of the clone, which outputs do not name")
parser.add_argument("notebook")
arguments = parser.parse_args()
try:
    content = nbformat.read(arguments.notebook, as_version=4)
    nbformat.validate(content)
except Exception as error:
    sys.exit(f"error: not a notebook: {plain(str(error)).splitlines()[0]}")
try:
    outcome = asyncio.run(run(content, arguments.timeout))
except Exception as error:
    sys.exit(f"error: {type(error).__name__}: {plain(str(error))}")
if outcome["ok"] and arguments.update:
    outcome["bytes"] = write(content, arguments.notebook)
print("ganymede: " + json.dumps(outcome), flush=True)
