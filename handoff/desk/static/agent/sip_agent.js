// One SIP account in the browser: registers, takes one call at a time, places calls.
// It never knows the account's password: the desk answers the challenge (authorise) for whoever is signed in.

import { SipMessage, responseTo, tagOf, token } from "./sip_message.js";
import { SipSocket } from "./sip_socket.js";
import { SipCall } from "./sip_call.js";

const EXPIRES_S = 120;
const ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, NOTIFY";
const AGAIN_MS = 5000;

export class SipAgent {
  // account: {user, domain, name, url}; authorise(method, uri, challenge) -> Promise of the header's value;
  // media(): a Media for one call; on: {state(name, detail), call(call)}
  constructor(account, authorise, media, on) {
    this.account = account;
    this.authorise = authorise;
    this.media = media;
    this.on = on;
    this.calls = new Map();
    this.registration = { callId: token(), tag: token(4), cseq: 0 };
    this.socket = new SipSocket(account.url, {
      onOpen: () => this.#register(),
      onClosed: (how) => this.#closed(how),
      onRequest: (request) => this.#request(request),
    });
  }

  get addressOfRecord() {
    return `sip:${this.account.user}@${this.account.domain}`;
  }

  get contact() {
    return `<sip:${this.account.user}@${this.socket.host};transport=ws>`;
  }

  start() {
    this.on.state("connecting");
    this.socket.open();
  }

  // Hangs up, unregisters and closes.
  async stop() {
    clearTimeout(this.refresh);
    for (const call of this.calls.values()) call.hangup();
    if (this.socket.isOpen) await this.#send(this.#registerRequest(0)).catch(() => {});
    this.socket.close();
  }

  get call() {
    return [...this.calls.values()].find((call) => call.state !== "ended");
  }

  async dial(number) {
    if (this.call) throw new Error("Hang up first: this phone holds one call at a time.");
    const call = SipCall.outgoing(this, `sip:${number}@${this.account.domain}`);
    this.#adopt(call);
    await call.start();
    return call;
  }

  // A request of ours inside or outside a call; a challenge is answered once.
  async send(method, uri, headers, body = "", onProvisional = undefined, onSent = undefined) {
    return this.#send(new SipMessage(`${method} ${uri} SIP/2.0`, headers, body), onProvisional, onSent);
  }

  async #send(request, onProvisional, onSent = () => {}) {
    const waiting = this.socket.request(request, onProvisional);
    onSent(request);
    const response = await waiting;
    if (response.status !== 401 && response.status !== 407) return response;
    const [asks, answers] = response.status === 401 ? ["WWW-Authenticate", "Authorization"] : ["Proxy-Authenticate", "Proxy-Authorization"];
    if (request.method === "INVITE") this.#acknowledge(request, response);
    const value = await this.authorise(request.method, request.uri, response.all(asks));
    const kept = request.headers.filter(([name]) => name !== "Via" && name !== "CSeq");
    const again = new SipMessage(request.start, [["CSeq", `${request.cseq + 1} ${request.method}`], [answers, value], ...kept], request.body);
    const second = this.socket.request(again, onProvisional);
    onSent(again);
    return second;
  }

  // The ACK of a refused INVITE belongs to its transaction (17.1.1.3).
  #acknowledge(request, response) {
    const same = ["From", "Call-ID", "Max-Forwards"].map((name) => [name, request.get(name)]);
    const headers = [["Via", request.get("Via")], ...same, ["To", response.get("To")], ["CSeq", `${request.cseq} ACK`]];
    this.socket.send(new SipMessage(`ACK ${request.uri} SIP/2.0`, headers));
  }

  acknowledgeRefusal(request, response) {
    this.#acknowledge(request, response);
  }

  reply(request, status, reason, tag = token(4), headers = [], body = "") {
    if (this.socket.isOpen) this.socket.send(responseTo(request, status, reason, tag, headers, body));
  }

  #registerRequest(expires) {
    const { callId, tag } = this.registration;
    this.registration.cseq += 2; // an answered challenge uses the number between
    const cseq = `${this.registration.cseq} REGISTER`;
    const party = `<${this.addressOfRecord}>`;
    return new SipMessage(`REGISTER sip:${this.account.domain} SIP/2.0`, [
      ["Max-Forwards", "70"], ["From", `${party};tag=${tag}`], ["To", party], ["Call-ID", callId], ["CSeq", cseq],
      ["Contact", `${this.contact};expires=${expires}`], ["Expires", String(expires)], ["Allow", ALLOW], ["User-Agent", "Patchcord desk"],
    ]);
  }

  async #register() {
    clearTimeout(this.refresh);
    let waitMs = (EXPIRES_S * 1000) / 2;
    try {
      const response = await this.#send(this.#registerRequest(EXPIRES_S));
      if (response.status >= 300) throw new Error(`The telephone system refused the registration (${response.status} ${response.reason}).`);
      this.on.state("registered");
    } catch (error) {
      this.on.state("unregistered", error.message);
      waitMs = AGAIN_MS;
    }
    if (this.socket.isOpen) this.refresh = setTimeout(() => this.#register(), waitMs);
  }

  #closed({ final, reason }) {
    clearTimeout(this.refresh);
    for (const call of [...this.calls.values()]) call.lost();
    this.on.state(final ? "off" : "reconnecting", reason);
  }

  #adopt(call) {
    this.calls.set(call.callId, call);
    call.onEnded = () => this.calls.delete(call.callId);
    this.on.call(call);
  }

  #request(request) {
    const call = this.calls.get(request.get("Call-ID"));
    if (request.method === "CANCEL") {
      this.reply(request, call ? 200 : 481, call ? "OK" : "Call/Transaction Does Not Exist");
      call?.cancelled();
    } else if (request.method === "ACK") {
      call?.acknowledged();
    } else if (tagOf(request.get("To"))) {
      if (call) call.request(request);
      else if (request.method === "NOTIFY") this.reply(request, 200, "OK");
      else this.reply(request, 481, "Call/Transaction Does Not Exist");
    } else if (request.method === "INVITE") {
      this.#invited(request);
    } else {
      const known = ["OPTIONS", "NOTIFY"].includes(request.method);
      this.reply(request, known ? 200 : 405, known ? "OK" : "Method Not Allowed", token(4), [["Allow", ALLOW]]);
    }
  }

  #invited(request) {
    if (this.call) {
      this.reply(request, 486, "Busy Here");
      return;
    }
    this.#adopt(SipCall.incoming(this, request));
  }
}
