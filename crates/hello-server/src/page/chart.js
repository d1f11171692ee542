// The charts, with columns of equal time, and the legends.
const COLUMNS = 75;
const SPANS = [1, 2, 5].map((minutes) => ({ minutes, column: (minutes * 60_000) / COLUMNS }));
const WIDTH = 600;
const HEIGHT = 120;
const COLUMN = WIDTH / COLUMNS;

// Pods of one version differ in their strength, neighbours the most.
const STRENGTHS = [1, 0.55, 0.8, 0.4, 0.65, 0.3];

function drawCharts(samples, pods, now) {
  // The shortest span that shows all, or else the longest.
  const age = Math.max(0, ...samples.slice(0, 1).map((it) => now - it.ended));
  const { minutes, column } = SPANS.find((it) => it.column * (COLUMNS - 1) > age) ?? SPANS.at(-1);
  for (const caption of document.querySelectorAll(".span")) {
    caption.textContent = minutes === 1 ? "last minute" : `last ${minutes} minutes`;
  }
  // Columns stay where they are until a new one starts.
  const end = Math.floor(now / column) + 1;
  const columns = Array.from({ length: COLUMNS }, () => []);
  for (const sample of samples) {
    const index = Math.floor(sample.ended / column) - end + COLUMNS;
    if (index >= 0) columns[index]?.push(sample);
  }
  drawLatency(columns);
  drawShares(columns, pods);
}

function drawLatency(columns) {
  const times = columns.map((column) => sorted(column.filter((it) => !it.error)));
  const p50 = times.map((it) => quantile(it, 0.5));
  const p95 = times.map((it) => quantile(it, 0.95));
  const highest = Math.max(0, ...p95.filter(Number.isFinite));
  const top = scaleTop(highest);
  const errors = columns.map((column, index) => {
    const share = column.filter((it) => it.error).length / column.length;
    return share > 0 ? bar(index, HEIGHT, share * HEIGHT) : "";
  });
  byId("latency").replaceChildren(
    path("errors", errors.join("")), path("p95", line(p95, top)), path("p50", line(p50, top)),
  );
  byId("scale-top").textContent = highest > 0 ? milliseconds(top) : "";
}

// The least of 1, 2, 5, 10, … that is high enough.
function scaleTop(highest) {
  const power = 10 ** Math.floor(Math.log10(Math.max(highest, 1)));
  return [1, 2, 5, 10].map((it) => it * power).find((it) => it >= highest);
}

function drawShares(columns, pods) {
  const heights = columns.map(() => 0);
  let edges = "";
  const bands = [...pods.map((it) => it.pod), undefined].map((pod) => {
    const bars = columns.map((column, index) => {
      const count = column.filter((it) => (it.error ? undefined : it.pod) === pod).length;
      if (count === 0) return "";
      const height = (HEIGHT * count) / column.length;
      const drawn = bar(index, HEIGHT - heights[index], height);
      heights[index] += height;
      edges += `M${(index * COLUMN).toFixed(1)} ${(HEIGHT - heights[index]).toFixed(1)}h${COLUMN}`;
      return drawn;
    });
    return bars.join("");
  });
  const styles = [...podStyles(pods), { color: "var(--bad)", strength: 1 }];
  const paths = bands.map((band, index) => {
    const made = path("band", band);
    made.style.fill = styles[index].color;
    made.style.opacity = styles[index].strength;
    return made;
  });
  byId("shares").replaceChildren(...paths, path("edge", edges));
}

// The colour and the strength of each pod.
function podStyles(pods) {
  return pods.map(({ version, number }) => (
    { color: colorOf(version), strength: STRENGTHS[number % STRENGTHS.length] }
  ));
}

function showLegends({ pods, versions, good }) {
  const entry = ([className, text, color, strength = 1]) => {
    const mark = element("i", className);
    if (color) mark.style.setProperty("--color", color);
    mark.style.opacity = strength;
    return element("li", "", mark, text);
  };
  const counts = new Map(versions);
  const share = (version) => (good ? ` ${percent(counts.get(version) ?? 0, good)}` : "");
  fill(byId("legend"), [
    // The pods are in the order of their versions, so that no entry moves.
    ...[...new Set(pods.map((it) => it.version))].map((it) => (
      ["cell", versionName(it) + share(it), colorOf(it)]
    )),
    ["cell slow", `slow: ${slowFrom()} ms or more`],
    ["cell bad", "error"],
  ], entry);
  const styles = podStyles(pods);
  fill(byId("pod-legend"), [
    ...pods.map((it, index) => ["swatch", it.pod, styles[index].color, styles[index].strength]),
    ["swatch bad", "errors"],
  ], entry);
}

function bar(index, bottom, height) {
  const [x, y] = [(index * COLUMN).toFixed(1), (bottom - height).toFixed(1)];
  return `M${x} ${y}h${COLUMN}v${height.toFixed(1)}h-${COLUMN}z`;
}

// A line with gaps where there are no responses. A single point is a short line.
function line(values, top) {
  let drawn = "";
  values.forEach((value, index) => {
    if (value === undefined) return;
    const y = (HEIGHT - (HEIGHT - 2) * Math.min(1, value / top)).toFixed(1);
    const start = values[index - 1] === undefined ? "M" : "L";
    drawn += `${start}${(index * COLUMN).toFixed(1)} ${y}h${COLUMN}`;
  });
  return drawn;
}

function path(className, drawn) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "path");
  made.setAttribute("class", className);
  made.setAttribute("d", drawn);
  return made;
}
