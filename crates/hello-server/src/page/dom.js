// Elements. Text is set as text only: nothing that a server or a person sent is markup.
const byId = (id) => document.getElementById(id);

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const contents = new WeakMap();

// Fills an element from data, if the data has changed.
function fill(parent, data, made) {
  const key = JSON.stringify(data);
  if (contents.get(parent) === key) return;
  contents.set(parent, key);
  parent.replaceChildren(...data.map(made));
}

function milliseconds(value) {
  if (value === undefined) return "–";
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

function percent(part, whole) {
  const share = (100 * part) / whole;
  // "100 %" only if it is all of them.
  const rounded = share > 99 && share < 100 ? Math.floor(share * 10) / 10 : Math.round(share);
  return `${rounded} %`;
}

// The colours of versions without one of their own, in the order of their appearance.
const PALETTE = ["#4a78e0", "#2f9e7a", "#a56ad6", "#cf5f8d", "#8f9a2b", "#7b8a9c"];
const colors = new Map();

function colorOf(version, own) {
  const key = version ?? "";
  if (own && CSS.supports("color", own)) colors.set(key, own);
  if (!colors.has(key)) colors.set(key, PALETTE[colors.size % PALETTE.length]);
  return colors.get(key);
}

const versionName = (version) => version ?? "no version";

function chip(version, own) {
  const made = element("span", "chip", versionName(version));
  made.style.setProperty("--color", colorOf(version, own));
  return made;
}
