# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""The HTML report in headless Chromium: what it asks for and complains of, the viewer by mouse and by keyboard, paper,
accessibility. First every check is shown to notice a fault, on a page that has it.

  report_in_browser.py PROGRAM [SCREENSHOTS]    exits 77 where Chromium, NumPy or h5py is missing
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import h5py  # noqa: F401  sample_project.py needs both
    import numpy  # noqa: F401
except ImportError:
    sys.exit(77)
if not shutil.which("chromium"):
    sys.exit(77)

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
from devtools import Browser  # noqa: E402
from tagged_pdf import TaggedPdf  # noqa: E402

ACCESSIBILITY = (HERE / "accessibility.js").read_text()
MOST_BYTES = 15_000_000
VIEWER = "document.querySelector('.viewer')"
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)
        print(f"FAILED: {message}", file=sys.stderr)


def expect_none(faults, where):
    for fault in faults:
        expect(False, f"{where}: {fault}")


# --- What is looked at. Each returns its faults.


def unnamed_nodes(page):
    """Controls and pictures that a screen reader would not name, in the tree that it is given."""
    roles = {"button", "slider", "link", "image", "region", "navigation", "table"}
    faults = []
    for node in page.call("Accessibility.getFullAXTree")["nodes"]:
        role = node.get("role", {}).get("value")
        if not node.get("ignored") and role in roles and not node.get("name", {}).get("value", "").strip():
            faults.append(f"a {role} without a name")
    return faults


FOCUSED = """(() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  const all = [...document.querySelectorAll("*")];
  return { index: all.indexOf(at), tag: at.tagName, text: at.textContent.trim().slice(0, 30),
           outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
           seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth };
})()"""


def focus_faults(page):
    """Tab through the whole page: in its order, each place outlined and in sight."""
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    faults, before, places = [], -1, 0
    while places < 400:
        page.key("Tab")
        at = page.evaluate(FOCUSED)
        if at["tag"] == "BODY" or at["index"] <= before:
            if at["tag"] != "BODY" and places < page.evaluate("document.querySelectorAll('button:enabled, a[href], input').length"):
                faults.append(f"the focus goes back to {at['tag']} {at['text']}")
            break
        before = at["index"]
        places += 1
        if not at["outlined"]:
            faults.append(f"the focus is not shown on {at['tag']} {at['text']}")
        if not at["seen"]:
            faults.append(f"the focus is out of sight on {at['tag']} {at['text']}")
    if places < 5:
        faults.append(f"only {places} places take the focus")
    return faults


def accessibility_faults(page):
    page.settle()
    return page.evaluate(ACCESSIBILITY) + unnamed_nodes(page)


# --- A page with every fault

BAD_PAGE = """<!DOCTYPE html><title></title><style>
body { font: 16px sans-serif } :focus { outline: none } .block { height: 200mm; background: #eee }</style>
<img src="http://127.0.0.1:9/beacon.png"><h1>One</h1><h3>Three</h3><p style="color: #999">pale</p>
<button></button><button>a</button><button>b</button><a href="#x">c</a><a href="#x">d</a><div style="width: 3000px">wide</div>
<figure><div class="block">a</div><div class="block">b</div><figcaption>cut</figcaption></figure>
<script>console.error("a complaint")</script>"""


def check_the_checks(browser, folder):
    path = folder / "bad.html"
    path.write_text(BAD_PAGE)
    page = browser.open(path)
    expect("a complaint" in page.complaints(), "the console check notices nothing")
    expect("http://127.0.0.1:9/beacon.png" in page.requests(), "the request check notices nothing")
    faults = "\n".join(accessibility_faults(page) + focus_faults(page))
    for part in ("no language", "no title", "without alternative text", "h3 follows h1", "contrast 2.8", "a button without a name",
                 "pixels wide", "the focus is not shown"):
        expect(part in faults, f"the accessibility check does not notice: {part}")
    expect(TaggedPdf(page.pdf()).cut(("Figure",)), "the check of the PDF notices no cut figure")
    page.close()


# --- The viewer

READ = """((source, width, height) => {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
})"""
PIXELS = f"""(kind => {{
  const canvas = document.querySelector(`.viewer [data-screen=${{kind}}] canvas`);
  const bytes = {READ}(canvas, canvas.width, canvas.height);
  let sum = 7;
  for (let i = 0; i < bytes.length; ++i) sum = (sum * 31 + bytes[i]) | 0;
  return sum;
}})"""


