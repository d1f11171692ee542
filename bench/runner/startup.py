"""Experiment: how soon a server responds, and what it then occupies."""

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


def startup(rounds):
    candidates = {it.name: it for it in servers.GREETERS + servers.HELLOS}
    skipped = {
        name: servers.NOT_BUILT for name, it in candidates.items() if not it.program.exists()
    }

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
