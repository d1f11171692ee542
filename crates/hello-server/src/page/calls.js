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

// The error of a response: of hello-server, with problem details, or of a proxy.
async function failure(response) {
  const text = await response.text();
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json");
  const problem = isProblem ? JSON.parse(text) : { detail: text.slice(0, 300) };
  const reason = [`HTTP ${response.status}`, problem.grpc_status].filter(Boolean).join(", ");
  return new CallError(reason, problem.detail);
}

async function get(path, accept, signal) {
  const response = await fetch(path, { headers: { accept }, cache: "no-store", signal });
  if (!response.ok) throw await failure(response);
  const kind = response.headers.get("content-type") ?? "";
  if (!kind.startsWith(accept)) throw new CallError("unexpected content", kind);
  return response;
}

const greetPath = (name) => `/greet/${encodeURIComponent(name)}`;

async function hello(name, signal) {
  const { pod, version, color } = await (await get("/", DETAILED, signal)).json();
  return { texts: [], pod, version, color };
}

async function greetOverHttp(name, signal) {
  const greeting = await (await get(greetPath(name), DETAILED, signal)).json();
  return answered([greeting]);
}

async function greetByStream(name, signal) {
  const path = `${greetPath(name)}?stream=${GREETINGS}`;
  const text = await (await get(path, "text/event-stream", signal)).text();
  const greetings = [];
  let ended = false;
  for (const event of text.split("\n\n")) {
    const [, kind, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
    if (kind === "greeting") greetings.push(JSON.parse(data));
    if (kind === "end") ended = true;
    if (kind === "failed") {
      const { grpc_status, detail } = JSON.parse(data);
      throw new CallError(grpc_status, detail);
    }
  }
  if (!ended) throw new CallError("the stream was cut");
  return answered(greetings);
}

function answered(greetings) {
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

// Makes a call; returns its answer or its error, and its time.
async function timed(call, name) {
  const started = performance.now();
  const sample = { at: started };
  try {
    Object.assign(sample, await call(name, AbortSignal.timeout(TIMEOUT_MS)));
  } catch (error) {
    const isLate = error.name === "TimeoutError";
    const reason = isLate ? `no answer in ${TIMEOUT_MS / 1000} s` : "no connection";
    sample.error = error instanceof CallError ? error : new CallError(reason, isLate ? "" : error.message);
  }
  sample.ms = performance.now() - started;
  return sample;
}
