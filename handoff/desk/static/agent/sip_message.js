// SIP messages as text (RFC 3261 7) and their parts; no sockets, no timers.

const COMPACT = { v: "via", f: "from", t: "to", i: "call-id", m: "contact", l: "content-length", c: "content-type", k: "supported" };

export class SipMessage {
  // headers: array of [name, value] in their order on the wire
  constructor(start, headers = [], body = "") {
    this.start = start;
    this.headers = headers;
    this.body = body;
  }

  get isRequest() {
    return !this.start.startsWith("SIP/2.0 ");
  }

  get method() {
    return this.isRequest ? this.start.split(" ")[0] : this.get("CSeq").trim().split(/\s+/)[1];
  }

  get uri() {
    return this.start.split(" ")[1];
  }

  get status() {
    return this.isRequest ? 0 : Number(this.start.split(" ")[1]);
  }

  get reason() {
    return this.start.split(" ").slice(2).join(" ");
  }

  get cseq() {
    return Number.parseInt(this.get("CSeq"), 10);
  }

  get(name) {
    return this.all(name)[0] ?? "";
  }

  all(name) {
    const wanted = name.toLowerCase();
    return this.headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
  }

  toString() {
    const bytes = new TextEncoder().encode(this.body).length;
    const lines = this.headers.map(([name, value]) => `${name}: ${value}`);
    return [this.start, ...lines, `Content-Length: ${bytes}`, "", this.body].join("\r\n");
  }
}

// Returns null for what is not SIP, such as a keep-alive of line breaks.
export function parse(text) {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [start, ...lines] = text.slice(0, end).replace(/\r\n[ \t]+/g, " ").split("\r\n");
  if (!/^(SIP\/2\.0 \d{3}|[A-Z]+ \S+ SIP\/2\.0$)/.test(start)) return null;
  const headers = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim();
    if (name.toLowerCase() === "content-length" || name.toLowerCase() === "l") continue;
    headers.push([COMPACT[name.toLowerCase()] ?? name, line.slice(colon + 1).trim()]);
  }
  return new SipMessage(start, headers, text.slice(end + 4));
}

// The response to a request: Via, From, To, Call-ID and CSeq are the request's (8.2.6).
export function responseTo(request, status, reason, tag, headers = [], body = "") {
  const copied = ["Via", "Record-Route", "From", "To", "Call-ID", "CSeq"].flatMap((name) =>
    request.all(name).map((value) => [name, name === "To" && tag && !tagOf(value) ? `${value};tag=${tag}` : value]),
  );
  return new SipMessage(`SIP/2.0 ${status} ${reason}`, [...copied, ...headers], body);
}

export function tagOf(address) {
  return /;\s*tag=([^;\s>]+)/i.exec(address)?.[1] ?? "";
}

export function uriOf(address) {
  return /<([^>]*)>/.exec(address)?.[1] ?? address.split(";")[0].trim();
}

// "Name" <sip:number@host> -> {name, number}
export function partyOf(address) {
  const name = /^\s*"((?:[^"\\]|\\.)*)"/.exec(address)?.[1] ?? /^\s*([^"<]*)</.exec(address)?.[1] ?? "";
  const number = /^sips?:([^@;>]*)@/i.exec(uriOf(address))?.[1] ?? "";
  return { name: name.replace(/\\(.)/g, "$1").trim(), number: decodeURIComponentSafely(number) };
}

function decodeURIComponentSafely(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function token(bytes = 8) {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (value) => value.toString(16).padStart(2, "0")).join("");
}
