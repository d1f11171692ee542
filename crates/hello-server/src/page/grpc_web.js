// gRPC-Web: a unary call, in binary framing. A library would need a build step for its
// generated code; the messages here have one string each.
const FRAME_HEAD = 5;
const TRAILERS = 0x80;

// A message whose field 1 is this string, in a frame: flags, length, message.
function framed(text) {
  const bytes = new TextEncoder().encode(text);
  const field = [0x0a, ...varint(bytes.length), ...bytes];
  const frame = new Uint8Array(FRAME_HEAD + field.length);
  new DataView(frame.buffer).setUint32(1, field.length);
  frame.set(field, FRAME_HEAD);
  return frame;
}

function varint(value) {
  const bytes = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}

// The string in field 1 of a message.
function field1(message) {
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++];
      value |= (byte & 0x7f) << shift;
      if (!(byte & 0x80)) return value;
    }
  };
  if (message.length === 0 || number() !== 0x0a) return "";
  const length = number();
  if (at + length > message.length) throw new CallError("invalid response", "a field is cut");
  return decodedText(message.subarray(at, at + length));
}

// The message and the trailers of a response.
function unframed(buffer) {
  const view = new DataView(buffer);
  let message;
  let trailers = "";
  for (let at = 0; at < buffer.byteLength; ) {
    const start = at + FRAME_HEAD;
    const end = start <= buffer.byteLength ? start + view.getUint32(at + 1) : Infinity;
    if (end > buffer.byteLength) throw new CallError("the response ended early");
    const content = new Uint8Array(buffer, start, end - start);
    if (view.getUint8(at) & TRAILERS) trailers = decodedText(content);
    else message = content;
    at = end;
  }
  return { message, trailers: new Headers(trailers.split("\r\n").filter(Boolean).map(pair)) };
}

function pair(line) {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1)];
}

// Calls a method with a string; returns the string of the reply, and the metadata.
async function grpcWeb(path, text, signal) {
  const head = { "content-type": "application/grpc-web+proto", "x-grpc-web": "1" };
  const options = { method: "POST", headers: head, body: framed(text), signal };
  const { body, headers } = await request(path, options);
  // Without a message, the status can be in the headers.
  if (!headers.has("grpc-status")) checkType(headers, "application/grpc");
  const { message, trailers } = unframed(body);
  const value = (name) => trailers.get(name) ?? headers.get(name);
  const status = value("grpc-status");
  if (status === null) throw new CallError("the response ended early");
  if (status !== "0") {
    const reason = GRPC_CODES[status] ?? `gRPC status ${status}`;
    throw new CallError(reason, statusText(value("grpc-message") ?? ""));
  }
  if (!message) throw new CallError("invalid response", "no message");
  return { text: field1(message), metadata: headers };
}
