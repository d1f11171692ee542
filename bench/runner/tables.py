"""Tables of results, as text and in Markdown."""

import statistics

from servers import HELLO, LIMIT, OURS

# Figure, heading, digits after the point.
FIGURES = [
    ("cpu_us", "CPU µs per request", 1),
    ("cpu_ms", "CPU ms", 1),
    ("rps", "requests/s", 0),
    ("calls_per_cpu_second", "calls per CPU second", 0),
    ("p50_us", "p50 µs", 0),
    ("p99_us", "p99 µs", 0),
    ("late_percent", "late %", 2),
    ("ready_ms", "ready after ms", 1),
    ("rss_kib", "RSS MiB", 1),
    ("program_mb", "program MB", 1),
]
MAIN = ["cpu_us", "cpu_ms", "ready_ms"]
REFERENCES = [LIMIT, OURS, HELLO, "one worker", "direct", "greeter-client load", "greeter-client"]


def _value(figure, samples, digits):
    value = statistics.median(samples)
    return f"{value / 1024 if figure == 'rss_kib' else value:,.{digits}f}"


def _spread(figure, samples, digits):
    """The median, and for the main figures what it lies between."""
    text = _value(figure, samples, digits)
    if figure not in MAIN or len(samples) < 2:
        return text
    return f"{text} ({min(samples):,.{digits}f}–{max(samples):,.{digits}f})"


def _ratio(samples, others):
    ratios = [own / other for own, other in zip(samples, others) if other]
    return f"{statistics.median(ratios):.2f}" if ratios else ""


def rows(experiment):
    """The heading and the rows of an experiment's table."""
    if "counts" in experiment:
        return _by_count(experiment)
    names = list(experiment["rows"])
    measured = {figure for row in experiment["rows"].values() for figure in row}
    columns = [column for column in FIGURES if column[0] in measured]
    main = next((figure for figure in MAIN if figure in measured), None)
    references = [name for name in REFERENCES if main and name in names]
    heading = ["", *(title for _, title, _ in columns), *(f"÷ {name}" for name in references)]
    table = [heading]
    for name in sorted(names, key=lambda name: (name != LIMIT, name not in REFERENCES)):
        row = experiment["rows"][name]
        cells = [
            _spread(figure, row[figure], digits) if row.get(figure) else "–"
            for figure, _, digits in columns
        ]
        others = (experiment["rows"][reference] for reference in references)
        table.append([name, *cells, *(_ratio(row[main], other[main]) for other in others)])
    return table


def _by_count(experiment):
    servers = experiment["counts"]
    counts = sorted({count for row in servers.values() for count in row}, key=int)
    heading = [f"{int(count):,}: RSS MiB" for count in counts]
    last = counts[-1] if counts else ""
    table = [["", *heading, "KiB per connection", "all served after ms", "SYNs sent again"]]
    for name, row in servers.items():
        cells = [
            _value("rss_kib", row[count]["rss_kib"], 1) if count in row else "–" for count in counts
        ]
        figures = [("kib_per_connection", 1), ("arrival_ms", 0), ("syn_retransmits", 0)]
        largest = row.get(last, {})
        cells += [
            _value(key, largest[key], digits) if key in largest else "–" for key, digits in figures
        ]
        table.append([name, *cells])
    return table


def text(experiment):
    table = rows(experiment)
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = []
    for row in table:
        first, *cells = row
        padded = [cell.rjust(width) for cell, width in zip(cells, widths[1:])]
        lines.append("  ".join([first.ljust(widths[0]), *padded]))
    return "\n".join(lines + [f"skipped: {line}" for line in skipped(experiment)])


def markdown(experiment):
    heading, *body = rows(experiment)
    lines = [heading, ["---", *["---:"] * (len(heading) - 1)], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def skipped(experiment):
    return [f"{name}: {reason.splitlines()[0]}" for name, reason in experiment["skipped"].items()]
