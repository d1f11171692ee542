// The calls that the page can make. Each returns who answered, and with what.
const DETAILED = "application/vnd.hello-server+json";
const GREETINGS = 3;
const TIMEOUT_MS = 10_000;
const GRPC_CODES = [
  "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
  "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
  "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
];

// A call that failed: a short reason, by which errors are counted, and the details.
class CallError extends Error {
  constructor(reason, detail) {
    super(detail ? `${reason}: ${detail}` : reason);
    this.reason = reason;
  }
}

// An error that says why. A signal's own reason comes first: a body whose reading is
// aborted says only that.
const because = (reason, signal, advice = "") => (error) => {
  throw signal.aborted ? signal.reason : new CallError(reason, error.message + advice);
};

// A response with all of its body.
async function request(path, options) {
  const failed = because("the request failed", options.signal, "; check the gateway");
  const response = await fetch(path, options).catch(failed);
  const cut = because("the response ended early", options.signal);
  const body = await response.arrayBuffer().catch(cut);
  if (!response.ok) throw failure(response, decodedText(body));
  return { body, headers: response.headers };
}

const decodedText = (bytes) => new TextDecoder().decode(bytes);

// The text of a gRPC status: percent-encoded, or as it is.
function statusText(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// The error of a response: of hello-server, with problem details, or of a proxy.
function failure(response, text) {
  let problem = { detail: text.slice(0, 300) };
  try {
    if (hasType(response.headers, "application/problem+json")) problem = JSON.parse(text);
  } catch {
    // The text says what it can.
  }
  const reason = [`HTTP ${response.status}`, problem.grpc_status].filter(Boolean).join(", ");
  return new CallError(reason, problem.detail);
}

const hasType = (headers, type) => headers.get("content-type")?.startsWith(type);

function checkType(headers, type) {
  if (!hasType(headers, type)) throw new CallError("unexpected content type", headers.get("content-type"));
}

async function get(path, accept, signal) {
  const { body, headers } = await request(path, { headers: { accept }, cache: "no-store", signal });
  checkType(headers, accept);
  return decodedText(body);
}

function greetPath(name) {
  // Browsers take these for folders, however they are encoded.
  const isFolder = name === "." || name === "..";
  if (isFolder) throw new CallError("a URL path cannot contain this name", "choose gRPC-Web");
  return `/greet/${encodeURIComponent(name)}`;
}

async function hello(name, signal) {
  const { pod, version, color } = JSON.parse(await get("/", DETAILED, signal));
  return { texts: [], pod, version, color };
}

async function greetOverHttp(name, signal) {
  return answered([JSON.parse(await get(greetPath(name), DETAILED, signal))]);
}

async function greetByStream(name, signal) {
  const path = `${greetPath(name)}?stream=${GREETINGS}`;
  const text = await get(path, "text/event-stream", signal);
  const greetings = [];
  let ended = false;
  for (const event of text.split("\n\n")) {
    // A name can have line separators (U+2028), which JSON does not escape.
    const [, kind, data] = /^event: (\w+)\ndata: (.*)$/s.exec(event) ?? [];
    if (kind === "greeting") greetings.push(JSON.parse(data));
    if (kind === "end") ended = true;
    if (kind === "failed") {
      const { grpc_status, detail } = JSON.parse(data);
      throw new CallError(grpc_status, detail);
    }
  }
  if (!ended) throw new CallError("the stream ended early");
  return answered(greetings);
}

function answered(greetings) {
  if (greetings.length === 0) throw new CallError("invalid response", "no greeting");
  const { from, version, color, via } = greetings[0];
  return { texts: greetings.map((it) => it.message), pod: from, version, color, via };
}

async function greetOverGrpcWeb(name, signal) {
  const { text, metadata } = await grpcWeb("/helloworld.Greeter/SayHello", name, signal);
  const value = (key) => metadata.get(key) ?? undefined;
  const pod = value("hostname") ?? "unknown";
  return { texts: [text], pod, version: value("version"), color: value("color") };
}

const CALLS = {
  "hello": hello,
  "greet": greetOverHttp,
  "stream": greetByStream,
  "grpc-web": greetOverGrpcWeb,
};

function callError(error) {
  if (error instanceof CallError) return error;
  if (error.name === "TimeoutError") return new CallError(`no complete response within ${TIMEOUT_MS / 1000} s`);
  return new CallError("invalid response", error.message);
}

// Makes a call, until a signal aborts it; returns its answer or its error, and its time.
async function timed(call, name, ...signals) {
  const started = performance.now();
  const sample = { at: started };
  try {
    const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...signals]);
    Object.assign(sample, await call(name, signal));
  } catch (error) {
    sample.error = callError(error);
  }
  sample.ms = performance.now() - started;
  return sample;
}
