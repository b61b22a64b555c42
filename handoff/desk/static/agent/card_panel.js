// The card of the caller who comes, or is here: pops up before the phone rings and grows while the caller talks on.

import { attempt, get, notice } from "../http.js";
import { live } from "../live.js";
import { patchList } from "../patch_list.js";
import { localTimes } from "../times.js";

const COMING = ["requested", "ringing", "briefing"];

export class CardPanel {
  constructor(queues, on) {
    this.queues = queues;
    this.on = on;
    this.element = document.getElementById("card");
    this.others = document.getElementById("others");
    this.known = new Map(); // id -> {card_id, call_id, queue, state}
    this.current = null;
    this.sure = false; // the phone itself named this card
    this.wanted = null; // id of the card to be shown
    this.fetching = null; // {id, again, done}
    this.#begin();
  }

  // A card was made or has changed.
  told(news) {
    const { card_id: id, state } = news;
    this.known.set(id, { ...this.known.get(id), ...news });
    if (!COMING.includes(state) && state !== "joined") this.known.delete(id);
    if (this.current?.id === id) this.show(id, { sure: this.sure });
    else if (COMING.includes(state) && !this.#taken()) this.show(id);
    this.#list();
  }

  // A queue rings our phone with the caller of this card.
  mine(told) {
    this.known.set(told.card_id, { ...this.known.get(told.card_id), ...told });
    this.#surely(told.card_id);
  }

  // Our phone is called; resolves when the card of the caller is there, if there is one.
  async ringing(id) {
    await (id ? this.#surely(id) : this.expect());
  }

  // The phone rings and names no card: the one that rings in our queues is the likeliest.
  async expect() {
    if (this.current) return;
    const ringing = [...this.known.values()].reverse().find(({ state }) => COMING.includes(state));
    if (ringing) await this.show(ringing.card_id);
  }

  // Resolves when the card is there, or cannot be had. News come in bursts: what comes while it is fetched is fetched in one go afterwards.
  show(id, { sure = false } = {}) {
    this.sure = sure;
    this.wanted = id;
    if (this.fetching?.id === id) {
      this.fetching.again = true;
    } else {
      this.fetching = { id, again: false };
      this.fetching.done = this.#fetch(this.fetching);
    }
    return this.fetching.done;
  }

  refresh() {
    if (this.current) this.show(this.current.id, { sure: this.sure });
  }

  // The phone has said whose card it is.
  async #surely(id) {
    if (this.current?.id === id && this.wanted === id) this.sure = true;
    else await this.show(id, { sure: true });
  }

  async #fetch(fetching) {
    const { id } = fetching;
    const html = await attempt(() => get(`/agent/cards/${encodeURIComponent(id)}`));
    if (this.fetching !== fetching) return;
    this.fetching = null;
    if (id !== this.wanted) return;
    if (html !== null) this.#put(id, html);
    if (fetching.again) this.show(id, { sure: this.sure });
  }

  #put(id, html) {
    const article = this.#article(html);
    const data = article.dataset;
    const changed = this.current?.call !== data.call;
    this.current = { id, call: data.call, state: data.state, coming: data.coming === "yes", ended: data.ended === "yes" };
    if (changed) this.#follow(data.call);
    this.on.shown(this.current, article);
    this.#list();
  }

  // The card on the page. Of the caller who is shown already the transcript stays and grows.
  #article(html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html; // escaped by the server
    const [made, old] = [fresh.content.querySelector(".agent-card"), this.element.querySelector(".agent-card")];
    localTimes(made);
    if (old?.dataset.card !== made.dataset.card) {
      this.element.replaceChildren(made);
      return made;
    }
    Object.assign(old.dataset, made.dataset);
    for (const part of [":scope > header", ":scope > .card"]) old.querySelector(part).replaceWith(made.querySelector(part));
    patchList(old.querySelector("#turns"), made.querySelector("#turns").innerHTML);
    return old;
  }

  clear() {
    this.stream?.close();
    this.current = null;
    this.wanted = null;
    this.sure = false;
    const empty = document.createElement("p");
    empty.className = "empty";
    empty.textContent = "Nobody is being connected to you.";
    this.element.replaceChildren(empty);
    this.#list();
  }

  async #begin() {
    const found = await get("/agent/cards").catch((error) => notice(error.message, { bad: true }));
    for (const { id, call_id, queue, state } of [...(found?.cards ?? [])].reverse()) {
      if (!this.known.has(id)) this.known.set(id, { card_id: id, call_id, queue, state });
    }
    const coming = [...this.known.values()].reverse().find(({ state }) => COMING.includes(state));
    if (coming && !this.current) this.show(coming.card_id);
    this.#list();
  }

  // Somebody is with us, or the phone has said who comes: another caller's card does not push that one away.
  #taken() {
    if (!this.current || this.current.ended) return false;
    return this.sure || this.current.coming || this.current.state === "joined";
  }

  #follow(call) {
    this.stream?.close();
    const again = () => this.#turns();
    this.stream = live([`call:${call}`], { turn: again, call: () => this.refresh(), reload: () => this.refresh() });
  }

  // What the caller goes on saying while they wait.
  async #turns() {
    if (this.asking) {
      this.more = true;
      return;
    }
    this.asking = true;
    const id = this.current?.id;
    const html = await get(`/agent/cards/${encodeURIComponent(id)}/turns`).catch(() => null);
    this.asking = false;
    const list = this.element.querySelector("#turns");
    if (html !== null && list && this.current?.id === id) {
      const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
      patchList(list, html);
      if (atEnd) list.scrollTop = list.scrollHeight;
    }
    if (this.more) {
      this.more = false;
      this.#turns();
    }
  }

  #list() {
    const rest = [...this.known.values()].filter(({ card_id: id, state }) => id !== this.current?.id && COMING.includes(state));
    this.others.hidden = rest.length === 0;
    this.others.replaceChildren(...rest.slice(-5).map(({ card_id: id, queue, state }, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button plain";
      button.textContent = `${index + 1}. ${queue}, ${state}`;
      button.addEventListener("click", () => this.show(id));
      return button;
    }));
  }
}
