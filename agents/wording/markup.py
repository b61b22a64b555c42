"""Takes away what is meant for the eye: Markdown, HTML, SSML, code, emoji, control characters."""

import html
import re
import unicodedata
from typing import Final

_SUSPECT: Final = re.compile(r"[<>&*_`~#|\[\]\\\n\r\t^•‣◦·]|^\s*[-+–—]|--|[^\x20-\x7e]")
"""Without any of these a text holds nothing for the eye."""
_FENCE: Final = re.compile(r"(```|~~~).*?(?:\1|\Z)", re.DOTALL)
_DROPPED: Final = re.compile(
    r"<(script|style|head|svg|math)\b[^<>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!\[?[a-zA-Z][^<>]*>", re.DOTALL | re.I
)
_BLOCK: Final = re.compile(r"</?(?:p|div|br|li|ul|ol|tr|h[1-6]|table|s|break|blockquote|section)\b[^<>]*>", re.I)
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*(?:>|\Z)")
_LINK: Final = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\s+\"[^\"]*\")?\s*\)|\[[^\[\]]*\])")
_RULE_LINE: Final = re.compile(r"[\s|:=*_+-]*")
_LEAD: Final = re.compile(r"\s*(?:(?:[-*+•‣◦·>]|#{1,6})\s+|(?:\[[ xX]\])\s+)+")
_EMPHASIS: Final = re.compile(r"(\*{1,3}|~~|(?<!\w)_{1,3})(?=\S)(.+?)(?<=\S)\1(?!\w)")
_TERMINAL: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
"""Colours of a terminal, as tools write them into their results."""
_ESCAPE: Final = re.compile(r"\\([^\w\s])")
_ENDS: Final = re.compile(r"[.!?:;,]$")
_SILENT: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk", "Zl", "Zp"})
_SMART: Final = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "…": "...",
        "–": "-",
        "—": " - ",
        "‑": "-",
        "−": "-",
        "\u00a0": " ",
    }
)


def without_markup(text: str) -> str:
    """``text`` on one line, with what it says and nothing of how it looks."""
    if not _SUSPECT.search(text):
        return text
    plain = html.unescape(text) if "&" in text else text
    plain = _FENCE.sub(" ", _TERMINAL.sub(" ", plain))
    if "<" in plain:
        plain = _TAG.sub(" ", _BLOCK.sub("\n", _DROPPED.sub(" ", plain)))
    plain = _LINK.sub(r"\1", plain)
    plain = _ESCAPE.sub(r"\1", plain.translate(_SMART)).replace("`", "")
    plain = _lines(plain)
    if not plain.isascii():
        plain = _audible(plain)
    return plain


def _lines(text: str) -> str:
    """Bullets, headings and table rows as sentences behind one another."""
    lines = [_line(line) for line in re.split(r"[\n\r\v\f\u2028\u2029\x85]+", text)]
    kept = [line for line in lines if line]
    ended = [line if _ENDS.search(line) else f"{line}." for line in kept[:-1]]
    return " ".join([*ended, *kept[-1:]])


def _line(line: str) -> str:
    if _RULE_LINE.fullmatch(line):
        return ""
    line = _LEAD.sub("", line, count=1) if _LEAD.match(line) else line
    if line.count("|") >= 2 or line.lstrip().startswith("|"):
        line = ", ".join(cell.strip() for cell in line.split("|") if cell.strip())
    for _ in range(3):
        line, found = _EMPHASIS.subn(r"\2", line)
        if not found:
            break
    return " ".join(line.split())


def _audible(text: str) -> str:
    """Without emoji and control characters; fractions and superscripts written out."""
    out = []
    for c in text:
        if c.isascii():
            out.append(c)
        elif unicodedata.category(c) not in _SILENT or c in "°":
            out.append(_fraction(c))
        else:
            out.append(" ")
    return "".join(out)


def _fraction(c: str) -> str:
    """``½`` as `` 1/2``."""
    if unicodedata.category(c) == "No" and "⁄" in (form := unicodedata.normalize("NFKC", c)):
        return " " + form.replace("⁄", "/")
    return c
