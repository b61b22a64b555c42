// Callers who wait to be called back.

import { attempt, get, post } from "../http.js";
import { localTimes } from "../times.js";

const LOOK_MS = 30000;

export class Callbacks {
  constructor(phone) {
    this.phone = phone;
    this.element = document.getElementById("callbacks");
    this.element.addEventListener("click", (event) => this.#clicked(event.target.closest("button")));
    this.#offerCalls();
    setInterval(() => document.hidden || this.refresh(), LOOK_MS);
  }

  async refresh() {
    const html = await get("/agent/callbacks").catch(() => null);
    if (html === null || this.element.contains(document.activeElement)) return;
    this.element.innerHTML = html; // escaped by the server
    localTimes(this.element);
    this.#offerCalls();
  }

  #offerCalls() {
    for (const button of this.element.querySelectorAll("[data-call-number]")) button.hidden = !this.phone;
  }

  async #clicked(button) {
    const id = button?.closest("[data-callback]")?.dataset.callback;
    if (!id) return;
    if (button.dataset.callNumber) {
      await attempt(() => this.phone.dial(button.dataset.callNumber));
      return;
    }
    const change = "done" in button.dataset ? { done: true } : { later: Number(button.dataset.later) };
    const saved = await attempt(() => post(`/agent/callbacks/${id}`, change), "done" in button.dataset ? "Done." : "It comes back later.");
    button.blur();
    if (saved) this.refresh();
  }
}
