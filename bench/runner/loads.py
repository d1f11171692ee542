"""Load generators: how each is called, and what it reports."""

import re
import subprocess

import messages
from paths import BUILT
from process import on_cores

# What a load generator may take longer than its load.
GRACE_SECONDS = 20


def percentile(values, share):
    return values[min(len(values) - 1, int(len(values) * share))]


def run(command, cores, timeout=None):
    """Runs a load generator; returns what it prints."""
    try:
        result = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            preexec_fn=on_cores(cores),
        )
    except subprocess.TimeoutExpired as late:
        raise RuntimeError(f"{command[0]} had not ended after {timeout} s") from late
    if result.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {result.returncode}: {result.stdout[-500:]}")
    return result.stdout


def _number(pattern, text):
    found = re.search(pattern, text)
    if not found:
        raise RuntimeError(f"no {pattern!r} in this output:\n{text}")
    return float(found[1])


def rpc_arguments(connections, streams, size):
    """h2load's arguments for calls of the greeter, up to the URL."""
    data = BUILT / f"request-{size}.bin"
    data.write_bytes(messages.request(size))
    return [
        *("h2load", "-c", connections, "-m", streams, "-t", 1, "-d", data),
        *("-H", "content-type: application/grpc", "-H", "te: trailers"),
    ]


def rpc_url(port, tls, method):
    return f"http{'s' if tls else ''}://127.0.0.1:{port}/helloworld.Greeter/{method}"


# Calls per second of the last turn, by port: they say how many calls fill the next.
_rates = {}
FIRST_RATE = 2_000


def h2load(port, load, seconds, cores):
    """Calls of the greeter. Returns the number of calls, their rate and latencies.
    The number is fixed before: with a fixed time, h2load does not end if a connection
    is still being made when the time is over, and leaves calls without a reply."""
    in_flight = load.connections * load.streams
    calls = max(2 * in_flight, int(_rates.get(port, FIRST_RATE) * seconds))
    calls -= calls % in_flight
    log = BUILT / "h2load.log"
    log.unlink(missing_ok=True)
    command = rpc_arguments(load.connections, load.streams, load.size)
    command += ["-n", calls, f"--log-file={log}", rpc_url(port, load.tls, load.method)]
    text = run(command, cores, seconds + GRACE_SECONDS)
    if f" {calls} succeeded" not in text:
        raise RuntimeError(f"calls failed: {text}")
    with open(log) as lines:
        latencies = sorted(int(line.rsplit("\t", 1)[1]) for line in lines)
    _rates[port] = _number(r"finished in .*, ([\d.]+) req/s", text)
    return {
        "requests": calls,
        "rps": _rates[port],
        "p50_us": percentile(latencies, 0.5),
        "p99_us": percentile(latencies, 0.99),
    }


MICROSECONDS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000}


def wrk(port, load, seconds, cores):
    """GET requests over HTTP/1.1."""
    url = f"http{'s' if load.tls else ''}://127.0.0.1:{port}{load.path}"
    command = ["wrk", "-t", 1, "-c", load.connections, "-d", f"{seconds}s", "--latency", url]
    text = run(command, cores, seconds + GRACE_SECONDS)
    if "Non-2xx" in text:
        raise RuntimeError(f"requests failed:\n{text}")

    def latency(share):
        value, unit = re.search(rf"{share}%\s+([\d.]+)(\w+)", text).groups()
        return float(value) * MICROSECONDS[unit]

    return {
        "requests": _number(r"(\d+) requests in", text),
        "rps": _number(r"Requests/sec:\s+([\d.]+)", text),
        "p50_us": latency(50),
        "p99_us": latency(99),
    }
