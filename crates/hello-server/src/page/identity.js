// Who answered the request for this page, and how it came.
const identity = JSON.parse(byId("identity").textContent);
const BROWSER_PROTOCOLS = { "h2": "HTTP/2", "h3": "HTTP/3", "http/1.1": "HTTP/1.1" };

function showIdentity() {
  document.querySelector("[data-of=pod]").textContent = identity.pod;
  if (identity.version) byId("version").append(chip(identity.version, identity.color));
  document.title = `Hello World! from ${identity.pod}`;
  byId("route").append(...route());
  byId("facts").append(...facts().flatMap(([name, value]) => {
    const text = element("dd", "", value);
    return [element("dt", "", name), text];
  }));
  byId("curl").textContent = `curl ${location.origin}/`;
  byId("build").textContent = `hello-server, commit ${identity.commit}, built ${identity.built}`;
}

// The hops from this browser to the server. A proxy sets the scheme.
function route() {
  const [navigation] = performance.getEntriesByType("navigation");
  const protocol = BROWSER_PROTOCOLS[navigation?.nextHopProtocol] ?? "HTTP";
  const secure = location.protocol === "https:" ? `${protocol} over TLS` : `${protocol}, no TLS`;
  const node = (text) => element("li", "node", text);
  const hop = (text) => element("li", "hop", text);
  const steps = [node("This browser"), hop(secure)];
  if (identity.scheme) {
    const inside = identity.peer?.caller ? `${identity.protocol}, mutual TLS` : identity.protocol;
    steps.push(node("Gateway"), hop(inside));
  }
  return [...steps, node(identity.pod)];
}

function facts() {
  const known = [
    ["Pod", identity.pod],
    ["Node", identity.node],
    ["Zone", identity.zone],
    ["Scheme at the gateway", identity.scheme],
  ];
  if (identity.shows_peer) {
    const none = identity.peer ? undefined : "none: no sidecar has verified a certificate";
    known.push(
      ["Called by", identity.peer?.caller ? mono(identity.peer.caller) : none],
      ["Own identity", identity.peer?.own ? mono(identity.peer.own) : undefined],
    );
  }
  known.push(["Trace", trace()], ["Request", identity.request_id && mono(identity.request_id)]);
  return known.filter(([, value]) => value);
}

const mono = (text) => element("span", "mono", text);

function trace() {
  if (!identity.trace) return undefined;
  const { id, sampled, link } = identity.trace;
  let shown = mono(id);
  if (link) {
    shown = element("a", "mono", id);
    shown.href = link;
    shown.rel = "noopener";
  }
  return element("span", "", shown, sampled ? "" : " (not sampled)");
}

showIdentity();
