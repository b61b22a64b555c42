// Brings a list up to date with fresh rows. What is the same stays where it is: whoever has the page read aloud hears the new rows only.
import { localTimes } from "./times.js";

const rowsOf = (html) => {
  const fresh = document.createElement("template");
  fresh.innerHTML = html; // escaped by the server
  return [...fresh.content.children];
};

export function patchList(list, html) {
  const rows = rowsOf(html);
  rows.forEach((row, place) => {
    localTimes(row);
    const old = list.children[place];
    if (!old) list.append(row);
    else if (old.id !== row.id || old.textContent !== row.textContent) old.replaceWith(row);
  });
  while (list.children.length > rows.length) list.lastElementChild.remove();
}
