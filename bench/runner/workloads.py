"""What is measured: the loads, one line each."""

from dataclasses import dataclass

import messages


@dataclass(frozen=True)
class Rpc:
    """Calls of the greeter from h2load."""

    name: str
    title: str
    connections: int = 10
    # In flight on each connection.
    streams: int = 10
    method: str = messages.UNARY
    # Of the name, in bytes.
    size: int = 5
    tls: bool = False
    cores: int = 2


@dataclass(frozen=True)
class Http:
    """GET requests over HTTP/1.1 from wrk."""

    name: str
    title: str
    path: str = "/"
    connections: int = 64
    tls: bool = False
    cores: int = 2


# The greeter takes no name over 4 KiB: the largest call has 4 KiB in each direction,
# and the largest streaming reply 16 KiB in five messages.
LARGEST_NAME = 4096
NAME_OF_STREAM = 3272

RPCS = [
    Rpc("greeter-1x1", "1 connection × 1 call in flight", 1, 1),
    Rpc("greeter-10x10", "10 connections × 10 calls in flight"),
    Rpc("greeter-100x1", "100 connections × 1 call in flight", 100, 1),
    Rpc("greeter-100x10", "100 connections × 10 calls in flight", 100, 10),
    Rpc("greeter-1000x1", "1,000 connections × 1 call in flight", 1000, 1),
    Rpc("greeter-tls", "TLS, 10 × 10", tls=True),
    Rpc("greeter-4k", "names of 4 KiB, 10 × 10", size=LARGEST_NAME),
    Rpc("greeter-stream", "streams of 5 replies, 10 × 10", method=messages.STREAM),
    Rpc(
        "greeter-stream-16k",
        "streams of 5 replies, 16 KiB in all, 10 × 10",
        method=messages.STREAM,
        size=NAME_OF_STREAM,
    ),
    Rpc("greeter-one-core", "one core for the server, 10 × 10", cores=1),
]

HTTPS = [
    Http("hello", "64 connections"),
    Http("hello-tls", "TLS, 64 connections", tls=True),
    Http("hello-one-core", "one core for the server, 64 connections", cores=1),
]
