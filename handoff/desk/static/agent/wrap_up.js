// After the call: how it ended, notes, and then ready again. What is typed during the call stays.

import { attempt, post } from "../http.js";

export class WrapUp {
  constructor(state) {
    this.state = state;
    this.panel = document.getElementById("wrap-panel");
    this.form = document.getElementById("wrap");
    this.card = null;
    this.paused = false;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save(event.submitter?.value ?? "stay");
    });
  }

  // The card that is shown now. A call that is over is wrapped up, whichever phone it was on.
  of(card) {
    if (this.card?.id !== card.id) {
      this.card = card;
      this.form.reset();
      this.begun = false;
    }
    this.panel.hidden = !(card.state === "joined" || this.begun);
    if (card.ended && card.state === "joined") this.begin(card);
  }

  begin(card) {
    if (!card || this.begun) return;
    this.card = card;
    this.begun = true;
    this.panel.hidden = false;
    if (this.state.now === "ready") this.state.set("wrap-up");
    this.form.elements.disposition.focus();
  }

  async #save(then) {
    const { disposition, notes } = this.form.elements;
    const saved = await attempt(() => post("/agent/wrap-up", { card: this.card.id, disposition: disposition.value, notes: notes.value }), "Saved.");
    if (saved === null) return;
    this.panel.hidden = true;
    this.begun = false;
    if (then === "ready" || this.state.now === "wrap-up") this.state.set("ready");
  }
}
