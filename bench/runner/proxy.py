"""Envoy, as a mesh puts it in front of a server."""

import shutil
from pathlib import Path

from paths import BENCH, BUILT, TOOLS
from process import Process, free_port


def _program():
    installed = TOOLS / "envoy" / "bin" / "envoy"
    found = shutil.which("envoy") or installed
    if not Path(found).exists():
        raise RuntimeError("Envoy is missing: make envoy")
    return found


def start(upstream, cores):
    """Returns the process and its port, which leads to the port `upstream`."""
    port = free_port()
    config = BUILT / "envoy.yaml"
    config.write_text((BENCH / "envoy.yaml").read_text().format(port=port, upstream=upstream))
    command = [_program(), "--config-path", config, "--concurrency", len(cores)]
    log = BUILT / "logs" / "envoy.log"
    envoy = Process([*command, "--use-dynamic-base-id", "--log-level", "error"], cores, log)
    envoy.wait_until_it_accepts(port)
    return envoy, port
