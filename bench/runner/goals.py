"""The goals that the figures are held against."""

import results
from servers import HELLO, LIMIT, OURS


def _cpu(name, row, other):
    return lambda figures: results.ratio(figures, name, row, other, "cpu_us")


def _figure(name, row, key, scale=1.0):
    def value(figures):
        found = results.figure(figures, name, row, key)
        return None if found is None else found * scale

    return value


def _count(name, count, key, scale=1.0):
    def value(figures):
        found = results.at_count(figures, name, OURS, count, key)
        return None if found is None else found * scale

    return value


def _inverse(ratio):
    def value(figures):
        found = ratio(figures)
        return 1 / found if found else None

    return value


GREET = "/greet/world, 64 connections"
LOAD, CLIENT = "greeter-client load", "greeter-client"
# What, its value, the bound, and whether the bound is the least or the most.
GOALS = [
    ("greeter 10 × 10: CPU ÷ the limit's", _cpu("greeter-10x10", OURS, LIMIT), 1.35, "most"),
    ("greeter 10 × 10: CPU ÷ tonic's", _cpu("greeter-10x10", OURS, "tonic"), 0.45, "most"),
    ("greeter 10 × 10: CPU ÷ grpc-go's", _cpu("greeter-10x10", OURS, "grpc-go"), 0.5, "most"),
    ("greeter 100 × 1: CPU ÷ tonic's", _cpu("greeter-100x1", OURS, "tonic"), 0.8, "most"),
    ("greeter 100 × 1: CPU ÷ grpc-go's", _cpu("greeter-100x1", OURS, "grpc-go"), 0.45, "most"),
    ("greeter TLS 10 × 10: CPU ÷ grpc-go's", _cpu("greeter-tls", OURS, "grpc-go"), 0.5, "most"),
    (
        "greeter 10 × 10: CPU with two workers ÷ with one",
        _cpu("greeter-workers", "two workers", "one worker"),
        1.05,
        "most",
    ),
    ("hello 64: CPU ÷ nginx's", _cpu("hello", HELLO, "nginx return 200"), 1.0, "most"),
    ("hello 64: CPU ÷ Go net/http's", _cpu("hello", HELLO, "Go net/http"), 0.5, "most"),
    (
        "/greet/{name}: CPU of both servers ÷ a plain call's, 64 × 1",
        _cpu("hello-greet", GREET, "a plain call, 64 × 1"),
        2.2,
        "most",
    ),
    (
        "/greet/{name}: CPU of both servers ÷ a plain call's, 10 × 10",
        _cpu("hello-greet", GREET, "a plain call, 10 × 10"),
        2.2,
        "most",
    ),
    ("KiB per idle connection", _count("connections", 10_000, "kib_per_connection"), 15, "most"),
    (
        "KiB per idle TLS connection",
        _count("connections-tls", 3_000, "kib_per_connection"),
        32,
        "most",
    ),
    (
        "RSS MiB with 10,000 connections",
        _count("connections", 10_000, "rss_kib", 1 / 1024),
        256,
        "most",
    ),
    (
        "SYNs sent again by 3,000 connections at once",
        _count("connections", 3_000, "syn_retransmits"),
        0,
        "most",
    ),
    ("client: CPU ms of a TLS greeting", _figure("client-cold", CLIENT, "cpu_ms"), 6, "most"),
    (
        "client: CPU of a TLS greeting ÷ grpcurl's",
        lambda figures: results.ratio(figures, "client-cold", CLIENT, "grpcurl", "cpu_ms"),
        0.4,
        "most",
    ),
    ("load: calls per CPU second ÷ ghz's", _inverse(_cpu("client-load", LOAD, "ghz")), 3, "least"),
    (
        "load: calls per CPU second ÷ h2load's",
        _inverse(_cpu("client-load", LOAD, "h2load")),
        0.6,
        "least",
    ),
    ("load: % late at 10,000 calls/s", _figure("client-late", LOAD, "late_percent"), 0.1, "most"),
    ("greeter: ready after ms", _figure("startup", OURS, "ready_ms"), 5, "most"),
    ("greeter: RSS MiB when idle", _figure("startup", OURS, "rss_kib", 1 / 1024), 6, "most"),
    ("hello: RSS MiB when idle", _figure("startup", HELLO, "rss_kib", 1 / 1024), 6, "most"),
]


def _is_reached(measured, bound, kind):
    return measured <= bound if kind == "most" else measured >= bound


def missed(figures):
    """The goals that were measured and not reached."""
    values = ((what, value(figures), bound, kind) for what, value, bound, kind in GOALS)
    return [
        what
        for what, measured, bound, kind in values
        if measured is not None and not _is_reached(measured, bound, kind)
    ]


def markdown(figures):
    lines = ["| goal | bound | measured | reached |", "| --- | ---: | ---: | --- |"]
    for what, value, bound, kind in GOALS:
        measured = value(figures)
        if measured is None:
            lines.append(f"| {what} | {bound:g} | – | not measured |")
            continue
        reached = _is_reached(measured, bound, kind)
        sign = "≤" if kind == "most" else "≥"
        lines.append(
            f"| {what} | {sign} {bound:g} | {measured:.2f} | {'yes' if reached else '**no**'} |"
        )
    return "\n".join(lines)
