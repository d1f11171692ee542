"""Experiment: how soon a server accepts connections, and what it then occupies."""

import cores
import servers
from turns import interleaved


def startup(rounds):
    candidates = {it.name: it for it in servers.GREETERS + servers.HELLOS}
    skipped = {
        name: servers.NOT_BUILT for name, it in candidates.items() if not it.program.exists()
    }

    def measure(name):
        server = candidates[name]
        process, _, ready = server.start(cores.of_server(2))
        try:
            figures = {"ready_ms": ready * 1000, "rss_kib": process.rss_kib()}
            if not server.interpreter:
                figures["program_mb"] = server.program.stat().st_size / 1e6
            return figures
        finally:
            process.stop()

    rows = interleaved([it for it in candidates if it not in skipped], rounds, measure, skipped)
    return {"title": "from exec until the port accepts", "rows": rows, "skipped": skipped}
