"""Experiments with many connections: the memory of idle ones, and their arrival at
once."""

import cores
import idle
import servers
import workloads

COUNTS = [1, 100, 1_000, 3_000, 10_000]
# The handshakes of 10,000 take the client half a minute, and say nothing new.
TLS_COUNTS = [1, 100, 1_000, 3_000]
# TLS connections opened at once. More would wait longer for this program, which shakes
# hands on one core, than a server waits for a handshake.
TLS_WAVE = 250


def _retransmits():
    """SYNs that this machine has sent again until now."""
    with open("/proc/net/netstat") as file:
        lines = [line.split() for line in file if line.startswith("TcpExt:")]
    return int(dict(zip(*lines))["TCPSynRetrans"])


def _arrival(server, count, load):
    """Opens `count` connections to a new server, over TLS in waves."""
    process, port, _ = server.start(cores.of_server(2), load.tls)
    first, connections = [], []
    try:
        # The first call allocates what all connections share.
        first, _ = idle.open_all(1, port, load)
        before, retransmits = process.rss_kib(), _retransmits()
        wave = TLS_WAVE if load.tls else count
        seconds = 0
        while len(connections) < count:
            wave = min(wave, count - len(connections))
            opened, took = idle.open_all(wave, port, load)
            connections += opened
            seconds += took
        return {
            "rss_kib": process.rss_kib(),
            "kib_per_connection": (process.rss_kib() - before) / count,
            "arrival_ms": seconds * 1000,
            "syn_retransmits": _retransmits() - retransmits,
        }
    finally:
        for connection in first + connections:
            connection.socket.close()
        process.stop()


def memory(tls, rounds):
    """RSS by the number of connections, each idle after one call."""
    load = workloads.Rpc("", "", tls=tls)
    rows, skipped = {}, {}
    for server in servers.GREETERS:
        if not server.program.exists():
            skipped[server.name] = servers.NOT_BUILT
            continue
        for count in TLS_COUNTS if tls else COUNTS:
            samples = {}
            try:
                for _ in range(rounds):
                    for figure, value in _arrival(server, count, load).items():
                        samples.setdefault(figure, []).append(value)
            except (RuntimeError, OSError) as reason:
                skipped[f"{server.name}, {count}"] = str(reason)
                continue
            rows.setdefault(server.name, {})[str(count)] = samples
    title = f"idle connections after one call{', TLS' if tls else ''}"
    return {"title": title, "counts": rows, "skipped": skipped}
