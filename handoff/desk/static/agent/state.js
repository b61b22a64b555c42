// Ready, paused or wrapping up: what the telephone system says, never what was merely clicked.

import { attempt, get, post } from "../http.js";

const LOOK_MS = 5000;
const SOON_MS = 400;
const WORDS = { ready: "Ready", paused: "Paused", "wrap-up": "Wrap-up", unknown: "Not known" };
const LINES = { idle: "", ringing: "ringing", busy: "on a call", unavailable: "no phone is registered" };

export class AgentState {
  constructor() {
    this.element = document.getElementById("state");
    this.now = this.element.dataset.state;
    document.getElementById("ready").addEventListener("click", () => this.set("ready"));
    document.getElementById("pause").addEventListener("click", () => this.set("paused", document.getElementById("reason").value));
    this.refresh();
    setInterval(() => document.hidden || this.refresh(), LOOK_MS);
  }

  async set(state, reason = "") {
    const found = await attempt(() => post("/agent/state", { state, reason }));
    if (found) this.#show(found);
  }

  async refresh() {
    try {
      this.#show(await get("/agent/state"));
    } catch (error) {
      this.#problem(error.message);
    }
  }

  // After something that changes the line: the telephone system needs a moment to say so.
  soon() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.refresh(), SOON_MS);
  }

  #show({ state, reason, line, problem }) {
    this.now = state;
    this.element.dataset.state = state;
    this.element.dataset.reason = reason;
    const more = [state === "paused" ? reason : "", LINES[line] ?? ""].filter(Boolean).join(", ");
    put("state-word", WORDS[state] ?? state);
    put("state-more", more);
    document.getElementById("ready").setAttribute("aria-pressed", String(state === "ready"));
    document.getElementById("pause").setAttribute("aria-pressed", String(state === "paused"));
    this.#problem(problem);
  }

  #problem(text) {
    const line = document.getElementById("state-problem");
    line.textContent = text;
    line.hidden = !text;
  }
}

// Only what changed: a live region says everything that is written into it.
function put(id, text) {
  const element = document.getElementById(id);
  if (element.textContent !== text) element.textContent = text;
}