class ViewerChecks:
    def __init__(self, page):
        self.page = page
        page.wait(f"!{VIEWER}.hidden && {VIEWER}.querySelector('canvas').width > 300")
        page.settle()
        page.evaluate(f"{VIEWER}.scrollIntoView()")

    def settle(self):
        self.page.wait(f"!{VIEWER}.querySelector('[aria-busy]')")
        self.page.settle()

    def pixels(self, kind):
        self.settle()
        return self.page.evaluate(f"{PIXELS}('{kind}')")

    def shown(self, what):
        self.settle()
        return self.page.evaluate(f"{VIEWER}.querySelector('[data-show={what}]').textContent")

    def middle(self, kind):
        return self.page.evaluate(f"""(() => {{
          const box = {VIEWER}.querySelector('[data-screen={kind}] canvas').getBoundingClientRect();
          return [box.left + box.width / 2, box.top + box.height / 2, box.width];
        }})()""")

    def expect_change(self, act, changed, kept, what):
        kinds = changed + kept
        before = {kind: self.pixels(kind) for kind in kinds}
        act()
        after = {kind: self.pixels(kind) for kind in kinds}
        for kind in changed:
            expect(before[kind] != after[kind], f"{what} does not change {kind}")
        for kind in kept:
            expect(before[kind] == after[kind], f"{what} changes {kind}")

    def press(self, key, shift=False):
        self.page.evaluate(f"{VIEWER}.querySelector('.screens').focus()")
        self.page.key(key, shift)

    def click(self, selector):
        self.page.evaluate(f"{VIEWER}.querySelector({selector!r}).click()")
        self.settle()

    def all(self):
        self.decoded_as_the_picture()
        self.window_and_level()
        self.more_than_eight_bits()
        self.slices()
        self.zoom_and_pan()
        self.flicker()
        self.boxes()

    def decoded_as_the_picture(self):
        """The label in the viewer is the label in the figure for paper, but for rounding."""
        difference = self.page.evaluate(f"""(async () => {{
          const image = document.querySelector(".rows img");
          await image.decode();
          const [width, height] = [image.naturalWidth, image.naturalHeight];
          const [a, b] = [image, document.querySelector(".viewer canvas")].map((source) => {READ}(source, width, height));
          let sum = 0;
          for (let i = 0; i < a.length; i += 4) sum += Math.abs(a[i] - b[i]);
          return sum / (width * height);
        }})()""")
        expect(difference < 3, f"the viewer's label is {difference:.1f} grey levels away from the picture")

    def window_and_level(self):
        page, greys, maps = self.page, ["label", "input", "reconstruction"], ["error", "ssim_map"]
        start = self.pixels("label")
        x, y, width = self.middle("label")
        self.expect_change(lambda: page.drag((x, y), (x + width / 3, y)), greys, maps, "a drag to the right")
        expect(self.shown("window") == "150 %", f"a third to the right: window {self.shown('window')}")
        self.expect_change(lambda: page.drag((x, y), (x, y + 40)), greys, maps, "a drag downwards")
        expect(self.shown("level") != "50 %", "a drag downwards leaves the level")
        page.wait(f"{VIEWER}.querySelector('[aria-live]').textContent.includes('window 150 %')")
        said = page.evaluate(f"{VIEWER}.querySelector('[aria-live]').textContent")
        expect("slice" in said and "level" in said, f"what is said lacks slice or level: {said}")
        for count in (1, 2):
            for kind in ("mousePressed", "mouseReleased"):
                page.mouse(kind, x, y, button="left", clickCount=count)
        expect(self.pixels("label") == start, "a double click does not reset")
        self.expect_change(lambda: self.press("w"), greys, maps, "W")
        self.expect_change(lambda: self.press("l", shift=True), greys, maps, "Shift and L")
        self.press("r")
        expect(self.pixels("label") == start, "R does not reset")

    def more_than_eight_bits(self):
        """A window of 6 % has 15 of 256 levels; more greys than that are there."""
        self.page.evaluate(f"""(() => {{
          const set = (name, value) => {{
            const input = {VIEWER}.querySelector(`[data-set=${{name}}]`);
            input.value = value;
            input.dispatchEvent(new Event("input", {{ bubbles: true }}));
          }};
          set("window", 6);
          set("level", 80);
        }})()""")
        self.page.settle()
        greys = self.page.evaluate(f"""(() => {{
          const canvas = document.querySelector(".viewer canvas");
          const bytes = {READ}(canvas, canvas.width, canvas.height);
          return new Set(bytes.filter((_, i) => i % 4 === 0)).size;
        }})()""")
        expect(greys > 60, f"a narrow window shows {greys} greys")
        self.press("r")

    def slices(self):
        page, everything = self.page, ["label", "reconstruction", "error", "ssim_map"]
        place = self.shown("place")
        self.expect_change(lambda: self.press("ArrowLeft"), everything, [], "the left arrow")
        expect(self.shown("place") != place, "the left arrow leaves the words")
        self.press("ArrowRight")
        expect(self.shown("place") == place, "the right arrow does not lead back")
        self.press("Home")
        expect(self.shown("slice").startswith("0 /"), f"Home leads to {self.shown('slice')}")
        expect(page.evaluate(f"{VIEWER}.querySelector('[data-do=previous]').disabled"), "there is one before the first slice")
        page.evaluate(f"{VIEWER}.querySelector('[data-set=slice]').focus()")
        self.expect_change(lambda: page.key("ArrowRight"), everything, [], "the slider")
        expect(self.shown("slice").startswith("1 /"), f"the slider leads to {self.shown('slice')}")
        self.press("End")
        last = self.shown("slice").split(" / ")
        expect(last[0] == last[1], f"End leads to {self.shown('slice')}")
        self.click("[data-jump]:last-child")
        page.wait(f"{VIEWER}.querySelector('[data-jump]:last-child').hasAttribute('aria-current')")
        best = self.shown("place")
        self.click("[data-jump]")
        page.wait(f"{VIEWER}.querySelector('[data-jump]').hasAttribute('aria-current')")
        expect(self.shown("place") == place and best != place, "the buttons of worst and best lead elsewhere")

    def zoom_and_pan(self):
        page, everything = self.page, ["label", "reconstruction", "error", "ssim_map"]
        start = self.pixels("label")
        x, y, _ = self.middle("label")
        page.evaluate("document.activeElement.blur()")
        self.expect_change(lambda: page.mouse("mouseWheel", x, y, deltaX=0, deltaY=-200), [], everything, "a wheel without focus")
        page.evaluate(f"{VIEWER}.scrollIntoView()")
        x, y, _ = self.middle("label")
        self.press("Shift")
        self.expect_change(lambda: page.mouse("mouseWheel", x, y, deltaX=0, deltaY=-400), everything, [], "a wheel with focus")
        self.expect_change(lambda: page.drag((x, y), (x + 50, y + 30), modifiers=8), everything, [], "a drag with Shift")
        self.expect_change(lambda: self.press("ArrowLeft", shift=True), everything, [], "Shift and an arrow")
        self.press("r")
        self.expect_change(lambda: self.press("+"), everything, [], "+")
        self.press("-")
        expect(self.pixels("label") == start, "− does not undo +")

    def flicker(self):
        name = f"{VIEWER}.querySelector('[data-screen=reconstruction] .panel-name').textContent"
        own = self.page.evaluate(name)
        self.expect_change(lambda: self.press("f"), ["reconstruction", "error", "ssim_map"], ["label", "input"], "F")
        expect(self.page.evaluate(name) != own, "F leaves the name of the picture")
        self.press("f")
        self.page.settle()
        expect(self.page.evaluate(name) == own, "F does not lead back")
        self.click("[data-do=alternate]")
        self.page.wait(f"{name} !== {own!r}")
        self.page.wait(f"{name} === {own!r}")
        self.click("[data-do=alternate]")
        self.press("f") if self.page.evaluate(name) != own else None

    def boxes(self):
        self.press("Home")
        self.press("ArrowRight")  # the sample has boxes on every second slice
        self.settle()
        count = f"{VIEWER}.querySelectorAll('[data-screen=label] rect').length"
        told = f"{VIEWER}.querySelectorAll('.box-list li').length"
        shown = self.page.evaluate(count)
        expect(shown == self.page.evaluate(told) > 0, f"{shown} boxes are drawn, another number is told")
        self.press("b")
        self.page.settle()
        expect(self.page.evaluate(count) == 0, "B does not hide the boxes")
        self.press("b")


