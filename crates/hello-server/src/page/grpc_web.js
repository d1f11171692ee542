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
  return new TextDecoder().decode(message.subarray(at, at + length));
}

// The message and the trailers of a response.
function unframed(buffer) {
  const view = new DataView(buffer);
  let message;
  let trailers = "";
  for (let at = 0; at + FRAME_HEAD <= buffer.byteLength; ) {
    const content = new Uint8Array(buffer, at + FRAME_HEAD, view.getUint32(at + 1));
    if (view.getUint8(at) & TRAILERS) trailers = new TextDecoder().decode(content);
    else message = content;
    at += FRAME_HEAD + content.length;
  }
  return { message, trailers: new Headers(trailers.split("\r\n").filter(Boolean).map(pair)) };
}

function pair(line) {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1)];
}

// Calls a method with a string; returns the string of the reply, and the metadata.
async function grpcWeb(path, text, signal) {
  const headers = { "content-type": "application/grpc-web+proto", "x-grpc-web": "1" };
  const response = await fetch(path, { method: "POST", headers, body: framed(text), signal });
  if (!response.ok) throw await failure(response);
  const { message, trailers } = unframed(await response.arrayBuffer());
  // Without a message, the status can be in the headers.
  const status = trailers.get("grpc-status") ?? response.headers.get("grpc-status");
  if (status !== "0" || !message) {
    const reason = trailers.get("grpc-message") ?? response.headers.get("grpc-message") ?? "";
    throw new CallError(GRPC_CODES[status] ?? `gRPC status ${status}`, decodeURIComponent(reason));
  }
  return { text: field1(message), metadata: response.headers };
}
