// The live view: calls at a rate, each response in a cell.
const CELLS = 420;
// Over HTTP/1.1, a browser opens six connections: more calls would wait for one, and
// their waiting would look like latency.
const MAX_IN_FLIGHT = nextHop === "http/1.1" ? 6 : 100;
const [MIN_RATE, MAX_RATE] = [1, 50];
const NAME = "live";
const REFRESH_MS = 500;
const SPOKEN_MS = 10_000;
const QUIET_S = 5;
const LIMITED_MS = 5000;

let samples = new Samples();
let timer;
let inFlight = 0;
let nextCell = 0;
let spokenAt = 0;
// When a call was last left out.
let limitedAt = -Infinity;
// Responses to calls from before "Clear" are dropped.
let generation = 0;

const slowFrom = () => Math.max(1, Number(byId("slow").value) || 250);
const rate = () => Math.min(MAX_RATE, Math.max(MIN_RATE, Number(byId("rate").value) || MIN_RATE));
const isRunning = () => timer !== undefined;

function schedule() {
  clearInterval(timer);
  timer = setInterval(send, 1000 / rate());
}

function start() {
  schedule();
  limitedAt = -Infinity;
  byId("start").textContent = "Stop";
  showState();
  say(byId("state").textContent);
}

function showState() {
  const isLimited = performance.now() - limitedAt < LIMITED_MS;
  const limit = isLimited ? "; limited by responses in progress" : "";
  byId("state").textContent = `Running, ${rate()} per second${limit}.`;
}

// For people who do not see the page.
function say(text) {
  spokenAt = performance.now();
  byId("spoken").textContent = text;
}

function stop(state) {
  clearInterval(timer);
  timer = undefined;
  byId("start").textContent = "Start";
  byId("state").textContent = state;
  say(state);
}

async function send() {
  if (inFlight >= MAX_IN_FLIGHT) {
    limitedAt = performance.now();
    return;
  }
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
  // What is shown stays when the calls stop.
  const now = isRunning() ? performance.now() : samples.all.at(-1)?.ended ?? 0;
  if (isRunning()) showState();
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
  byId("pods").replaceChildren(...pods.map((row) => podRow(row, good)));
  byId("reasons").replaceChildren(
    ...figures.reasons.map(([reason, count]) => element("li", "", `${count} × ${reason}`)),
  );
  showLegends(pods);
  drawCharts(samples.all, pods, now);
  summarize(figures);
}

function podRow({ pod, version, last, count, p50, p95 }, good) {
  const bar = element("i");
  bar.style.width = `${good ? (100 * count) / good : 0}%`;
  bar.style.setProperty("--color", colorOf(version));
  const text = element("span", "", good ? percent(count, good) : "–");
  const share = element("div", "share", element("div", "track", bar), text);
  const seconds = Math.round((performance.now() - last) / 1000);
  const isQuiet = isRunning() && seconds >= QUIET_S;
  const cells = [pod, version ? chip(version) : "–", share, milliseconds(p50), milliseconds(p95), count, isQuiet ? `no response for ${seconds} s` : `${seconds} s ago`];
  const row = element("tr", isQuiet ? "quiet" : "", ...cells.map((content, index) => element("td", index > 2 ? "number" : "", content)));
  row.dataset.pod = pod;
  return row;
}

// What the cells show, in words; spoken not too often.
function summarize({ total, good, p95, versions }) {
  const shares = versions.map(([version, count]) => `${percent(count, good)} ${version}`);
  const summary = total ? `${percent(good, total)} succeeded, ${shares.join(", ")}` : "No responses yet";
  byId("cells").setAttribute("aria-label", summary);
  if (!isRunning() || performance.now() - spokenAt < SPOKEN_MS || total === 0) return;
  say(`${summary}, p95 ${milliseconds(p95)}.`);
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

byId("start").addEventListener("click", () => {
  if (isRunning()) stop("Stopped.");
  else start();
});
byId("clear").addEventListener("click", clear);
byId("rate").addEventListener("input", showRate);
byId("rate").addEventListener("change", () => isRunning() && start());
byId("target").addEventListener("change", clear);
document.addEventListener("visibilitychange", () => {
  if (document.hidden && isRunning()) stop("Stopped: the page was hidden.");
});
setInterval(() => document.hidden || refresh(), REFRESH_MS);
showRate();
clear();
