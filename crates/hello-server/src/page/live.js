// The live view: calls at a rate, each response in a cell.
// Over HTTP/1.1, a browser opens six connections: more calls would wait for one, and
// their waiting would look like latency.
const MAX_IN_FLIGHT = nextHop === "http/1.1" ? 6 : 100;
const [MIN_RATE, MAX_RATE] = [1, 50];
const NAME = "live";
const REFRESH_MS = 500;
const SPOKEN_MS = 10_000;
const LIMITED_MS = 5000;

let samples = new Samples();
let timer;
let inFlight = 0;
let spokenAt = 0;
// When a call was last left out.
let limitedAt = -Infinity;
// The rate of the calls, and since when they have it.
let pace = { rate: 0, since: 0 };
// Aborts the calls in flight; their responses are dropped.
let calls = new AbortController();
// Whether there is more to show than at the last refresh.
let isChanged = true;

const slowFrom = () => Math.max(1, Number(byId("slow").value) || 250);
const rate = () => Math.min(MAX_RATE, Math.max(MIN_RATE, Number(byId("rate").value) || MIN_RATE));
const isRunning = () => timer !== undefined;

function setPace() {
  clearInterval(timer);
  pace = { rate: rate(), since: performance.now() };
  timer = setInterval(send, 1000 / pace.rate);
  showState();
}

function start() {
  limitedAt = -Infinity;
  setPace();
  byId("start").textContent = "Stop";
  say(byId("state").textContent);
}

function showState() {
  const isLimited = performance.now() - limitedAt < LIMITED_MS;
  const limit = isLimited ? "; slower: waiting for responses" : "";
  byId("state").textContent = `Running, ${pace.rate} per second${limit}.`;
}

// For people who do not see the page.
function say(text) {
  spokenAt = performance.now();
  byId("spoken").textContent = text;
}

function stop(state) {
  clearInterval(timer);
  timer = undefined;
  abortCalls();
  isChanged = true;
  byId("start").textContent = "Start";
  byId("state").textContent = state;
  say(state);
}

function abortCalls() {
  calls.abort();
  calls = new AbortController();
}

async function send() {
  if (inFlight >= MAX_IN_FLIGHT) {
    limitedAt = performance.now();
    return;
  }
  const { signal } = calls;
  inFlight += 1;
  const sample = await timed(CALLS[byId("target").value], NAME, signal);
  inFlight -= 1;
  if (signal.aborted) return;
  samples.add(sample);
  showCell(sample);
  isChanged = true;
}

function refresh() {
  if (document.hidden || !(isRunning() || isChanged)) return;
  isChanged = false;
  // What is shown stays when the calls stop.
  const now = isRunning() ? performance.now() : samples.all.at(-1)?.ended ?? 0;
  if (isRunning()) showState();
  samples.trim(now);
  const figures = samples.figures(now, slowFrom(), pace);
  const { total, good } = figures;
  const bad = total - good;
  byId("success").textContent = total ? percent(good, total) : "–";
  byId("success").classList.toggle("bad", bad > 0);
  byId("measured").textContent = figures.rate ? `${figures.rate.toFixed(1)} /s` : "–";
  byId("p50").textContent = milliseconds(figures.p50);
  byId("p95").textContent = milliseconds(figures.p95);
  byId("errors").textContent = total ? bad : "–";
  byId("slow-count").textContent = total ? figures.slow : "–";
  showPods(figures);
  showLegends(figures);
  drawCharts(samples.all, figures.pods, now);
  summarize(figures);
}

// What the cells show, in words; spoken not too often.
function summarize({ total, good, p95, versions }) {
  const shares = versions.map(([version, count]) => `${percent(count, good)} ${versionName(version)}`);
  const summary = total ? `${percent(good, total)} succeeded, ${shares.join(", ")}` : "No responses yet";
  byId("cells").setAttribute("aria-label", summary);
  if (!isRunning() || performance.now() - spokenAt < SPOKEN_MS || total === 0) return;
  say(`${summary}, p95 ${milliseconds(p95)}.`);
}

function clear() {
  abortCalls();
  samples = new Samples();
  clearCells();
  isChanged = true;
  refresh();
}

function showRate() {
  const text = `${rate()} per second`;
  byId("rate-text").textContent = text;
  byId("rate").ariaValueText = text;
}

byId("start").addEventListener("click", () => {
  if (isRunning()) stop("Stopped.");
  else start();
});
byId("clear").addEventListener("click", clear);
byId("rate").addEventListener("input", showRate);
byId("rate").addEventListener("change", () => isRunning() && setPace());
byId("slow").addEventListener("input", () => {
  markSlowCells();
  isChanged = true;
});
byId("target").addEventListener("change", clear);
document.addEventListener("visibilitychange", () => {
  if (document.hidden && isRunning()) stop("Stopped: the page was hidden.");
});
setInterval(refresh, REFRESH_MS);
showRate();
clear();