# --- The report

def check_policy(page):
    """A style or a script that is not the report's own does nothing."""
    page.evaluate("""(() => {
      document.body.append(Object.assign(document.createElement("script"), { textContent: "window.intruder = 1" }));
      document.body.insertAdjacentHTML("beforeend", "<p id=p style='color: red' onclick='window.intruder = 1'>x</p>");
      document.querySelector("#p").click();
    })()""")
    expect(page.evaluate("window.intruder === undefined"), "a foreign script runs")
    expect(page.evaluate("getComputedStyle(document.querySelector('#p')).color") != "rgb(255, 0, 0)", "a foreign style counts")
    page.evaluate("document.querySelector('#p').remove()")


def check_paper(page, rows):
    pdf = TaggedPdf(page.pdf())
    expect_none([f"cut by the end of a page: {name}" for name in pdf.cut()], "print")
    expect(pdf.count("Figure") >= 5 * rows, f"print: {pdf.count('Figure')} figures, expected {rows} rows of 5")


def check_pdf(program, project, folder):
    """The program's own PDF: nothing is cut, and the same check gives the same bytes."""
    files = [make_report(program, project, folder / f"{name}.pdf", "--format", "pdf").read_bytes() for name in "ab"]
    expect(files[0].startswith(b"%PDF-"), "pdf: no PDF")
    expect(files[0] == files[1], "pdf: the same check gave other bytes")
    expect_none([f"cut by the end of a page: {name}" for name in TaggedPdf(files[0]).cut()], "pdf")


