"""Experiment: how soon a server responds, and what it then occupies."""

import os
import time
import urllib.request

import cores
import idle
import servers
import workloads
from turns import interleaved

GREETING = workloads.Rpc("", "")


def _seconds_to_respond(server, port):
    start = time.perf_counter()
    if server in servers.GREETERS:
        idle.check(port, GREETING)
    else:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as response:
            response.read()
    return time.perf_counter() - start


def _forget(program):
    """Drops a file from the page cache. A program that the linker has just written is
    there in large folios, of which the kernel maps more at a time than of a file that was
    read from disk, as that of a container is."""
    with open(program, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def startup(rounds):
    candidates = {it.name: it for it in servers.GREETERS + servers.HELLOS}
    skipped = {
        name: servers.NOT_BUILT for name, it in candidates.items() if not it.program.exists()
    }

    for name, server in candidates.items():
        if name not in skipped:
            # Read again in the turn that does not count.
            _forget(server.program)

    def measure(name):
        server = candidates[name]
        process, port, ready = server.start(cores.of_server(2))
        try:
            ready += _seconds_to_respond(server, port)
            figures = {"ready_ms": ready * 1000, "rss_kib": process.rss_kib()}
            if not server.interpreter:
                figures["program_mb"] = server.program.stat().st_size / 1e6
            return figures
        finally:
            process.stop()

    rows = interleaved([it for it in candidates if it not in skipped], rounds, measure, skipped)
    return {"title": "from exec until the first response", "rows": rows, "skipped": skipped}
