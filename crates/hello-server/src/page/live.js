// The live view: calls at a rate, each answer in a cell.
const CELLS = 420;
const MAX_IN_FLIGHT = 100;
const [MIN_RATE, MAX_RATE] = [1, 50];
const NAME = "live";
const REFRESH_MS = 500;
const SPOKEN_MS = 10_000;

let samples = new Samples();
let timer;
let inFlight = 0;
let nextCell = 0;
let spokenAt = 0;
// Answers to calls from before "Clear" are dropped.
let generation = 0;

const slowFrom = () => Number(byId("slow").value) || 250;
const rate = () => Math.min(MAX_RATE, Math.max(MIN_RATE, Number(byId("rate").value) || MIN_RATE));
const isRunning = () => timer !== undefined;

function schedule() {
  clearInterval(timer);
  timer = setInterval(send, 1000 / rate());
}

function start() {
  schedule();
  spokenAt = performance.now();
  byId("start").textContent = "Stop";
  byId("state").textContent = `Running, ${rate()} per second.`;
}

function stop(state) {
  clearInterval(timer);
  timer = undefined;
  byId("start").textContent = "Start";
  byId("state").textContent = state;
}

async function send() {
  // More would only wait in the browser, and be no load that anybody asked for.
  if (inFlight >= MAX_IN_FLIGHT) return;
  const from = generation;
  inFlight += 1;
  const sample = await timed(CALLS[byId("target").value], NAME);
  inFlight -= 1;
  if (from !== generation) return;
  samples.add(sample);
  showCell(sample);
}

function showCell(sample) {
  const cells = byId("cells").children;
  const cell = cells[nextCell];
  cell.className = "cell";
  cell.style.removeProperty("--color");
  if (sample.error) cell.classList.add("bad");
  else cell.style.setProperty("--color", colorOf(sample.version, sample.color));
  if (!sample.error && sample.ms >= slowFrom()) cell.classList.add("slow");
  const who = sample.error ? sample.error.reason : `${sample.pod} ${sample.version ?? ""}`;
  cell.title = `${who}, ${milliseconds(sample.ms)}`;
  nextCell = (nextCell + 1) % CELLS;
  const gap = cells[nextCell];
  gap.className = "cell next";
  gap.title = "";
}

function refresh() {
  const now = performance.now();
  samples.trim(now);
  const figures = samples.figures(now, slowFrom());
  const { total, good, pods } = figures;
  const bad = total - good;
  byId("success").textContent = total ? percent(good, total) : "–";
  byId("success").classList.toggle("bad", bad > 0);
  byId("measured").textContent = figures.rate ? `${figures.rate.toFixed(1)} /s` : "–";
  byId("p50").textContent = milliseconds(figures.p50);
  byId("p95").textContent = milliseconds(figures.p95);
  byId("errors").textContent = total ? bad : "–";
  byId("slow-count").textContent = total ? figures.slow : "–";
  byId("pods").replaceChildren(...pods.map((row) => podRow(row, good, now)));
  byId("reasons").replaceChildren(
    ...figures.reasons.map(([reason, count]) => element("li", "", `${count} × ${reason}`)),
  );
  showLegends(pods);
  drawCharts(samples.all, pods, now);
  speak(figures, now);
}

function podRow({ pod, version, last, count, p50, p95 }, good, now) {
  const bar = element("i");
  bar.style.width = `${good ? (100 * count) / good : 0}%`;
  bar.style.setProperty("--color", colorOf(version));
  const text = element("span", "", good ? percent(count, good) : "–");
  const share = element("div", "share", element("div", "track", bar), text);
  const seconds = Math.round((now - last) / 1000);
  const isQuiet = isRunning() && seconds >= 5;
  const cells = [pod, version ? chip(version) : "–", share, milliseconds(p50), milliseconds(p95), count, isQuiet ? `silent for ${seconds} s` : `${seconds} s ago`];
  const row = element("tr", isQuiet ? "quiet" : "", ...cells.map((content, index) => element("td", index > 2 ? "number" : "", content)));
  row.dataset.pod = pod;
  return row;
}

// The state for people who do not see the cells, not too often.
function speak({ total, good, p95, versions }, now) {
  const shares = versions.map(([version, count]) => `${percent(count, good)} ${version}`);
  const summary = total ? `${percent(good, total)} succeeded, ${shares.join(", ")}` : "No answers yet";
  byId("cells").setAttribute("aria-label", summary);
  if (!isRunning() || now - spokenAt < SPOKEN_MS || total === 0) return;
  spokenAt = now;
  byId("state").textContent = `Running, ${rate()} per second. ${summary}, p95 ${milliseconds(p95)}.`;
}

function clear() {
  generation += 1;
  samples = new Samples();
  nextCell = 0;
  const cell = () => element("i", "cell");
  byId("cells").replaceChildren(...Array.from({ length: CELLS }, cell));
  refresh();
}

function showRate() {
  byId("rate-text").textContent = `${rate()} per second`;
}

byId("controls").addEventListener("submit", (event) => {
  event.preventDefault();
  if (isRunning()) stop("Stopped.");
  else start();
});
byId("clear").addEventListener("click", clear);
byId("rate").addEventListener("input", () => {
  showRate();
  if (isRunning()) start();
});
byId("target").addEventListener("change", clear);
document.addEventListener("visibilitychange", () => {
  if (document.hidden && isRunning()) stop("Stopped: the page was hidden.");
});
setInterval(() => document.hidden || refresh(), REFRESH_MS);
showRate();
clear();
