// Every visible text of the page with the contrast (WCAG 2.1, 1.4.3) of its colour on what is painted behind it; the lowest first.
(() => {
  const spot = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const known = new Map();

  // [r, g, b, alpha], 0 to 1, of any CSS colour.
  const rgba = (css) => {
    if (!known.has(css)) {
      spot.clearRect(0, 0, 1, 1);
      spot.fillStyle = css;
      spot.fillRect(0, 0, 1, 1);
      known.set(css, [...spot.getImageData(0, 0, 1, 1).data].map((part) => part / 255));
    }
    return known.get(css);
  };
  const mix = (over, under, share) => over.slice(0, 3).map((part, place) => part * share + under[place] * (1 - share));
  const luminance = ([r, g, b]) => {
    const [red, green, blue] = [r, g, b].map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const lineage = (element) => (element ? [...lineage(element.parentElement), element] : []);

  // What is seen of a colour on an element, and what is seen behind it: backgrounds of all that it is in, and their opacity.
  const seen = (elements, colour, under) => {
    if (!elements.length) return { front: mix(colour, under, colour[3]), back: under };
    const style = getComputedStyle(elements[0]);
    const background = rgba(style.backgroundColor);
    const inner = seen(elements.slice(1), colour, mix(background, under, background[3]));
    const opacity = Number(style.opacity);
    return { front: mix(inner.front, under, opacity), back: mix(inner.back, under, opacity) };
  };

  const shown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) &&
    !element.closest(".hidden-text") && element.getBoundingClientRect().width > 0;
  const name = (element) => [element.tagName.toLowerCase(), element.id && `#${element.id}`, ...element.classList].filter(Boolean).join(".").replace(".#", "#");

  const rows = [];
  const look = (element, css, text) => {
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const { front, back } = seen(lineage(element), rgba(css), [1, 1, 1]);
    rows.push({ ratio: contrast(front, back), least: large ? 3 : 4.5, text: text.trim().slice(0, 40), on: lineage(element).slice(-3).map(name).join(" > ") });
  };

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    // Of controls that cannot be used now nothing is asked (1.4.3, inactive).
    if (!node.data.trim() || element.closest(".button:disabled, option, script, style") || !shown(element)) continue;
    look(element, getComputedStyle(element).color, node.data);
  }
  for (const field of document.querySelectorAll("input:not([type=hidden], [type=checkbox], [type=range]), select, textarea")) {
    if (field.disabled || !shown(field)) continue;
    look(field, getComputedStyle(field).color, `value of ${field.name}`);
    if (field.placeholder) look(field, getComputedStyle(field, "::placeholder").color, field.placeholder);
  }
  return rows.sort((one, other) => one.ratio / one.least - other.ratio / other.least);
})()
