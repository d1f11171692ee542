"""The plots of the page."""

import statistics

import svg
from servers import HELLO, LIMIT, OURS

KINDS = {
    LIMIT: "limit",
    OURS: "ours",
    HELLO: "ours",
    "greeter-client load": "ours",
    "greeter-client": "ours",
}
# Figure, and how a title names it, by experiment; all others show CPU per request.
FIGURES = {
    "client-cold": ("cpu_ms", "CPU ms"),
    "client-load": ("cpu_us", "CPU µs per call"),
    "startup": ("ready_ms", "ms"),
}
NONE = {"client-late"}


def _bars(name, experiment):
    figure, unit = FIGURES.get(name, ("cpu_us", "CPU µs per request"))
    values = {
        row: statistics.median(samples[figure])
        for row, samples in experiment["rows"].items()
        if samples.get(figure)
    }
    ordered = dict(sorted(values.items(), key=lambda item: item[1]))
    return svg.bars(f"{experiment['title']}: {unit}", ordered, KINDS) if values else None


def _lines(experiment):
    series = {}
    for server, counts in experiment["counts"].items():
        series[server] = [
            (int(count), statistics.median(samples["rss_kib"]) / 1024)
            for count, samples in sorted(counts.items(), key=lambda item: int(item[0]))
        ]
    title = f"{experiment['title']}: RSS MiB"
    return svg.lines(title, series, "connections", KINDS) if series else None


def plot(name, experiment):
    """The plot of an experiment, or None if it has none."""
    if name in NONE:
        return None
    return _lines(experiment) if "counts" in experiment else _bars(name, experiment)
