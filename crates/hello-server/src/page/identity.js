// Who answered the request for this page, and how it came.
const identity = JSON.parse(byId("identity").textContent);
// The protocol of this page's own connection.
const nextHop = performance.getEntriesByType("navigation")[0]?.nextHopProtocol;
const BROWSER_PROTOCOLS = { "h2": "HTTP/2", "h3": "HTTP/3", "http/1.1": "HTTP/1.1" };

function showIdentity() {
  document.querySelector("[data-of=pod]").textContent = identity.pod;
  if (identity.version) byId("version").append(chip(identity.version, identity.color));
  document.title = `Hello World! from ${identity.pod}`;
  byId("route").append(...route());
  byId("facts").append(...facts().flatMap(([name, value]) => (
    [element("dt", "", name), element("dd", "", value)]
  )));
  byId("build").textContent = `hello-server, commit ${identity.commit}, built ${identity.built}`;
}

// The hops from this browser to the server. A proxy sets the scheme.
function route() {
  const protocol = BROWSER_PROTOCOLS[nextHop] ?? "HTTP";
  const secure = location.protocol === "https:" ? `${protocol} over TLS` : `${protocol}, no TLS`;
  const node = (text) => element("li", "node", text);
  const hop = (text) => element("li", "hop", text);
  const steps = [node("This browser"), hop(secure)];
  if (identity.scheme) {
    // Only the last hop is known: a sidecar can be between the gateway and the server.
    const last = `${identity.protocol} at the server`;
    steps.push(node("Proxy"), hop(identity.peer?.caller ? `${last}, mutual TLS` : last));
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
    const none = identity.peer ? undefined : "unknown (no x-forwarded-client-cert)";
    known.push(
      ["Client identity", identity.peer?.caller ? mono(identity.peer.caller) : none],
      ["Server identity", identity.peer?.own ? mono(identity.peer.own) : undefined],
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
