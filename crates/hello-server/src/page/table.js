// The table of the pods, and the reasons of errors.
function showPods({ pods, good, reasons }) {
  // Rows stay in place, so that a selection in them stays, too.
  const body = byId("pods");
  const rows = new Map([...body.children].map((row) => [row.dataset.pod, row]));
  pods.forEach((pod, index) => {
    const row = rows.get(pod.pod) ?? newRow(pod.pod);
    fillRow(row, pod, good);
    if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
  });
  while (body.children.length > pods.length) body.lastChild.remove();
  fill(byId("reasons"), reasons.map(([reason, count]) => `${count} × ${reason}`), (text) => (
    element("li", "", text)
  ));
}

function newRow(pod) {
  const head = element("th", "", pod);
  head.scope = "row";
  const share = element("div", "share", element("div", "track", element("i")), element("span"));
  const numbers = Array.from({ length: 4 }, () => element("td", "number"));
  const row = element("tr", "", head, element("td"), element("td", "", share), ...numbers);
  row.dataset.pod = pod;
  return row;
}

function fillRow(row, { version, count, p50, p95, last, silence, isQuiet }, good) {
  const [, versionCell, , ...numbers] = row.children;
  fill(versionCell, [[version, colorOf(version)]], ([it]) => (it ? chip(it) : "–"));
  const bar = row.querySelector("i");
  bar.style.width = `${good ? (100 * count) / good : 0}%`;
  bar.style.setProperty("--color", colorOf(version));
  row.querySelector("span:not(.chip)").textContent = good ? percent(count, good) : "–";
  const texts = [milliseconds(p50), milliseconds(p95), count, lastResponse(last, silence, isQuiet)];
  numbers.forEach((cell, index) => fill(cell, [texts[index]], String));
  row.classList.toggle("quiet", isRunning() && isQuiet);
}

// While nobody calls, a time of day stays true.
function lastResponse(last, silence, isQuiet) {
  if (!isRunning()) return new Date(performance.timeOrigin + last).toTimeString().slice(0, 8);
  const seconds = (ms) => Math.round(ms / 1000);
  if (isQuiet) return `no response for ${seconds(silence)} s`;
  return `${seconds(performance.now() - last)} s ago`;
}
