// The cells: one for each response, in a ring.
const CELLS = 420;

// The samples that the cells show.
let inCells = [];
let nextCell = 0;

function clearCells() {
  inCells = [];
  nextCell = 0;
  const cell = () => element("i", "cell");
  byId("cells").replaceChildren(...Array.from({ length: CELLS }, cell));
}

function showCell(sample) {
  const cells = byId("cells").children;
  const cell = cells[nextCell];
  cell.className = sample.error ? "cell bad" : "cell";
  cell.style.removeProperty("--color");
  if (!sample.error) cell.style.setProperty("--color", colorOf(sample.version, sample.color));
  const who = sample.error ? sample.error.reason : `${sample.pod} ${sample.version ?? ""}`;
  cell.title = `${who}, ${milliseconds(sample.ms)}`;
  inCells[nextCell] = sample;
  markSlow(cell, sample);
  nextCell = (nextCell + 1) % CELLS;
  const gap = cells[nextCell];
  gap.className = "cell next";
  gap.title = "";
  inCells[nextCell] = undefined;
}

// All by the present threshold, as the figures and the legend.
function markSlowCells() {
  inCells.forEach((sample, index) => sample && markSlow(byId("cells").children[index], sample));
}

function markSlow(cell, { error, ms }) {
  cell.classList.toggle("slow", !error && ms >= slowFrom());
}
