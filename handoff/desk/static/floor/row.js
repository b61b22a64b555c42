// One live call: made once, then only what changed is touched.
import { isJudged, moodText, moodTone, needsAttention, rulingDetail } from "./mood.js";
import { DASH, STATES, keep, node, setHidden, setSince, setText, visible } from "./text.js";

const MODES = { listen: "listening", whisper: "whispering", barge: "in the conversation", take_over: "took over" };

export class CallRow {
  constructor(id, onSelect) {
    this.id = id;
    this.call = { id, turns: [], partial: "" };
    this.turns = new Map();
    this.wholeNumber = null;
    this.element = node("li", "floor-call panel");
    this.element.dataset.id = id;
    this.head = node("button", "floor-head");
    this.head.type = "button";
    this.head.addEventListener("click", () => onSelect(this));
    this.state = node("span", "badge");
    this.since = node("span", "floor-since");
    this.caller = node("bdi", "floor-caller");
    this.about = node("span", "muted floor-about");
    this.length = node("span", "muted floor-since");
    this.since.title = "in this state";
    this.length.title = "length of the call";
    this.marks = node("span", "floor-marks");
    this.mood = node("span", "badge floor-mood");
    this.mood.hidden = true;
    this.head.append(this.state, this.since, this.caller, this.about, this.mood, this.marks, this.length);
    this.head.setAttribute("aria-expanded", "false");
    this.words = node("ol", "transcript floor-words");
    this.words.setAttribute("aria-relevant", "additions");
    this.now = node("li", "turn caller floor-now");
    this.partial = node("div", "body");
    this.now.setAttribute("aria-live", "off"); // changes with every word
    this.now.append(this.partial);
    this.now.hidden = true;
    this.words.append(this.now);
    this.element.append(this.head, this.words);
  }

  patch(fields) {
    for (const [name, value] of Object.entries(fields)) {
      if (value === null) delete this.call[name];
      else this.call[name] = value;
    }
    const changed = (...names) => names.some((name) => name in fields);
    if (changed("state")) this.#showState();
    if (changed("state_since")) setSince(this.since, this.call.state_since);
    if (changed("started")) setSince(this.length, this.call.started);
    if (changed("caller")) this.#showCaller();
    if (changed("number", "agent", "version", "language")) this.#showAbout();
    if (changed("mood", "state")) this.#showMood();
    if (changed("flags", "listeners", "secret", "recording", "ruling", "audio")) this.#showMarks();
    if (changed("mood", "state", "flags", "ruling")) this.element.classList.toggle("attention", needsAttention(this.call));
    if (changed("turns")) this.#showTurns();
    if (changed("partial")) {
      setText(this.partial, this.call.partial ? `${this.call.partial} …` : "");
      setHidden(this.now, !this.call.partial);
    }
  }

  select(selected) {
    this.element.classList.toggle("selected", selected);
    this.head.setAttribute("aria-expanded", String(selected));
    this.words.setAttribute("aria-live", selected ? "polite" : "off");
  }

  end() {
    this.element.classList.add("ended");
    this.#badge("ended", "");
    setHidden(this.now, true);
  }

  #badge(text, tone) {
    setText(this.state, text);
    this.state.className = tone ? `badge ${tone}` : "badge";
  }

  #showState() {
    const [text, tone] = STATES[this.call.state] ?? [this.call.state ?? DASH, ""];
    this.#badge(text, tone);
  }

  // Patches carry the masked number only: a number once asked for stays.
  reveal(number) {
    this.wholeNumber = number;
    this.#showCaller();
  }

  #showCaller() {
    setText(this.caller, (this.wholeNumber ?? this.call.caller) || "withheld");
  }

  #showAbout() {
    const { number, agent, version, language } = this.call;
    const who = agent ? `${agent}${version ? ` ${version}` : ""}` : DASH;
    setText(this.about, [`to ${number ?? DASH}`, who, language].filter(Boolean).join(" · "));
  }

  #showMood() {
    const { mood, state } = this.call;
    setHidden(this.mood, !mood);
    if (!mood) return;
    const judged = isJudged(state);
    setText(this.mood, `${judged ? "" : "was "}${moodText(mood, judged)}`);
    this.mood.className = `badge floor-mood ${moodTone(mood)}`;
    this.mood.title = `Mood of the caller, by ${mood.by}${judged ? "" : "; not judged any more"}`;
  }

  #showMarks() {
    const marks = [];
    const { ruling } = this.call;
    if (ruling) marks.push([`${ruling.shadow ? "watched" : "rule"}: ${ruling.rule}`, ruling.shadow ? "" : "accent", rulingDetail(ruling)]);
    for (const { name, mode } of this.call.listeners ?? []) marks.push([`${MODES[mode] ?? mode}: ${name}`, "accent"]);
    for (const flag of this.call.flags ?? []) marks.push([flag, "bad"]);
    if (this.call.audio) marks.push([this.call.audio, "bad"]);
    if (this.call.secret) marks.push(["keying a secret: nothing is shown", "warn"]);
    if (this.call.recording === "paused") marks.push(["recording paused", "warn"]);
    this.marks.replaceChildren(...marks.map(([text, tone, title]) => {
      const mark = node("span", `badge ${tone}`, text);
      if (title) mark.title = visible(title);
      return mark;
    }));
  }

  #showTurns() {
    // The words of now stay behind the turns.
    this.now.remove();
    keep(this.words, this.turns, this.call.turns ?? [], (turn) => turn.number, makeTurn, patchTurn);
    this.words.append(this.now);
  }
}

function makeTurn(turn) {
  const made = node("li", `turn ${turn.who === "caller" ? "caller" : "agent"}`);
  const body = node("div", "body");
  body.append(node("span", "hidden-text", turn.who === "caller" ? "Caller: " : "Agent: "), node("span"), node("span", "unheard"));
  made.append(body);
  return made;
}

function patchTurn(made, turn) {
  const [, heard, unheard] = made.firstElementChild.children;
  const cut = turn.who === "agent" && turn.interrupted && typeof turn.heard === "string" && turn.text?.startsWith(turn.heard);
  setText(heard, cut ? turn.heard : turn.text);
  setText(unheard, cut ? turn.text.slice(turn.heard.length) : "");
}