def check_without_script(browser, path):
    page = browser.open(path)
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    page.load(path)
    expect(page.evaluate(f"{VIEWER}.hidden"), "without script: the viewer is shown")
    expect(page.evaluate("[...document.querySelectorAll('.rows img')].every(i => i.naturalWidth && i.getClientRects().length)"),
           "without script: a picture is not shown")
    expect_none(page.evaluate(ACCESSIBILITY), "without script")
    page.close()


def look(browser, path, where, screenshots, width=1280, **media):
    page = browser.open(path, width=width, **media)
    page.wait(f"!{VIEWER}.hidden")
    page.settle()
    expect_none(accessibility_faults(page), where)
    expect_none(page.complaints(), f"{where}: console")
    expect_none(page.requests(), f"{where}: request")
    if screenshots:
        page.screenshot(screenshots / f"{where}.png")
    return page


def make_report(program, project, out, *options):
    subprocess.run([program, "report", project, "-o", out, *options], check=True, stdout=subprocess.DEVNULL)
    expect(out.stat().st_size < MOST_BYTES, f"{out.name} has {out.stat().st_size} bytes")
    return out


def main():
    program = str(pathlib.Path(sys.argv[1]).absolute())
    screenshots = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>{slice}'
    with tempfile.TemporaryDirectory() as temporary, Browser() as browser:
        folder = pathlib.Path(temporary)
        check_the_checks(browser, folder)
        sample = [sys.executable, HERE / "sample_project.py", program]
        subprocess.run([*sample, folder / "team", "--slices", "4"], check=True)
        subprocess.run([*sample, folder / "hostile", "--slices", "3", "--volumes", "1", "--name", hostile, "--label", hostile],
                       check=True)
        english = make_report(program, folder / "team/code", folder / "en.html", "--compare", folder / "team/other")
        korean = make_report(program, folder / "team/code", folder / "ko.html", "--lang", "ko")
        attacked = make_report(program, folder / "hostile/code", folder / "hostile.html")

        # Calm, so that a place that is scrolled to is there at once.
        page = look(browser, english, "english", screenshots, prefers_reduced_motion="reduce")
        expect(page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto", "calm: it moves")
        expect_none(focus_faults(page), "focus")
        ViewerChecks(page).all()
        expect_none(page.complaints(), "viewer")
        check_paper(page, rows=6)
        check_policy(page)
        page.close()
        for where, path, width, media in (
                ("korean", korean, 1280, {}), ("dark", english, 1280, {"prefers_color_scheme": "dark"}),
                ("narrow", english, 390, {}), ("korean-narrow-dark", korean, 390, {"prefers_color_scheme": "dark"})):
            look(browser, path, where, screenshots, width, **media).close()
        page = look(browser, attacked, "hostile", screenshots)
        expect(page.evaluate("document.querySelector('h1').textContent") == hostile, "the hostile name is not shown as it is")
        ViewerChecks(page).boxes()
        expect(hostile in page.evaluate(f"{VIEWER}.querySelector('.box-list').textContent"), "the hostile label is not shown as it is")
        page.close()
        check_without_script(browser, english)
        check_pdf(program, folder / "team/code", folder)
    if failures:
        sys.exit(1)
    print("all is well")


if __name__ == "__main__":
    main()
