// Small things that every part of the floor page uses: nodes, words, running times.

export const DASH = "–";

const turning = /[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

// Text in which nothing hides: marks that turn the direction of text are shown by their code.
export const visible = (text) =>
  String(text ?? "").replace(turning, (mark) => `⟨U+${mark.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

export function node(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = visible(text);
  return made;
}

// Touches the page only when something is different.
export function setText(element, text) {
  const shown = visible(text);
  if (element.textContent !== shown) element.textContent = shown;
}

export function setHidden(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

export const STATES = {
  arriving: ["arriving", ""],
  talking: ["with the AI", "accent"],
  waiting: ["waits for a person", "warn"],
  ringing: ["ringing a person", "warn"],
  briefing: ["briefing a person", "warn"],
  with_person: ["with a person", "good"],
  ending: ["ending", ""],
};

export const MEMBER_STATES = {
  available: ["available", "good"],
  ringing: ["ringing", "warn"],
  on_call: ["on a call", "accent"],
  wrap_up: ["wrap-up", "accent"],
  paused: ["paused", "warn"],
  unavailable: ["logged out", ""],
};

// The server's clock, in Unix seconds.
let ahead = 0;
export function serverTime(now) {
  ahead = now - Date.now() / 1000;
}

function lasting(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function showSince(element, now) {
  const text = element.dataset.since ? lasting(now - Number(element.dataset.since)) : DASH;
  if (element.textContent !== text) element.textContent = text;
}

// A running time; null: none.
export function setSince(element, since) {
  const value = since === null || since === undefined ? "" : String(since);
  if (element.dataset.since === value) return;
  element.dataset.since = value;
  showSince(element, Date.now() / 1000 + ahead);
}

export function tick() {
  const now = Date.now() / 1000 + ahead;
  for (const element of document.querySelectorAll("[data-since]")) showSince(element, now);
}

export const percent = (share) => (share === null || share === undefined ? DASH : `${Math.round(share * 100)} %`);
export const seconds = (value) => (value === null || value === undefined ? DASH : `${Math.round(value)} s`);

// Keeps the children of `list` in the order of `items`, made once and then patched.
export function keep(list, known, items, keyOf, make, patch) {
  const wanted = new Set(items.map(keyOf));
  for (const [key, child] of known) {
    if (wanted.has(key)) continue;
    child.remove();
    known.delete(key);
  }
  let place = list.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = known.get(key);
    if (!child) {
      child = make(item);
      known.set(key, child);
    }
    patch(child, item);
    if (child === place) place = place.nextElementSibling;
    else list.insertBefore(child, place);
  }
}
