#!/usr/bin/env python3
"""Seconds that cells of a notebook take, measured through Jupyter: from the request to the kernel's being idle again.

    go run . lab --setup
    go run . train --data digits --steps 20 --run /tmp/run
    .venv/bin/python bench/cells.py /tmp/run

Every cell is another one each time, so that nothing is left of the last build; the first of each kind, which fills caches, is
not counted. It prints the median, the quickest and the slowest of each kind.
"""

import argparse
import os
import statistics
import time

from jupyter_client.manager import KernelManager

DECLARATIONS = """
import (
	"fmt"

	"github.com/janpfeifer/must"

	"github.com/ganymede-ml/ganymede/course"
	"github.com/ganymede-ml/ganymede/course/sampler"
	"github.com/ganymede-ml/ganymede/gan"
	"github.com/ganymede-ml/ganymede/gan/display"
)

func trained() *gan.Trainer { return course.Trained("RUN") }

%%
fmt.Println("ready")
"""

KINDS = {
    "plain Go": "fmt.Println(NUMBER)",
    "opens XLA": "fmt.Println(NUMBER, course.Backend().Name())",
    "samples, through the helper": 'must.M(display.Show(display.Grid(must.M1(sampler.Sample("RUN", 48, NUMBER)), 12)))',
    "samples, on its own": "must.M(display.Show(display.Grid(must.M1(trained().SampleSeed(48, NUMBER)), 12)))",
}


def run(client, code):
    """Runs a cell and returns its seconds."""
    start = time.monotonic()
    request = client.execute(code)
    while True:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") != request:
            continue
        if message["msg_type"] == "error":
            raise SystemExit("\n".join(message["content"]["traceback"]))
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return time.monotonic() - start


parser = argparse.ArgumentParser()
parser.add_argument("run", help="a run folder of ganymede train, with pictures")
parser.add_argument("--repeat", type=int, default=7)
arguments = parser.parse_args()
folder = os.path.abspath(arguments.run)
manager = KernelManager(kernel_name="gonb")
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)
try:
    run(client, DECLARATIONS.replace("RUN", folder))
    for kind, code in KINDS.items():
        seconds = [
            run(client, "%%\n" + code.replace("RUN", folder).replace("NUMBER", str(number + 1)))
            for number in range(arguments.repeat + 1)
        ][1:]
        print(f"{kind:30s} {statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})", flush=True)
finally:
    manager.shutdown_kernel(now=True)
