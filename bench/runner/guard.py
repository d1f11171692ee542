"""The guard against regressions: instructions per call of the greeter, as a ratio to
those of the bare limit in the same run. Noise of the machine does not change them."""

import argparse
import os
import re
import sys
from dataclasses import dataclass

import build
import idle
import loads
import servers
import workloads
from paths import BUILT, ROOT
from process import Process, free_port

# Of the greeter's instructions per call to the limit's. Raise it only for a reason that
# is worth its CPU; lower it after each gain, with a tenth to spare.
BOUND = 1.2

# Calls of the two runs. Their difference has no start-up in it.
FEW, MANY = 1_000, 5_000
LOAD = workloads.Rpc("", "", connections=10, streams=10)
CORES = {0}
# Both sides are built as .ci/run builds programs, all of them, so that it builds nothing
# twice. Optimization at link time takes minutes, and changes both counts by a third and
# more: the bound is for this profile.
PROFILE = {"CARGO_PROFILE_RELEASE_LTO": "off", "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16"}
# Under valgrind on a busy machine, the greeter's usual time limits would close
# connections of the test.
PATIENCE = [
    *("--header-timeout", "1h", "--request-timeout", "1h", "--send-timeout", "1h"),
    *("--call-timeout", "1h", "--keepalive-interval", "1h"),
]
TARGET = ROOT / "target"
GREETER = servers.Server(servers.OURS, TARGET / "release" / "greeter-server", ours=True)
# The limit without TLS, whose cryptography takes minutes to build.
GUARD = BUILT / "guard"


@dataclass(frozen=True)
class Count:
    calls: int
    instructions: int


def count(server, calls):
    """Runs a server under callgrind for this many calls."""
    port = free_port()
    log = BUILT / "logs" / "callgrind.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    command = server.command(port, CORES, flags=PATIENCE if server.ours else ())
    process = Process([*valgrind, *command], CORES, log)
    try:
        process.wait_until_it_accepts(port)
        idle.check(port, LOAD)
        command = loads.rpc_arguments(LOAD.connections, LOAD.streams, LOAD.size)
        command += ["-n", calls, loads.rpc_url(port, False, LOAD.method)]
        output = loads.run(command, CORES)
        if f"{calls} succeeded" not in output:
            raise RuntimeError(f"calls failed:\n{output}")
    finally:
        process.stop()
    found = re.search(r"Collected : (\d+)", log.read_text())
    if not found:
        raise RuntimeError(f"callgrind has printed no count; see {log}")
    return Count(calls, int(found[1]))


def per_call(server):
    few, many = count(server, FEW), count(server, MANY)
    return (many.instructions - few.instructions) / (many.calls - few.calls)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bound", type=float, default=BOUND)
    bound = parser.parse_args().bound
    os.environ.update(PROFILE)
    try:
        build.need("valgrind", "h2load")
        build.run(*build.RELEASE, "--workspace", "--bins", CARGO_TARGET_DIR=TARGET)
        build.rust("-p", "h2-limit", "--no-default-features", target=GUARD)
    except build.Missing as reason:
        sys.exit(f"bench-guard: {reason}")
    bare = servers.Server(servers.LIMIT, GUARD / "release" / "h2-limit")
    limit, ours = per_call(bare), per_call(GREETER)
    ratio = ours / limit
    print(f"instructions per call: {servers.OURS} {ours:,.0f}, {servers.LIMIT} {limit:,.0f}")
    print(f"ratio {ratio:.2f}, at most {bound:.2f}")
    if ratio > bound:
        sys.exit(
            "bench-guard: the greeter needs more instructions per call than it may; find the "
            "cause with valgrind --tool=callgrind, or raise BOUND in bench/runner/guard.py "
            "and say why"
        )


if __name__ == "__main__":
    main()
