// Who comes and who rings, for those who have the page read aloud: said at once, and once.

const words = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";

function say(id, text) {
  const line = document.getElementById(id);
  if (line.textContent !== text) line.textContent = text;
}

export class Said {
  rings({ name, number }) {
    say("said-ring", `The phone rings: ${[name, number].filter(Boolean).join(", ") || "number withheld"}.`);
  }

  // The phone rings no more.
  quiet() {
    say("said-ring", "");
  }

  card({ id, coming }, article) {
    if (!coming) {
      this.told = null;
      say("said-card", "");
    } else if (this.told !== id) {
      this.told = id;
      const parts = ["header h3", ".card .badge.accent", ".summary", ".note"].map((part) => words(article.querySelector(part)));
      say("said-card", `The card of the next caller is here: ${parts.filter(Boolean).join(". ")}`);
    }
  }
}
