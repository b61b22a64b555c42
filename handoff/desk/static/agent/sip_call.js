// One call: its SIP dialog (RFC 3261 12) and its audio. States: ringing, dialling, talking, held, ended.

import { SipMessage, partyOf, token, uriOf } from "./sip_message.js";

const ACK_WITHIN_MS = 10000;
const SDP = [["Content-Type", "application/sdp"]];

export class SipCall {
  static incoming(agent, invite) {
    const call = new SipCall(agent, invite.get("Call-ID"), "ringing");
    call.invite = invite;
    call.localTag = token(4);
    call.local = `${invite.get("To")};tag=${call.localTag}`;
    call.remote = invite.get("From");
    call.target = uriOf(invite.get("Contact"));
    call.routes = invite.all("Record-Route");
    call.party = partyOf(invite.get("P-Asserted-Identity") || invite.get("From"));
    call.card = invite.get("X-Patchcord-Card");
    agent.reply(invite, 180, "Ringing", call.localTag, [["Contact", agent.contact]]);
    // The audio is made ready while it rings, so that answering is heard at once.
    call.prepared = call.media.answer(invite.body);
    call.prepared.catch(() => {});
    return call;
  }

  static outgoing(agent, uri) {
    const call = new SipCall(agent, token(), "dialling");
    call.localTag = token(4);
    const display = agent.account.name.replace(/["\\]/g, "");
    call.local = `"${display}" <${agent.addressOfRecord}>;tag=${call.localTag}`;
    call.remote = `<${uri}>`;
    call.target = uri;
    call.routes = [];
    call.party = partyOf(call.remote);
    call.card = "";
    return call;
  }

  constructor(agent, callId, state) {
    this.agent = agent;
    this.callId = callId;
    this.state = state;
    this.since = Date.now();
    this.media = agent.media();
    this.cseq = 1;
    this.muted = false;
    this.endedBy = "";
    this.onChange = () => {};
    this.onEnded = () => {};
  }

  // ---- what a person does ----

  async answer() {
    if (this.state !== "ringing" || this.answering) return;
    this.answering = true;
    try {
      const sdp = await this.prepared;
      if (this.state !== "ringing") return;
      this.agent.reply(this.invite, 200, "OK", this.localTag, [["Contact", this.agent.contact], ["Allow", "INVITE, ACK, CANCEL, BYE, INFO, UPDATE"], ...SDP], sdp);
    } catch (error) {
      this.agent.reply(this.invite, 488, "Not Acceptable Here", this.localTag);
      this.#end("failed", error.message);
      return;
    }
    this.ackLimit = setTimeout(() => this.hangup(), ACK_WITHIN_MS);
    this.#talk();
  }

  decline() {
    if (this.state !== "ringing") return;
    this.agent.reply(this.invite, 486, "Busy Here", this.localTag); // busy, not 603: the next member of the queue is to ring
    this.#end("declined");
  }

  hangup() {
    if (this.state === "ringing") {
      this.decline();
    } else if (this.state === "dialling") {
      this.#cancel();
      this.#end("cancelled");
    } else if (this.state !== "ended") {
      this.#inDialog("BYE").catch(() => {});
      this.#end("hung up here");
    }
  }

  async hold(on) {
    if (!["talking", "held"].includes(this.state) || this.changing) return;
    this.changing = true;
    try {
      const sdp = await this.media.reoffer(on);
      const response = await this.#inDialog("INVITE", sdp);
      if (response.status >= 300) throw new Error(`Hold was refused (${response.status} ${response.reason}).`);
      await this.media.accept(response.body);
      if (this.state !== "ended") this.#become(on ? "held" : "talking");
    } finally {
      this.changing = false;
    }
  }

  mute(on) {
    this.muted = on;
    this.media.mute(on);
    this.onChange(this);
  }

  digit(key) {
    this.media.digit(key);
  }

  async start() {
    try {
      const sdp = await this.media.offer();
      const headers = [["Max-Forwards", "70"], ["From", this.local], ["To", this.remote], ["Call-ID", this.callId], ["CSeq", `${this.cseq} INVITE`],
        ["Contact", this.agent.contact], ["Allow", "INVITE, ACK, CANCEL, BYE, INFO, UPDATE"], ...SDP];
      const response = await this.agent.send("INVITE", this.target, headers, sdp, (early) => this.#early(early), (sent) => {
        this.sent = sent;
        this.cseq = sent.cseq;
      });
      await this.#answered(response);
    } catch (error) {
      this.#end("failed", error.message);
    }
  }

  // ---- what the other side does ----

  acknowledged() {
    clearTimeout(this.ackLimit);
  }

  cancelled() {
    if (this.state !== "ringing") return;
    this.agent.reply(this.invite, 487, "Request Terminated", this.localTag);
    this.#end("caller gone");
  }

  lost() {
    this.#end("connection lost");
  }

  request(request) {
    if (request.method === "BYE") {
      this.agent.reply(request, 200, "OK", this.localTag);
      this.#end("hung up there");
    } else if (request.method === "INVITE" && !this.changing) {
      this.#reinvited(request);
    } else if (request.method === "INVITE") {
      this.agent.reply(request, 491, "Request Pending", this.localTag);
    } else {
      const known = ["UPDATE", "INFO", "OPTIONS", "NOTIFY"].includes(request.method) && !(request.method === "UPDATE" && request.body);
      this.agent.reply(request, known ? 200 : 405, known ? "OK" : "Method Not Allowed", this.localTag, [["Contact", this.agent.contact]]);
    }
  }

  // ---- inside ----

  async #reinvited(request) {
    this.changing = true;
    try {
      const party = partyOf(request.get("P-Asserted-Identity") || "");
      if (party.number) this.party = party;
      const sdp = request.body ? await this.media.answer(request.body) : await this.media.reoffer(this.state === "held");
      this.agent.reply(request, 200, "OK", this.localTag, [["Contact", this.agent.contact], ...SDP], sdp);
      this.onChange(this);
    } catch {
      this.agent.reply(request, 488, "Not Acceptable Here", this.localTag);
    } finally {
      this.changing = false;
    }
  }

