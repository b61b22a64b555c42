// The phone on the page: its buttons, words and colours. What rings and speaks is sip_agent.js and media.js.

import { attempt, get, notice, post } from "../http.js";
import { Media } from "./media.js";
import { SipAgent } from "./sip_agent.js";
import { Sound } from "./sound.js";

const STATES = {
  off: ["off", ""], connecting: ["connecting …", "warn"], registered: ["ready for calls", "good"],
  reconnecting: ["reconnecting …", "warn"], unregistered: ["not registered", "bad"],
};
const NUMBER = /^[0-9*#+]{1,32}$/;
const CALLS = { ringing: "is calling", dialling: "calling …", talking: "connected", held: "on hold", ended: "over" };

const CARD_WITHIN_MS = 400;
const by = (id) => document.getElementById(id);

export class PhonePanel {
  // tones: what it rings with; on: ringing(call) resolves when the card is there; over(call), changed()
  constructor(page, tones, on) {
    this.page = page;
    this.on = on;
    this.sound = new Sound(by("speaker"), (stream) => this.call?.media.use(stream));
    this.tones = tones;
    this.agent = null;
    this.call = null;
    by("phone-on").addEventListener("click", () => attempt(() => this.start()));
    by("phone-off").addEventListener("click", () => this.stop());
    by("answer").addEventListener("click", () => this.call?.answer());
    by("hangup").addEventListener("click", () => this.call?.hangup());
    by("hold").addEventListener("click", () => attempt(async () => this.call?.hold(this.call.state !== "held")));
    by("mute").addEventListener("click", () => this.call?.mute(!this.call.muted));
    for (const button of by("phone").querySelectorAll("[data-digit]")) {
      button.addEventListener("click", () => attempt(async () => this.call?.digit(button.dataset.digit)));
    }
    by("dial").addEventListener("submit", (event) => {
      event.preventDefault();
      attempt(() => this.dial(event.target.elements.number.value.trim()));
    });
    // A page that offers a call leads here with the number: it is dialled when the person says so.
    const wanted = new URLSearchParams(location.search).get("dial") ?? "";
    if (NUMBER.test(wanted)) by("dial").elements.number.value = wanted;
    addEventListener("beforeunload", (event) => this.busy && event.preventDefault());
    addEventListener("pagehide", () => this.agent?.stop());
    setInterval(() => this.#tick(), 1000);
    this.#which();
  }

  // It rings by itself when it is called.
  get ready() {
    return this.agent !== null && by("phone").dataset.state === "registered";
  }

  get busy() {
    return this.call !== null && this.call.state !== "ended";
  }

  async start() {
    if (this.agent) return;
    await this.sound.open();
    const line = await get("/agent/phone");
    const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
    const sign = async (method, uri, challenges) => (await post("/agent/phone/authorise", { method, uri, challenges })).authorization;
    this.agent = new SipAgent({ user: line.account, domain: line.domain, name: line.name, url }, sign, () => new Media(this.sound.stream, by("speaker")), {
      state: (name, detail) => this.#state(name, detail),
      call: (call) => this.#call(call),
    });
    this.agent.start();
  }

  async stop() {
    const agent = this.agent;
    this.agent = null;
    await agent?.stop();
    this.sound.close();
    this.#state("off");
  }

  async dial(number) {
    if (!NUMBER.test(number)) throw new Error("A number has digits, +, * and # only.");
    if (!this.agent) await this.start();
    await this.agent.dial(number);
  }

  // The card says whether the caller still has to be accepted.
  briefed(card) {
    by("brief-keys").hidden = !(card.coming && ["talking", "held"].includes(this.call?.state));
    this.card = card;
  }

  #state(name, detail = "") {
    if (name === "off" && this.agent) {
      this.agent = null; // taken over by another window, or logged out
      this.sound.close();
      notice(detail || "The phone was switched off.", { bad: true });
    }
    by("phone").dataset.state = name;
    this.#word();
    by("phone-on").hidden = Boolean(this.agent);
    by("phone-off").hidden = !this.agent;
    by("dial").hidden = name !== "registered";
    if (name === "unregistered" && detail) notice(detail, { bad: true });
    this.on.changed();
    this.#which();
  }

  #word() {
    const ringing = this.call?.state === "ringing";
    const [word, kind] = this.busy ? [ringing ? "ringing" : "on a call", "accent"] : STATES[by("phone").dataset.state];
    by("phone-state").textContent = word;
    by("phone-state").className = `badge ${kind}`;
  }

  // Nobody is rung before they can see who calls, unless the card takes too long.
  async #call(call) {
    this.call = call;
    call.wasAnswered = false;
    call.onChange = () => this.#show();
    if (call.state === "ringing") {
      await Promise.race([this.on.ringing(call), new Promise((done) => setTimeout(done, CARD_WITHIN_MS))]);
    }
    if (call.state !== "ended") this.#show();
  }

  #show() {
    const { call } = this;
    const over = call.state === "ended";
    if (call.state === "talking") call.wasAnswered = true;
    this.tones.ring(call.state === "ringing");
    this.on.changed();
    this.#word();
    by("call").hidden = over;
    by("call").dataset.state = call.state;
    by("party").textContent = [call.party.name, call.party.number].filter(Boolean).join(", ") || "withheld";
    by("call-state").textContent = CALLS[call.state];
    by("answer").hidden = call.state !== "ringing";
    by("hangup-word").textContent = call.state === "ringing" ? "Decline" : "Hang up";
    for (const id of ["hold", "mute"]) by(id).hidden = !["talking", "held"].includes(call.state);
    by("hold").setAttribute("aria-pressed", String(call.state === "held"));
    by("mute").setAttribute("aria-pressed", String(call.muted));
    by("dial").hidden = !over;
    if (this.card) this.briefed(this.card);
    if (!over) return;
    by("quality").textContent = "";
    if (call.endedBy.startsWith("failed") || call.endedBy.startsWith("refused")) notice(`The call ended: ${call.endedBy}.`, { bad: true });
    this.on.over(call);
  }

  async #tick() {
    if (!this.busy) return;
    const seconds = Math.floor((Date.now() - this.call.since) / 1000);
    by("call-time").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (this.call.state !== "talking") return;
    const { lost, received, jitterMs } = await this.call.media.figures();
    const share = received ? (100 * lost) / (received + lost) : 0;
    by("quality").textContent = `Line: ${share.toFixed(1)} % of packets lost, jitter ${jitterMs} ms`;
  }

  // Says which of the person's phones will ring.
  async #which() {
    const found = await get("/agent/phone").catch(() => null);
    if (found === null) return;
    const sip = found.online.includes(this.page.phone);
    const browser = by("phone").dataset.state === "registered";
    const phones = [browser ? "this browser" : "", sip ? "the SIP phone" : ""].filter(Boolean);
    by("phone-which").textContent = phones.length
      ? `Number ${this.page.phone}: ${phones.join(" and ")} will ring.`
      : `Number ${this.page.phone}: no phone is registered. Switch on the browser phone, or a SIP phone.`;
  }
}
