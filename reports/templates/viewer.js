// Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
// The slices of one cell side by side: another slice, window and level, zoom, flicker. Without this script, and on paper,
// the page shows its worst, median and best slice as pictures (templates/blocks/pictures.html).
"use strict";
(() => {
  const HIGHEST_ZOOM = 16;
  const SHARP_ZOOM = 4; // from here on pixels show as squares
  const ALTERNATE_MS = 700;

  const fill = (pattern, values) =>
    pattern.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

  // The palette of maps, 256 colours, between the stops of the page's own colour scale.
  const palette = () => {
    const stops = [...document.querySelectorAll("#scale-map stop")].map((stop) => {
      const colour = parseInt(stop.getAttribute("stop-color").slice(1), 16);
      return [colour >> 16, (colour >> 8) & 255, colour & 255];
    });
    return Array.from({ length: 256 }, (_, level) => {
      const place = (level / 255) * (stops.length - 1);
      const below = Math.min(Math.floor(place), stops.length - 2);
      return stops[below].map((part, i) => part + (stops[below + 1][i] - part) * (place - below));
    });
  };

  // What reports/layers.h packs: layers of 16 bits, as differences to the mean of the left and the upper neighbour.
  const unpack = async (base64, width, height) => {
    const packed = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const pixels = width * height;
    const layers = [];
    for (let first = 0; first < bytes.length / 2; first += pixels) {
      const layer = new Uint16Array(pixels);
      for (let i = 0; i < pixels; ++i) {
        const folded = bytes[first + i] | (bytes[first + i + bytes.length / 2] << 8);
        const left = i % width > 0 ? layer[i - 1] : 0;
        const above = i >= width ? layer[i - width] : 0;
        layer[i] = ((left + above) >> 1) + (folded & 1 ? -((folded + 1) >> 1) : folded >> 1);
      }
      layers.push(layer);
    }
    return layers;
  };

  // One slice with its layers by name, unpacked when it is first shown.
  class Slice {
    constructor(item) {
      this.data = item.dataset;
      this.width = Number(item.dataset.width);
      this.height = Number(item.dataset.height);
      this.white = Number(item.dataset.white);
      this.boxes = [...item.children].map((box) => ({ ...box.dataset, text: box.textContent }));
    }
    async load() {
      if (this.layers) return this;
      const names = [...this.data.images.split(" "), "inside", "ssim_map"];
      if (names.includes("other")) names.push("other_ssim_map");
      const layers = await unpack(this.data.layers, this.width, this.height);
      this.layers = Object.fromEntries(names.map((name, i) => [name, layers[i]]));
      return this;
    }
  }

  class Viewer {
    constructor(root, colours) {
      this.root = root;
      this.texts = root.dataset;
      this.colours = colours;
      this.slices = [...root.querySelectorAll(".layers li")].map((item) => new Slice(item));
      this.screens = [...root.querySelectorAll("[data-screen]")].map((figure) => this.screen(figure));
      this.pictures = root.querySelector(".screens");
      this.status = root.querySelector(".viewer-status");
      this.flickered = false;
      this.resetView();
      this.listen();
      root.hidden = false;
      root.closest("[data-viewer]").classList.add("live");
      this.go(Number(root.querySelector("[data-jump]").dataset.jump));
    }

    screen(figure) {
      return {
        kind: figure.dataset.screen,
        alt: figure.dataset.alt,
        canvas: figure.querySelector("canvas"),
        boxes: figure.querySelector(".boxes"),
        name: figure.querySelector(".panel-name"),
        ownName: figure.querySelector(".panel-name").textContent,
        value: figure.querySelector(".panel-value"),
        pixels: document.createElement("canvas"), // one to one; `canvas` shows a part of it
      };
    }

    resetView() {
      this.window = 100; // percent of white
      this.level = 50;
      this.zoom = 1;
      this.centre = { x: 0.5, y: 0.5 };
    }

    // --- Which slice

    get slice() {
      return this.slices[this.index];
    }

    // Slices of one volume lie beside each other.
    volume() {
      const same = (slice) => slice.data.volume === this.slices[this.wanted].data.volume;
      const first = this.slices.findIndex(same);
      return { first, count: this.slices.filter(same).length };
    }

    // The old slice stays until the new one is unpacked; who is faster than that goes on from where he wants to be.
    async go(index) {
      this.wanted = index;
      this.pictures.setAttribute("aria-busy", "true");
      await this.slices[index].load();
      if (this.wanted !== index) return;
      this.index = index;
      this.show();
    }

    step(by) {
      const { first, count } = this.volume();
      this.go(clamp(this.wanted + by, first, first + count - 1));
    }

    // --- What is shown

    // While it flickers, the other run, or the label, stands where the reconstruction does.
    get alternative() {
      return this.slice.layers.other ? "other" : "label";
    }
    get reconstruction() {
      return this.flickered ? this.alternative : "reconstruction";
    }

    show() {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.draw());
    }

    draw() {
      for (const screen of this.screens) {
        this.paint(screen);
        this.project(screen);
        this.describe(screen);
      }
      this.showTools();
      this.showReadout();
      if (this.wanted === this.index) this.pictures.removeAttribute("aria-busy");
    }

    paint(screen) {
      const { width, height } = this.slice;
      const picture = new ImageData(width, height);
      if (screen.kind === "error") this.paintError(picture.data);
      else if (screen.kind === "ssim_map") this.paintMap(picture.data);
      else this.paintGrey(picture.data, screen.kind === "reconstruction" ? this.reconstruction : screen.kind);
      screen.pixels.width = width;
      screen.pixels.height = height;
      screen.pixels.getContext("2d").putImageData(picture, 0, 0);
    }

    paintGrey(rgba, name) {
      const layer = this.slice.layers[name];
      const low = ((this.level - this.window / 2) / 100) * this.slice.white;
      const scale = 255 / ((this.window / 100) * this.slice.white);
      for (let i = 0; i < layer.length; ++i) {
        rgba[4 * i] = rgba[4 * i + 1] = rgba[4 * i + 2] = (layer[i] - low) * scale; // clamped
        rgba[4 * i + 3] = 255;
      }
    }

    paintError(rgba) {
      const { label, inside, [this.reconstruction]: image } = this.slice.layers;
      const scale = (255 * Number(this.texts.gain)) / this.slice.white;
      this.paintColours(rgba, (i) => (inside[i] ? Math.abs(image[i] - label[i]) * scale : 0));
    }

    paintMap(rgba) {
      const { layers } = this.slice;
      if (this.reconstruction === "label") this.paintColours(rgba, () => 0);
      else {
        const map = this.reconstruction === "other" ? layers.other_ssim_map : layers.ssim_map;
        this.paintColours(rgba, (i) => map[i]);
      }
    }

    paintColours(rgba, level) {
      for (let i = 0; i < rgba.length / 4; ++i) {
        const [red, green, blue] = this.colours[clamp(Math.round(level(i)), 0, 255)];
        rgba[4 * i] = red;
        rgba[4 * i + 1] = green;
        rgba[4 * i + 2] = blue;
        rgba[4 * i + 3] = 255;
      }
    }

    // The part of the slice that zoom and centre leave, in its pixels.
    part() {
      const { width, height } = this.slice;
      const [w, h] = [width / this.zoom, height / this.zoom];
      const half = 0.5 / this.zoom;
      this.centre.x = clamp(this.centre.x, half, 1 - half);
      this.centre.y = clamp(this.centre.y, half, 1 - half);
      return { x: this.centre.x * width - w / 2, y: this.centre.y * height - h / 2, w, h };
    }

    project({ canvas, boxes, pixels, kind }) {
      const { width, height } = this.slice;
      const scale = Math.max(1, Math.round(768 / Math.max(width, height)));
      canvas.width = width * scale;
      canvas.height = height * scale;
      const { x, y, w, h } = this.part();
      const context = canvas.getContext("2d");
      context.imageSmoothingEnabled = this.zoom < SHARP_ZOOM;
      context.imageSmoothingQuality = "high";
      context.drawImage(pixels, x, y, w, h, 0, 0, canvas.width, canvas.height);
      boxes.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
      const shown = this.hideBoxes || kind === "error" || kind === "ssim_map" ? [] : this.slice.boxes;
      boxes.replaceChildren(...shown.map((box) => this.rectangle(box)));
    }

    rectangle({ left, top, width, height, text }) {
      const make = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
      const [rect, title] = [make("rect"), make("title")];
      for (const [name, value] of Object.entries({ x: left, y: top, width, height })) rect.setAttribute(name, value);
      title.textContent = text;
      rect.append(title);
      return rect;
    }

    describe(screen) {
      const { data } = this.slice;
      const flickers = screen.kind === "reconstruction" && this.flickered;
      const ssim = this.reconstruction === "other" ? data.other : this.flickered ? "" : data.ssim;
      const values = {
        input: data.zeroFilled,
        reconstruction: ssim,
        error: this.flickered ? "" : data.error,
      };
      screen.name.textContent = flickers ? this.texts.alternative : screen.ownName;
      screen.value.textContent = values[screen.kind] ?? "";
      const words = { ...data, cell: this.texts.cell, value: data.ssim.replace("SSIM ", "") };
      screen.canvas.setAttribute("aria-label", (flickers ? `${this.texts.alternative}: ` : "") + fill(screen.alt, words));
    }

    // --- What the tools and the words say

    partOf(name) {
      return this.root.querySelector(`[data-show=${name}]`);
    }

    showTools() {
      const { first, count } = this.volume();
      const percent = (value) => fill(this.texts.percent, { value: Math.round(value) });
      const place = fill(this.texts.sliceValue, this.slice.data);
      const set = (name, value, text) => {
        const input = this.root.querySelector(`[data-set=${name}]`);
        if (name === "slice") input.max = count - 1;
        input.value = value;
        input.setAttribute("aria-valuetext", text);
        this.partOf(name).textContent = text;
      };
      set("slice", this.index - first, place);
      set("window", this.window, percent(this.window));
      set("level", this.level, percent(this.level));
      this.button("previous").disabled = this.index === first;
      this.button("next").disabled = this.index === first + count - 1;
      this.press("flicker", this.flickered);
      this.press("alternate", Boolean(this.alternation));
      this.press("boxes", !this.hideBoxes);
      for (const jump of this.root.querySelectorAll("[data-jump]")) {
        if (Number(jump.dataset.jump) === this.index) jump.setAttribute("aria-current", "true");
        else jump.removeAttribute("aria-current");
      }
    }

    button(name) {
      return this.root.querySelector(`[data-do=${name}]`);
    }
    press(name, on) {
      this.button(name)?.setAttribute("aria-pressed", on);
    }

    showReadout() {
      const { data, boxes } = this.slice;
      this.partOf("place").textContent = data.place;
      this.root.querySelector(".box-list").replaceChildren(
        ...boxes.map((box) => Object.assign(document.createElement("li"), { textContent: box.text })),
      );
      // Said when a drag rests, not at each of its steps.
      clearTimeout(this.saying);
      this.saying = setTimeout(() => {
        const numbers = { window: Math.round(this.window), level: Math.round(this.level) };
        this.status.textContent = fill(this.texts.status, { ...data, ...numbers });
      }, 200);
    }

    // --- What the reader does

    setGrey(window, level) {
      this.window = clamp(window, 2, 200);
      this.level = clamp(level, 0, 150);
      this.show();
    }

    // `at`: the point, in shares of the picture, that stays where it is.
    setZoom(zoom, at = { x: 0.5, y: 0.5 }) {
      const before = this.zoom;
      this.zoom = clamp(zoom, 1, HIGHEST_ZOOM);
      const change = 1 / before - 1 / this.zoom;
      this.pan((at.x - 0.5) * change * this.zoom, (at.y - 0.5) * change * this.zoom);
    }

    // By shares of what is visible.
    pan(x, y) {
      this.centre.x += x / this.zoom;
      this.centre.y += y / this.zoom;
      this.show();
    }

    flicker(on = !this.flickered) {
      this.flickered = on;
      this.show();
    }

    alternate() {
      clearInterval(this.alternation);
      this.alternation = this.alternation ? null : setInterval(() => this.flicker(), ALTERNATE_MS);
      this.flicker(Boolean(this.alternation));
    }

    act(name) {
      const acts = {
        previous: () => this.step(-1),
        next: () => this.step(1),
        flicker: () => this.flicker(),
        alternate: () => this.alternate(),
        boxes: () => ((this.hideBoxes = !this.hideBoxes), this.show()),
        smaller: () => this.setZoom(this.zoom / 1.5),
        larger: () => this.setZoom(this.zoom * 1.5),
        reset: () => (this.resetView(), this.show()),
        first: () => this.go(this.volume().first),
        last: () => this.go(this.volume().first + this.volume().count - 1),
      };
      acts[name]();
    }

    key(event) {
      const { key, shiftKey } = event;
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const acts = {
        ArrowLeft: "previous", ArrowUp: "previous", PageUp: "previous",
        ArrowRight: "next", ArrowDown: "next", PageDown: "next",
        Home: "first", End: "last",
        f: "flicker", b: "boxes", r: "reset", "+": "larger", "=": "larger", "-": "smaller",
      };
      const pans = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };
      const sign = shiftKey ? -1 : 1;
      const lower = key.toLowerCase();
      if (shiftKey && pans[key]) this.pan(...pans[key]);
      else if (lower === "w") this.setGrey(this.window + 5 * sign, this.level);
      else if (lower === "l") this.setGrey(this.window, this.level + 2.5 * sign);
      else if (acts[key] ?? acts[lower]) this.act(acts[key] ?? acts[lower]);
      else return;
      event.preventDefault();
    }

    listen() {
      this.root.addEventListener("click", ({ target }) => {
        const { jump, do: name } = target.closest("button")?.dataset ?? {};
        if (jump) this.go(Number(jump));
        if (name) this.act(name);
      });
      this.root.addEventListener("input", ({ target }) => {
        const value = Number(target.value);
        if (target.dataset.set === "slice") this.go(this.volume().first + value);
        if (target.dataset.set === "window") this.setGrey(value, this.level);
        if (target.dataset.set === "level") this.setGrey(this.window, value);
      });
      this.pictures.addEventListener("keydown", (event) => this.key(event));
      for (const { canvas } of this.screens) this.listenTo(canvas.parentElement);
    }

    listenTo(glass) {
      const at = (event) => {
        const box = glass.getBoundingClientRect();
        return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
      };
      let last = null;
      glass.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        last = at(event);
        glass.setPointerCapture(event.pointerId);
        this.pictures.focus({ preventScroll: true });
        event.preventDefault();
      });
      glass.addEventListener("pointermove", (event) => {
        if (!last) return;
        const now = at(event);
        const [x, y] = [now.x - last.x, now.y - last.y];
        last = now;
        // As in radiology: to the right a wider window, down a higher level, which darkens.
        if (event.shiftKey) this.pan(-x, -y);
        else this.setGrey(this.window + 150 * x, this.level + 100 * y);
      });
      for (const end of ["pointerup", "pointercancel"]) glass.addEventListener(end, () => (last = null));
      glass.addEventListener("dblclick", () => this.act("reset"));
      // A page that scrolls may not stop at a picture: the wheel zooms only where the focus is.
      glass.addEventListener(
        "wheel",
        (event) => {
          if (!event.ctrlKey && !this.pictures.contains(document.activeElement)) return;
          event.preventDefault();
          this.setZoom(this.zoom * Math.exp(-event.deltaY / 400), at(event));
        },
        { passive: false },
      );
    }
  }

  if (typeof DecompressionStream === "undefined") return; // the pictures stay
  const colours = palette();
  for (const root of document.querySelectorAll(".viewer")) new Viewer(root, colours);
})();
