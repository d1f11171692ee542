"""Experiments with servers under load: CPU, rates, latencies, memory."""

from contextlib import ExitStack

import cores
import idle
import loads
import proxy
import servers
import workloads
from turns import interleaved


WORKERS = ["one worker", "two workers"]


def measured(generator, port, load, processes, seconds):
    """One turn: the figures of the load generator and of the processes."""
    before = sum(process.cpu_seconds() for process in processes)
    figures = generator(port, load, seconds, cores.of_load(load.cores))
    used = sum(process.cpu_seconds() for process in processes) - before
    figures["cpu_us"] = used * 1e6 / figures.pop("requests")
    figures["rss_kib"] = sum(process.rss_kib() for process in processes)
    return figures


def start_all(stack, candidates, load, skipped):
    """Starts what can be started; the rest goes to `skipped`, with its reason."""
    running = {}
    for server in candidates:
        try:
            if not server.program.exists():
                raise RuntimeError(servers.NOT_BUILT)
            if load.tls and not server.tls:
                raise RuntimeError("it has no TLS of its own")
            process, port, _ = server.start(cores.of_server(load.cores), load.tls)
            stack.callback(process.stop)
            if isinstance(load, workloads.Rpc):
                idle.check(port, load)
            running[server.name] = ([process], port)
        except (RuntimeError, OSError) as reason:
            skipped[server.name] = str(reason)
    return running


def compare(load, candidates, generator, rounds, seconds):
    """Each server under the same load."""
    skipped = {}
    with ExitStack() as stack:
        running = start_all(stack, candidates, load, skipped)

        def measure(name):
            processes, port = running[name]
            return measured(generator, port, load, processes, seconds)

        rows = interleaved(running, rounds, measure, skipped)
    return {"title": load.title, "rows": rows, "skipped": skipped}


def rpc(load, rounds, seconds):
    return compare(load, servers.GREETERS, loads.h2load, rounds, seconds)


def http(load, rounds, seconds):
    return compare(load, servers.HELLOS, loads.wrk, rounds, seconds)


def greet(rounds, seconds):
    """/greet/{name} of hello, both servers counted, beside a plain call."""
    plain = workloads.Rpc("", "", 10, 10)
    single = workloads.Rpc("", "", 64, 1)
    get, skipped = workloads.Http("", "", "/greet/world"), {}
    with ExitStack() as stack:
        greeter, greeter_port, _ = servers.GREETER.start(cores.of_server(2))
        stack.callback(greeter.stop)
        flags = ("--greeter", f"http://127.0.0.1:{greeter_port}")
        hello, hello_port, _ = servers.HELLOS[0].start(cores.of_server(2), flags=flags)
        stack.callback(hello.stop)
        rows = {
            "a plain call, 10 × 10": (loads.h2load, greeter_port, plain, [greeter]),
            "a plain call, 64 × 1": (loads.h2load, greeter_port, single, [greeter]),
            "/greet/world, 64 connections": (loads.wrk, hello_port, get, [hello, greeter]),
        }
        samples = interleaved(rows, rounds, lambda name: measured(*rows[name], seconds), skipped)
    return {"title": "/greet/{name}: hello and the greeter", "rows": samples, "skipped": skipped}


def workers(rounds, seconds):
    """The greeter with one worker and with two, on the same cores."""
    load, skipped = workloads.Rpc("", ""), {}
    with ExitStack() as stack:
        rows = {}
        for count, name in enumerate(WORKERS, start=1):
            flags = ("--workers", count)
            greeter, port, _ = servers.GREETER.start(cores.of_server(2), flags=flags)
            stack.callback(greeter.stop)
            rows[name] = (loads.h2load, port, load, [greeter])
        samples = interleaved(rows, rounds, lambda name: measured(*rows[name], seconds), skipped)
    return {"title": "workers of the greeter, 10 × 10", "rows": samples, "skipped": skipped}


def through_envoy(rounds, seconds):
    """The hop of a mesh: calls through Envoy, which is counted, beside direct ones."""
    load, skipped = workloads.Rpc("", ""), {}
    with ExitStack() as stack:
        greeter, port, _ = servers.GREETER.start(cores.of_server(2))
        stack.callback(greeter.stop)
        envoy, envoy_port = proxy.start(port, cores.of_server(2))
        stack.callback(envoy.stop)
        rows = {
            "direct": (loads.h2load, port, load, [greeter]),
            "through Envoy: the greeter": (loads.h2load, envoy_port, load, [greeter]),
            "through Envoy: Envoy": (loads.h2load, envoy_port, load, [envoy]),
        }
        samples = interleaved(rows, rounds, lambda name: measured(*rows[name], seconds), skipped)
    return {"title": "the hop through Envoy, 10 × 10", "rows": samples, "skipped": skipped}