  async #early(response) {
    this.remote = response.get("To") || this.remote;
    if (response.body) await this.media.accept(response.body).catch(() => {});
  }

  async #answered(response) {
    if (response.status >= 300) {
      this.agent.acknowledgeRefusal(this.sent, response);
      this.#end("refused", `${response.status} ${response.reason}`);
      return;
    }
    this.remote = response.get("To");
    this.target = uriOf(response.get("Contact")) || this.target;
    this.routes = response.all("Record-Route").reverse();
    this.#acknowledge(this.cseq);
    if (this.state === "ended") {
      this.#inDialog("BYE").catch(() => {}); // the answer crossed our CANCEL
      return;
    }
    await this.media.accept(response.body);
    this.#talk();
  }

  #headers(method, cseq) {
    return [["Max-Forwards", "70"], ...this.routes.map((route) => ["Route", route]), ["From", this.local], ["To", this.remote],
      ["Call-ID", this.callId], ["CSeq", `${cseq} ${method}`], ["Contact", this.agent.contact]];
  }

  async #inDialog(method, body = "") {
    this.cseq += 1;
    const headers = [...this.#headers(method, this.cseq), ...(body ? SDP : [])];
    const response = await this.agent.send(method, this.target, headers, body, undefined, (sent) => {
      this.cseq = sent.cseq;
      this.sent = sent;
    });
    if (method === "INVITE" && response.status < 300) this.#acknowledge(this.cseq);
    if (method === "INVITE" && response.status >= 300) {
      this.agent.acknowledgeRefusal(this.sent, response);
      await this.media.rollback();
    }
    return response;
  }

  #acknowledge(cseq) {
    const headers = [["Via", this.agent.socket.via(`z9hG4bK${token()}`)], ...this.#headers("ACK", cseq)];
    this.agent.socket.send(new SipMessage(`ACK ${this.target} SIP/2.0`, headers));
  }

  #cancel() {
    if (!this.sent || !this.agent.socket.isOpen) return;
    const same = ["Via", "From", "To", "Call-ID", "Max-Forwards"].map((name) => [name, this.sent.get(name)]);
    this.agent.socket.send(new SipMessage(`CANCEL ${this.sent.uri} SIP/2.0`, [...same, ["CSeq", `${this.sent.cseq} CANCEL`]]));
  }

  #talk() {
    this.media.start();
    this.since = Date.now();
    this.#become("talking");
  }

  #become(state) {
    this.state = state;
    this.onChange(this);
  }

  #end(how, detail = "") {
    if (this.state === "ended") return;
    clearTimeout(this.ackLimit);
    this.endedBy = detail ? `${how}: ${detail}` : how;
    this.media.close();
    this.#become("ended");
    this.onEnded(this);
  }
}
