// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// Faults of the page that it is evaluated in, one line each: what is said of pictures and controls, the order of
// headings, contrast as it is computed (WCAG 2.1, 1.4.3 and 1.4.11), and text that leaves the page.
(() => {
  const faults = [];
  const isShown = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.display === "none" || style.visibility === "hidden" || at.getAttribute?.("aria-hidden") === "true") return false;
    }
    return element.getClientRects().length > 0;
  };
  const all = (selector) => [...document.querySelectorAll(selector)].filter(isShown);
  const said = (element) => `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}"> "${(element.textContent ?? "").trim().slice(0, 40)}"`;

  if (!document.documentElement.lang) faults.push("no language");
  if (!document.title) faults.push("no title");
  for (const image of all("img")) if (!image.alt.trim()) faults.push("a picture without alternative text");
  for (const image of all("[role=img]")) if (!image.getAttribute("aria-label")?.trim()) faults.push(`no label: ${said(image)}`);
  for (const table of all("table")) if (!table.querySelector("th[scope]")) faults.push(`no heads of columns or rows: ${said(table)}`);
  for (const region of all("[role=region], [role=group], nav")) if (!region.getAttribute("aria-label")) faults.push(`no label: ${said(region)}`);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids)) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`two elements are called ${id}`);

  let level = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) faults.push(`h${next} follows h${level}: ${said(heading)}`);
    level = next;
  }
  if (all("h1").length !== 1) faults.push(`${all("h1").length} headings of the first level`);

  // Any CSS colour as red, green, blue and opacity: a canvas knows them all.
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const colour = (text) => {
    if (!known.has(text)) {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = text;
      context.fillRect(0, 0, 1, 1);
      known.set(text, [...context.getImageData(0, 0, 1, 1).data]);
    }
    return known.get(text);
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((part, i) => (part * a + below[i] * (255 - a)) / 255);
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(colour(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const looked = new Set();
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || looked.has(element) || !isShown(element) || element.closest("button:disabled, title, script, style")) continue;
    looked.add(element);
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const ink = colour(element.namespaceURI.endsWith("svg") ? style.fill : style.color);
    const below = ground(element);
    const found = contrast(over(ink, below), below);
    if (found < needed) faults.push(`contrast ${found.toFixed(2)}, ${needed} is needed: ${said(element)}`);
  }
  for (const control of all("button, input")) {
    const style = getComputedStyle(control);
    const edge = control.tagName === "INPUT" ? style.accentColor : style.borderTopColor;
    const found = contrast(over(colour(edge), ground(control)), ground(control.parentElement));
    if (found < 3 && !control.disabled) faults.push(`contrast ${found.toFixed(2)} of an edge, 3 is needed: ${said(control)}`);
    const { width, height } = control.getBoundingClientRect();
    if (control.tagName === "BUTTON" && Math.min(width, height) < 24) faults.push(`smaller than 24 pixels: ${said(control)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is ${document.documentElement.scrollWidth} pixels wide, the window ${innerWidth}`);
  return faults;
})();
