// Every control that can be focused, with the contrast (WCAG 2.1, 1.4.11) of its outline on what it lies on; 0 without one.
(() => {
  const spot = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const luminance = (css) => {
    spot.fillStyle = css;
    spot.fillRect(0, 0, 1, 1);
    const [red, green, blue] = [...spot.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    for (let place = element.parentElement; place; place = place.parentElement) {
      const colour = getComputedStyle(place).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "white";
  };
  const before = document.activeElement;
  const rows = [];
  for (const element of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")) {
    if (element.disabled || !element.checkVisibility() || element.closest("dialog:not([open])")) continue;
    element.focus({ focusVisible: true, preventScroll: true });
    if (document.activeElement !== element) continue;
    const style = getComputedStyle(element);
    const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const [low, high] = [luminance(style.outlineColor), luminance(behind(element))].sort((a, b) => a - b);
    rows.push({ ratio: drawn ? (high + 0.05) / (low + 0.05) : 0, least: 3, text: (element.textContent || element.name || "").trim().slice(0, 40), on: element.tagName });
  }
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return rows.sort((one, other) => one.ratio - other.ratio);
})()
