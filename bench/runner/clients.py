"""Experiments with clients: the calls that each makes with a second of CPU time, and
the cost of one greeting."""

import json
import re
import statistics
from contextlib import ExitStack

import certificate
import cores
import loads
import servers
import workloads
from paths import PROGRAMS, ROOT, TOOLS
from process import run_and_account
from turns import interleaved

CLIENT = PROGRAMS / "greeter-client"
GHZ = TOOLS / "bench" / "bin" / "ghz"
FORTIO = TOOLS / "bench" / "bin" / "fortio"
GRPCURL = TOOLS / "bin" / "grpcurl"
PROTO = ROOT / "proto" / "helloworld.proto"

CONNECTIONS = 10
IN_FLIGHT = 100
# Runs of a client that greets once, for one figure.
GREETINGS = 10


def _ours(port, seconds):
    command = [CLIENT, "load", "--addr", f"127.0.0.1:{port}", "--output", "json"]
    command += ["--connections", CONNECTIONS, "--concurrency", IN_FLIGHT]
    return [*command, "--duration", f"{seconds}s"], lambda out: json.loads(out)["responses"]["ok"]


def _ghz(port, seconds):
    command = [GHZ, "--insecure", "--proto", PROTO, "--call", "helloworld.Greeter/SayHello"]
    command += ["-d", '{"name":"world"}', "-z", f"{seconds}s", "-O", "json"]
    command += ["--connections", CONNECTIONS, "-c", IN_FLIGHT, f"127.0.0.1:{port}"]
    return command, lambda out: json.loads(out)["statusCodeDistribution"]["OK"]


def _h2load(port, seconds):
    load = workloads.Rpc("", "", CONNECTIONS, IN_FLIGHT // CONNECTIONS)
    command = loads.rpc_arguments(load.connections, load.streams, load.size)
    command += ["-D", seconds, loads.rpc_url(port, False, load.method)]
    return command, lambda out: int(re.search(r"(\d+) succeeded", out)[1])


def _fortio(port, seconds):
    """It calls grpc.health.v1, because it knows no greeter."""
    command = [FORTIO, "load", "-grpc", "-qps", 0, "-loglevel", "error"]
    command += ["-c", CONNECTIONS, "-s", IN_FLIGHT // CONNECTIONS]
    command += ["-t", f"{seconds}s", f"127.0.0.1:{port}"]
    return command, lambda out: int(re.search(r"(\d+) calls", out)[1])


LOADS = {
    "greeter-client load": (CLIENT, _ours),
    "h2load": (None, _h2load),
    "ghz": (GHZ, _ghz),
    "fortio (health checks)": (FORTIO, _fortio),
}


def _available(programs):
    missing = {
        name: servers.NOT_BUILT
        for name, (program, *_) in programs.items()
        if program and not program.exists()
    }
    return [name for name in programs if name not in missing], missing


def load(rounds, seconds):
    """Clients that make as many calls as they can, of our greeter."""
    available, skipped = _available(LOADS)
    with ExitStack() as stack:
        greeter, port, _ = servers.GREETER.start(cores.of_server(2))
        stack.callback(greeter.stop)

        def measure(name):
            command, count = LOADS[name][1](port, seconds)
            output, cpu = run_and_account(command, cores.of_load(2))
            calls = count(output)
            return {
                "cpu_us": cpu * 1e6 / calls,
                "calls_per_cpu_second": calls / cpu,
                "rps": calls / seconds,
            }

        rows = interleaved(available, rounds, measure, skipped)
    title = f"as fast as replies come, {CONNECTIONS} × {IN_FLIGHT // CONNECTIONS}"
    return {"title": title, "rows": rows, "skipped": skipped}


def _greet(port):
    files = ["--tls", "--cacert", certificate.files()[0], "--addr", f"localhost:{port}"]
    return [CLIENT, *files, "--repeat", 1]


def _grpcurl(port):
    command = [GRPCURL, "-cacert", certificate.files()[0], "-import-path", PROTO.parent]
    command += ["-proto", PROTO.name]
    return [*command, "-d", '{"name":"world"}', f"localhost:{port}", "helloworld.Greeter/SayHello"]


COLD = {"greeter-client": (CLIENT, _greet), "grpcurl": (GRPCURL, _grpcurl)}


def cold(rounds):
    """A process that greets once over TLS, and ends."""
    available, skipped = _available(COLD)
    with ExitStack() as stack:
        greeter, port, _ = servers.GREETER.start(cores.of_server(2), tls=True)
        stack.callback(greeter.stop)

        def measure(name):
            command = COLD[name][1](port)
            runs = [run_and_account(command, cores.of_load(2)) for _ in range(GREETINGS)]
            return {"cpu_ms": statistics.mean(cpu for _, cpu in runs) * 1000}

        rows = interleaved(available, rounds, measure, skipped)
    return {"title": "one greeting over TLS, as a process", "rows": rows, "skipped": skipped}


RATE = 10_000


def late(rounds, seconds):
    """Calls at a fixed rate: the share that started more than 5 ms late."""
    skipped = {}
    with ExitStack() as stack:
        greeter, port, _ = servers.GREETER.start(cores.of_server(2))
        stack.callback(greeter.stop)

        def measure(_):
            command, _ = _ours(port, seconds)
            output, cpu = run_and_account([*command, "--rate", RATE], cores.of_load(2))
            report = json.loads(output)
            sends, late_sends = report["sends"]["sent"], report["sends"]["late"]
            return {"late_percent": 100 * late_sends / sends, "cpu_us": cpu * 1e6 / sends}

        rows = interleaved(["greeter-client load"], rounds, measure, skipped)
    return {"title": f"{RATE:,} calls per second", "rows": rows, "skipped": skipped}
