// The greeting box.
const MAX_GREETINGS = 5;

byId("greeting").addEventListener("submit", async (event) => {
  event.preventDefault();
  const path = event.target.elements.path.value;
  const list = byId("greetings");
  // Lines are in the order of their requests, in whatever order the responses come.
  const line = element("li", "pending", element("div", "text", "Waiting for the response…"));
  list.prepend(line);
  while (list.children.length > MAX_GREETINGS) list.lastChild.remove();
  line.replaceWith(greetingLine(await timed(CALLS[path], byId("name").value)));
});

function greetingLine(sample) {
  const about = element("div", "about");
  const text = sample.error ? sample.error.message : sample.texts.join(" · ");
  if (!sample.error) {
    about.append(element("span", "", sample.pod));
    if (sample.version) about.append(chip(sample.version, sample.color));
    if (sample.via) about.append(element("span", "", `via ${sample.via}`));
  }
  about.append(element("span", "", milliseconds(sample.ms)));
  return element("li", sample.error ? "failed" : "", element("div", "text", text), about);
}
