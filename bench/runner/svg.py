"""Plots as SVG, readable on a light and on a dark page: bars, and lines over a
logarithmic axis."""

import math
from html import escape

WIDTH, ROW, LEFT, RIGHT, TOP = 760, 26, 210, 90, 40
# Of lines that are neither ours nor the limit.
COLORS = 4
STYLE = """
.page { fill: #ffffff; }
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; }
.note, .axis { fill: #59636e; font-size: 12px; }
.grid { stroke: #d1d9e0; }
.other { fill: #8b949e; stroke: #8b949e; }
.ours { fill: #0969da; stroke: #0969da; }
.limit { fill: #1a7f37; stroke: #1a7f37; }
polyline { fill: none !important; stroke-width: 2; }
.c0 { fill: #bc4c00; stroke: #bc4c00; } .c1 { fill: #8250df; stroke: #8250df; }
.c2 { fill: #59636e; stroke: #59636e; } .c3 { fill: #bf3989; stroke: #bf3989; }
@media (prefers-color-scheme: dark) {
  .page { fill: #0d1117; }
  text { fill: #f0f6fc; } .note, .axis { fill: #9198a1; } .grid { stroke: #3d444d; }
  .ours { fill: #4493f8; stroke: #4493f8; } .limit { fill: #3fb950; stroke: #3fb950; }
  .c0 { fill: #f0883e; stroke: #f0883e; } .c1 { fill: #ab7df8; stroke: #ab7df8; }
  .c2 { fill: #9198a1; stroke: #9198a1; } .c3 { fill: #db61a2; stroke: #db61a2; }
}
"""


def _text(x, y, text, kind="", anchor="start"):
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _page(height, title, parts):
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img">'
    )
    body = [head, f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>"]
    # A page of its own: not every viewer knows which scheme surrounds the plot.
    body.append(f'<rect width="{WIDTH}" height="{height}" rx="6" class="page"/>')
    body += [_text(8, 22, title, "title"), *parts, "</svg>"]
    return "\n".join(body) + "\n"


def bars(title, values, kinds):
    """A bar for each name in `values`; `kinds` maps some names to `ours` or `limit`."""
    # One bar that dwarfs all others is cut, so that these can be compared.
    second, largest = sorted([0, *values.values()])[-2:]
    longest = 1.5 * second if 0 < 3 * second < largest else largest
    scale = (WIDTH - LEFT - RIGHT) / longest
    parts = []
    for row, (name, value) in enumerate(values.items()):
        y = TOP + row * ROW
        length = max(1, min(value, longest) * scale)
        cut = " (cut)" if value > longest else ""
        parts += [
            _text(LEFT - 8, y + 13, name, anchor="end"),
            f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{ROW - 8}" rx="2" '
            f'class="{kinds.get(name, "other")}"/>',
            _text(LEFT + length + 6, y + 13, f"{value:,.1f}{cut}", "note"),
        ]
    return _page(TOP + len(values) * ROW + 6, title, parts)


def lines(title, series, unit, kinds):
    """A line for each name: pairs of x and y, both on logarithmic axes. `kinds` as of bars."""
    height, bottom = 340, 300
    points = [point for line in series.values() for point in line]
    exponents = [[math.log10(point[axis]) for point in points] for axis in (0, 1)]
    low = [math.floor(min(values)) for values in exponents]
    high = [max(math.ceil(max(values)), least + 1) for values, least in zip(exponents, low)]
    left, right = 60, WIDTH - 170

    def x(value):
        return left + (math.log10(value) - low[0]) / (high[0] - low[0]) * (right - left)

    def y(value):
        return bottom - (math.log10(value) - low[1]) / (high[1] - low[1]) * (bottom - TOP)

    parts = []
    for power in range(low[1], high[1] + 1):
        at = y(10**power)
        parts.append(f'<line x1="{left}" y1="{at:.0f}" x2="{right}" y2="{at:.0f}" class="grid"/>')
        parts.append(_text(left - 8, at + 4, f"{10**power:,g}", "axis", "end"))
    for power in range(low[0], high[0] + 1):
        parts.append(_text(x(10**power), bottom + 18, f"{10**power:,g}", "axis", "middle"))
    parts.append(_text((left + right) / 2, bottom + 36, unit, "axis", "middle"))
    # Labels at the lines' ends, moved apart where they would overlap.
    label = bottom + ROW
    ends = sorted(series.items(), key=lambda item: y(item[1][-1][1]), reverse=True)
    others = [name for name in series if name not in kinds]
    for name, line in ends:
        color = kinds.get(name) or f"c{others.index(name) % COLORS}"
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in line)
        label = min(label - 16, y(line[-1][1]) + 4)
        parts.append(f'<polyline points="{path}" class="{color}"/>')
        parts += [
            f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" class="{color}"/>' for a, b in line
        ]
        parts.append(_text(right + 20, label, name, "axis"))
        parts.append(f'<circle cx="{right + 13}" cy="{label - 4:.0f}" r="3" class="{color}"/>')
    return _page(height, title, parts)
