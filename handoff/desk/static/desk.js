// What every page has: times in the reader's zone, shortcuts, the list of shortcuts behind "?". Not to be imported: it acts when it is loaded.
import { localTimes } from "./times.js";

const REMEMBERED = "single-keys";
// A box that is ticked takes no letters.
const writing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;

function keyed() {
  return [...document.querySelectorAll("[data-key]")].filter((element) => element.checkVisibility?.() ?? true);
}

function act(element) {
  if (element.matches("input, textarea, select")) element.focus();
  else element.click();
}

function showKeys() {
  const dialog = document.getElementById("keys");
  const list = dialog.querySelector("dl");
  list.replaceChildren();
  const rows = [["?", "This list"], ["Esc", "Close, leave a field"], ...keyed().map((element) => [element.dataset.key, element.dataset.keyTitle ?? element.textContent.trim()])];
  for (const [key, title] of rows) {
    const term = document.createElement("dt");
    for (const part of key.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = part;
      term.append(cap, " ");
    }
    const meaning = document.createElement("dd");
    meaning.textContent = title;
    list.append(term, meaning);
  }
  dialog.showModal();
}

// Who dictates, or leans on a key, may have none of it: this browser remembers.
const wanted = document.getElementById("keys-wanted");
let begun = "";
let forget = 0;

function showWanted() {
  for (const element of document.querySelectorAll("[data-key]")) {
    if (wanted.checked && !element.dataset.key.includes(" ")) element.setAttribute("aria-keyshortcuts", element.dataset.key);
    else element.removeAttribute("aria-keyshortcuts");
  }
}

wanted.checked = localStorage.getItem(REMEMBERED) !== "off";
wanted.addEventListener("change", () => {
  localStorage.setItem(REMEMBERED, wanted.checked ? "on" : "off");
  showWanted();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && writing(event.target)) event.target.blur();
  if (!wanted.checked || writing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    event.preventDefault();
    showKeys();
    return;
  }
  const pressed = begun ? `${begun} ${event.key}` : event.key;
  begun = "";
  clearTimeout(forget);
  const elements = keyed();
  const found = elements.find((element) => element.dataset.key === pressed && !element.disabled);
  if (found) {
    event.preventDefault();
    act(found);
  } else if (elements.some((element) => element.dataset.key.startsWith(`${pressed} `))) {
    begun = pressed;
    forget = setTimeout(() => { begun = ""; }, 1500);
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

showWanted();
document.getElementById("keys-button")?.addEventListener("click", showKeys);
localTimes();
