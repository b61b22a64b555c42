// The selected call: what is known of it, and what may be done. There is one such box; it moves into the row that is selected.
import { attempt, notice, post } from "../http.js";
import { moodDetail, rulingDetail } from "./mood.js";
import { DASH, STATES, setHidden, setText } from "./text.js";

const WITH_AI = ["talking", "waiting", "ringing", "briefing"];
const ANY = [...WITH_AI, "with_person"];

// `states`: where it makes sense. `ask`: what is asked before; `words` and `queue`: what it needs.
const ACTIONS = {
  listen: { states: ANY, phone: true },
  instruct: {
    states: WITH_AI, words: true, title: "Steer the agent", yes: "Steer",
    ask: "A private instruction. The caller does not hear it.",
  },
  say: { states: WITH_AI, words: true, title: "Say this", yes: "Say it", ask: "The agent says these words to the caller." },
  whisper: { states: ["with_person"], phone: true },
  barge: {
    states: ANY, phone: true, title: "Join this conversation?", yes: "Join",
    ask: "Your phone rings. When you answer, everybody in the call hears you.",
  },
  take_over: {
    states: ANY, phone: true, title: "Take this call over?", yes: "Take over",
    ask: "Your phone rings. When you answer, you speak with the caller and whoever was with them leaves.",
  },
  transfer: { states: ANY, queue: true, title: "Transfer this call", yes: "Transfer", ask: "The caller goes to a person of this queue now." },
  pause_recording: { states: ANY },
  resume_recording: { states: ANY },
  end: { states: ANY, title: "End this call?", yes: "End the call", ask: "The caller is hung up on. This cannot be undone." },
  number: { states: [...ANY, "arriving", "ending"] },
};

export class Detail {
  constructor(root, { steerable, phone, queues }) {
    this.box = root.querySelector("#floor-detail");
    this.dialog = root.querySelector("#floor-ask");
    this.facts = new Map([...this.box.querySelectorAll("[data-fact]")].map((element) => [element.dataset.fact, element]));
    this.buttons = new Map([...this.box.querySelectorAll("[data-action]")].map((button) => [button.dataset.action, button]));
    this.steerable = steerable;
    this.phone = phone;
    this.queues = queues;
    this.row = null;
    for (const [action, button] of this.buttons) button.addEventListener("click", () => this.#begin(action));
  }

  show(row) {
    this.row = row;
    if (!row) {
      setHidden(this.box, true);
      return;
    }
    row.element.append(this.box);
    setHidden(this.box, false);
    this.refresh();
  }

  refresh() {
    if (!this.row) return;
    const call = this.row.call;
    const fact = (name, text) => setText(this.facts.get(name), text || DASH);
    fact("node", call.node);
    fact("question", call.question);
    fact("gap", call.gap_ms === undefined ? "" : `${call.gap_ms} ms, median ${call.gap_median_ms} ms`);
    fact("confidence", call.confidence === undefined ? "" : `${Math.round(call.confidence * 100)} %`);
    fact("tool", call.tool && `${call.tool.name} ${call.tool.ok ? "done" : "failed"}${call.tool.ms == null ? "" : ` in ${call.tool.ms} ms`}`);
    fact("emotion", moodDetail(call));
    fact("ruling", rulingDetail(call.ruling));
    fact("transfer", transferText(call.transfer));
    fact("recording", { on: "on", paused: "paused", off: "off" }[call.recording]);
    for (const [action, button] of this.buttons) {
      const reason = this.#hindrance(action, call);
      button.disabled = Boolean(reason);
      button.title = reason;
    }
    const paused = call.recording === "paused";
    const [pause, resume] = [this.buttons.get("pause_recording"), this.buttons.get("resume_recording")];
    setHidden(pause, paused);
    setHidden(resume, !paused);
    // One key for both.
    (paused ? resume : pause).dataset.key = "r";
    delete (paused ? pause : resume).dataset.key;
    resume.dataset.keyTitle = "Resume the recording";
  }

  #hindrance(action, call) {
    const { states, phone } = ACTIONS[action];
    if (!this.steerable) return "This desk runs without call control.";
    if (this.row.element.classList.contains("ended")) return "This call has ended.";
    if (phone && !this.phone) return "You have no phone to be called on: an admin gives your user one.";
    if (action === "whisper" && call.state !== "with_person") return "There is no person yet to whisper to: steer the agent instead.";
    if (call.state && !states.includes(call.state)) return `Not possible now: ${STATES[call.state]?.[0] ?? call.state}.`;
    if (action === "pause_recording" && call.recording !== "on") return "This call is not recorded.";
    if (action === "resume_recording" && call.recording !== "paused") return "The recording is not paused.";
    return "";
  }

  async #begin(action) {
    const row = this.row;
    const about = ACTIONS[action];
    if (!row || this.buttons.get(action).disabled) return;
    if (action === "number") {
      const found = await attempt(() => post(`/floor/calls/${row.id}/number`));
      if (found) row.reveal(found.caller);
      return;
    }
    const given = about.title ? await this.#ask(about) : {};
    if (!given) return;
    const answer = await attempt(() => post(`/floor/calls/${row.id}/${action}`, given));
    if (answer) notice(answer.detail || "Done.");
  }

  // What the supervisor gave; null when they thought better of it.
  #ask(about) {
    const part = (name) => this.dialog.querySelector(`#floor-ask-${name}`);
    const words = part("words").querySelector("textarea");
    const queue = part("queue").querySelector("select");
    setText(part("title"), about.title);
    setText(part("text"), about.ask);
    setText(part("yes"), about.yes);
    setHidden(part("words"), !about.words);
    setHidden(part("queue"), !about.queue);
    words.value = "";
    words.required = Boolean(about.words);
    queue.replaceChildren(...this.queues().map((name) => new Option(name, name)));
    queue.required = Boolean(about.queue);
    this.dialog.returnValue = "";
    this.dialog.showModal();
    (about.words ? words : about.queue ? queue : part("yes")).focus();
    return new Promise((resolve) => {
      this.dialog.addEventListener("close", () => {
        if (this.dialog.returnValue !== "yes") resolve(null);
        else resolve({ ...(about.words && { text: words.value }), ...(about.queue && { queue: queue.value }) });
      }, { once: true });
    });
  }
}

function transferText(transfer) {
  if (!transfer) return "";
  const parts = [transfer.state, transfer.queue && `queue ${transfer.queue}`];
  if (transfer.position) parts.push(`place ${transfer.position}`);
  if (transfer.expected_wait_s != null) parts.push(`about ${Math.round(transfer.expected_wait_s)} s`);
  if (transfer.member) parts.push(`to ${transfer.member}`);
  if (transfer.attempt > 1) parts.push(`attempt ${transfer.attempt}`);
  return parts.filter(Boolean).join(", ");
}
