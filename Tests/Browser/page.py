"""Runs pages that `convoy page` writes in a headless Chromium: outputs, drawing, keys, colours.

Usage: page.py FOLDER, with the pages and expected outputs that PageTests/BrowserFixtures writes.
"""

import json
import math
import pathlib
import sys
import tempfile
import zlib

import chromium

# Sums of a few thousand products in single precision, through up to sixty layers.
TOLERANCE = 1e-4
failures = []


def expect(condition, what):
    if not condition:
        failures.append(what)
        print(f"FAILED: {what}")


def check_outputs(browser, name, expected):
    """The page's outputs are Convoy's, relative to the largest where that is above 1."""
    browser.run("""globalThis.outputsOf = (texts) => texts.map((text) =>
      Array.from(page.engine.forward(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))).at(-1)))""")
    found = browser.run(f"outputsOf({json.dumps(expected['images'])})")
    expect(len(found) == len(expected["outputs"]) >= 100, f"{name}: 100 images")
    worst = 0
    for one, other in zip(found, expected["outputs"]):
        expect(len(one) == len(other), f"{name}: as many outputs")
        scale = max(1, *map(abs, other))
        # A NaN is never within the tolerance.
        for a, b in zip(one, other):
            error = abs(a - b) / scale if a is not None and math.isfinite(a) else math.inf
            worst = max(worst, error)
    expect(worst <= TOLERANCE, f"{name}: outputs within {TOLERANCE}, worst {worst:.2g}")
    spread = max(max(column) - min(column) for column in zip(*expected["outputs"]))
    expect(spread > 100 * TOLERANCE, f"{name}: images that are told apart")
    time = browser.run("""(() => { const bytes = new Uint8Array(page.engine.inputExtent.count).fill(99);
      page.engine.forward(bytes);
      const start = performance.now();
      for (let run = 0; run < 5; run++) page.engine.forward(bytes);
      return (performance.now() - start) / 5; })()""")
    print(f"{name}: {len(found)} images, worst error {worst:.1e}, {time:.1f} ms an image")


def check_explanations(browser, name):
    """Every layer's values can be explained, and sums of products are the values."""
    problems = browser.run("""(() => {
      const { engine } = page;
      const problems = [];
      engine.values = engine.forward(Uint8Array.from(
        { length: engine.inputExtent.count }, (_, index) => (index * 37) & 255));
      engine.steps.forEach((step, number) => {
        const { channels, height, width } = step.extent;
        for (const cursor of [{ channel: 0, row: 0, column: 0 },
            { channel: channels - 1, row: height - 1, column: width >> 1 }]) {
          const told = explain(engine, number, cursor);
          const text = told.body.map((node) => node.textContent).join(" ");
          if (!Number.isFinite(told.value) || /NaN|undefined|null/.test(text + told.title + told.text)) {
            problems.push(`${step.type}: ${told.title} ${told.text} ${text}`);
          }
          if (step.type === "convolution" || step.type === "dense") {
            const rows = told.body.at(-1).querySelectorAll("tr");
            const numbers = Array.from(rows, (row) => row.querySelector("td:last-child"))
              .filter((cell) => cell).map((cell) => Number(cell.textContent.replace("−", "-")));
            const sums = told.body.slice(0, -1).map((node) =>
              Number(/sum (\\S+)/.exec(node.textContent)[1].replace("−", "-")));
            const total = numbers.pop();
            // With one map, its sum is below its grid alone.
            const terms = sums.length === 1 ? sums.concat(numbers) : numbers;
            const sum = terms.reduce((one, other) => one + other, 0);
            if (Math.abs(sum - total) > 0.0006 * (terms.length + 1)) {
              problems.push(`${step.type} ${step.place}: parts ${terms} are not ${total}`);
            }
          }
        }
      });
      engine.values = null;
      return problems; })()""")
    expect(not problems, f"{name}: explanations: {problems[:3]}")


def box(browser, selector):
    return browser.run(f"""(() => {{ const box = document.querySelector({json.dumps(selector)})
      .getBoundingClientRect(); return [box.left, box.top, box.width, box.height]; }})()""")


def check_drawing(browser):
    """Real strokes of the mouse change the answer and the maps; Escape clears them."""
    empty = browser.run("byId('answer').textContent")
    left, top, width, height = box(browser, "#drawing")
    points = [(left + width * (0.4 + 0.01 * step), top + height * (0.2 + 0.025 * step))
              for step in range(25)]
    browser.stroke(points)
    browser.settle()
    first = browser.run("Array.from(page.engine.output)")
    answer = browser.run("byId('answer').textContent")
    expect(empty == "No image yet" and answer.endswith("%"), f"an answer to a stroke: {answer}")
    browser.stroke([(left + 0.2 * width, top + 0.7 * height), (left + 0.8 * width, top + 0.7 * height)])
    browser.settle()
    second = browser.run("Array.from(page.engine.output)")
    expect(max(abs(a - b) for a, b in zip(first, second)) > 0.01, "a second stroke changes the outputs")
    # As MNIST's digits: a box of 20 pixels, and the centre of mass in the middle.
    ink = browser.run("""(() => { const rows = [], columns = [];
      let sum = 0, x = 0, y = 0;
      page.bytes.forEach((byte, index) => { if (byte < 64) return;
        rows.push(Math.floor(index / 28)); columns.push(index % 28); });
      page.bytes.forEach((byte, index) => { sum += byte;
        x += byte * (index % 28 + 0.5); y += byte * (Math.floor(index / 28) + 0.5); });
      return { size: Math.max(Math.max(...rows) - Math.min(...rows),
          Math.max(...columns) - Math.min(...columns)) + 1, x: x / sum, y: y / sum }; })()""")
    expect(19 <= ink["size"] <= 21, f"a drawing of 20 pixels, not {ink['size']}")
    expect(abs(ink["x"] - 14) < 0.1 and abs(ink["y"] - 14) < 0.1, f"its mass in the middle: {ink}")

    left, top, width, height = box(browser, ".layer:nth-child(2) canvas")
    browser.stroke([(left + 31, top + 31)])
    browser.settle()
    title = browser.run("document.querySelector('.explanation strong').textContent")
    expect(title.startswith("map 0, row 15, column 15 = "), f"a click explains a value: {title}")
    browser.press("ArrowRight", 39)
    title = browser.run("document.querySelector('.explanation strong').textContent")
    expect(title.startswith("map 0, row 15, column 16 = "), f"an arrow moves on: {title}")
    browser.press("Escape", 27)
    expect(browser.run("document.querySelector('.explanation') === null"), "Escape closes it")
    browser.run("page.occlude()")
    browser.settle()
    spread = browser.run("new Set(page.occlusion).size")
    expect(spread > 20, f"an occlusion map with many values: {spread}")
    browser.press("Escape", 27)
    browser.settle()
    expect(browser.run("byId('answer').textContent") == empty, "Escape clears")

    browser.run("byId('drawing').focus()")
    browser.press(" ", 32)
    for _ in range(6):
        browser.press("ArrowDown", 40)
    browser.settle()
    expect(browser.run("byId('answer').textContent").endswith("%"), "keys draw")
    browser.press("Delete", 46)
    browser.settle()


def png(width, height, pixel):
    """A colour PNG, by a function of column and row."""
    def chunk(kind, data):
        return (len(data).to_bytes(4, "big") + kind + data
                + zlib.crc32(kind + data).to_bytes(4, "big"))
    rows = b"".join(
        b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


def choose(browser, file, until):
    """Takes a file through the file chooser, and waits for the value of an expression."""
    browser.call("DOM.enable")
    document = browser.call("DOM.getDocument")["root"]["nodeId"]
    node = browser.call("DOM.querySelector", nodeId=document, selector="#file")["nodeId"]
    browser.call("DOM.setFileInputFiles", files=[str(file)], nodeId=node)
    for _ in range(100):
        browser.settle()
        if value := browser.run(until):
            return value
    return None


def check_picture(browser):
    """A picture through the file chooser is padded to the model's 24 × 20."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "picture.png"
        # Twice as wide as high: scaled to 24 × 12, between four rows of black above and below.
        file.write_bytes(png(96, 48, lambda x, y: (4 * (x // 4), 40, 200)))
        choose(browser, file, "page.bytes !== null")
        expected = [
            (0 if row < 4 or row >= 16 else [4 * column, 40, 200][channel])
            for channel in range(3) for row in range(20) for column in range(24)]
        expect(browser.run("Array.from(page.bytes)") == expected, "a picture is scaled and padded")
        file.write_bytes(b"no picture")
        problem = choose(browser, file, "byId('problem').textContent")
        expect(problem == "picture.png: expected a picture that this browser can show", problem)
        browser.press("Escape", 27)
        browser.settle()


def check_inversion(browser):
    """A picture that is light where the training images are dark is noticed, and shown stretched."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "picture.png"
        for name, digit, ground in [("paper", 20, 240), ("board", 240, 20)]:
            file.write_bytes(png(90, 50, lambda x, y: (
                (digit if 40 <= x < 50 and 10 <= y < 40 else ground,) * 3)))
            choose(browser, file, "page.bytes !== null")
            light = "The picture is light at its edges, where the training images are dark: "
            told = browser.run("byId('advice').textContent")
            expect(told == (light + "try Invert." if name == "paper" else ""), f"{name}: {told}")
            # The whole surface: the model's pictures are stretched.
            corner = browser.run("""(() => { const canvas = byId("drawing");
              return Array.from(canvas.getContext("2d").getImageData(canvas.width - 3, 2, 1, 1).data); })()""")
            expect(corner == [ground] * 3 + [255], f"{name}: a corner of {corner}")
            browser.run("byId('invert').click()")
            browser.settle()
            told = browser.run("byId('advice').textContent")
            expect(told == ("" if name == "paper" else light + "switch Invert off."), f"{name}: {told}")
            browser.run("byId('invert').click()")
            browser.press("Escape", 27)
            browser.settle()
            expect(browser.run("byId('advice').textContent") == "", "no advice without a picture")


def check_clearing(browser):
    """Clear begins anew: what comes next is not inverted."""
    browser.run("byId('invert').click(); byId('clear').click()")
    browser.settle()
    expect(browser.run("byId('invert').getAttribute('aria-pressed')") == "false", "Invert is off")
    browser.run("page.take(new Uint8Array(784).fill(90))")
    expect(browser.run("page.bytes[0]") == 90, "bytes as they are")
    browser.run("page.clear()")
    browser.settle()


def check_printing(browser):
    """All maps are on paper, also those that were never seen."""
    painted = """page.views.filter(({ canvas }) => canvas.getContext("2d")
      .getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0)).length"""
    browser.resize(1280, 300)
    browser.run("scrollTo(0, 0); page.take(new Uint8Array(784).fill(90))")
    browser.settle()
    browser.run("for (const { canvas } of page.views) canvas.width = canvas.width")
    expect(browser.run(painted) == 0, "no maps at first")
    browser.run("dispatchEvent(new Event('beforeprint'))")
    count = browser.run("page.views.length")
    expect(browser.run(painted) == count, f"all {count} maps are printed")
    browser.run("dispatchEvent(new Event('afterprint')); page.clear()")
    browser.resize(1280, 900)
    browser.settle()


def check_low_window(browser):
    """The answer is in view: in a low window beside the drawing, otherwise below it."""
    for width, height, is_beside in [(1366, 650, True), (1280, 900, False)]:
        browser.resize(width, height)
        browser.run("scrollTo(0, 0); page.take(new Uint8Array(784).fill(90))")
        browser.settle()
        left, top, _, size = box(browser, "#bars")
        expect(top + size <= height, f"{width}×{height}: bars end at {top + size}")
        surface, _, extent, _ = box(browser, "#surface")
        expect((left >= surface + extent) == is_beside, f"{width}×{height}: bars begin at {left}")
    browser.run("page.clear()")
    browser.settle()


def check_resizing(browser, pictures):
    """Pictures become the bytes that they become in training."""
    expect(len(pictures) >= 36, "pictures of all fits")
    wrong = browser.run(f"""{json.dumps(pictures)}.filter((picture) => {{
      const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const [channels, height, width] = picture.shape;
      const found = resized({{ width: picture.width, height: picture.height, channels,
        bytes: planes(bytes(picture.pixels), picture.width * picture.height, channels) }},
        {{ channels, height, width }}, picture.fit);
      return String(found) !== String(bytes(picture.expected));
    }}).map((picture) => `${{picture.fit}} ${{picture.width}}×${{picture.height}} ${{picture.shape}}`)""")
    expect(not wrong, f"resized pictures: {wrong}")


def check_touch(browser):
    """A finger draws."""
    left, top, width, height = box(browser, "#drawing")
    browser.call("Emulation.setTouchEmulationEnabled", enabled=True)
    for kind, share in [("touchStart", 0.2), ("touchMove", 0.5), ("touchMove", 0.8)]:
        browser.call("Input.dispatchTouchEvent", type=kind,
                     touchPoints=[{"x": left + 0.5 * width, "y": top + share * height}])
    browser.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    browser.settle()
    points = browser.run("page.drawing.strokes.map((stroke) => stroke.length)")
    expect(points == [3], f"a stroke of a finger: {points}")
    browser.call("Emulation.setTouchEmulationEnabled", enabled=False)
    browser.press("Escape", 27)
    browser.settle()


# The contrast of each text that is seen with what is behind it, by WCAG 2.2.
CONTRAST = """(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
  const luminance = (color) => [0.2126, 0.7152, 0.0722].reduce((sum, weight, part) => {
    const value = color[part] / 255;
    return sum + weight * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  }, 0);
  const ground = (node) => { for (; node; node = node.parentElement) {
    const color = rgba(getComputedStyle(node).backgroundColor);
    if (color[3] === 255) return color; } return rgba("white"); };
  const poor = [];
  let count = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !parent.checkVisibility()) continue;
    count += 1;
    const behind = parent.id === "invitation" ? document.getElementById("drawing") : parent;
    const [one, other] = [luminance(rgba(getComputedStyle(parent).color)), luminance(ground(behind))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) poor.push(`${parent.className || parent.id}: ${contrast.toFixed(2)}`);
  }
  return { count, poor }; })()"""


def check_looks(browser, file):
    """Readable texts, visible focus on each stop of Tab, and no sideways scrolling on a phone."""
    browser.open(file)
    for scheme in ["light", "dark"]:
        browser.color_scheme(scheme)
        for values in ["null", "new Uint8Array(784).fill(90)"]:
            browser.run(f"page.take({values})")
            browser.settle()
            browser.run("page.views[4].choose({ channel: 3, row: 6, column: 7 })")
            contrast = browser.run(CONTRAST)
            expect(contrast["count"] > 50 and not contrast["poor"], f"{scheme}: {contrast}")
    browser.resize(360, 740, 2, True)
    browser.settle()
    browser.settle()
    width = browser.run("document.documentElement.scrollWidth")
    expect(width <= 360, f"a page of 360 pixels, not {width}")
    browser.resize(1280, 900)
    stops = []
    for _ in range(60):
        browser.press("Tab", 9)
        stop = browser.run("""(() => { const node = document.activeElement;
          return node === document.body ? null
            : { name: node.id || node.getAttribute("aria-label") || node.textContent,
                outline: getComputedStyle(node).outlineStyle }; })()""")
        if stop is None:
            break
        stops.append(stop)
    names = [stop["name"] for stop in stops]
    for name in ["drawing", "clear", "choose", "invert", "occlusion", "Close"]:
        expect(name in names, f"Tab reaches {name}: {names}")
    expect(sum("Arrow keys" in name for name in names) >= 10, f"Tab reaches the maps: {names}")
    expect(all(stop["outline"] != "none" for stop in stops), f"focus is seen: {stops}")


def main():
    path = chromium.find()
    if path is None:
        print("skipped: Chromium is not installed")
        return 0
    folder = pathlib.Path(sys.argv[1])
    with chromium.Chromium(path) as browser:
        browser.resize(1280, 900)
        pages = sorted(folder.glob("*.html"))
        expect(len(pages) >= 6, f"pages in {folder}")
        for file in pages:
            browser.open(file)
            browser.settle()
            check_outputs(browser, file.stem, json.loads(file.with_suffix(".json").read_text()))
            check_explanations(browser, file.stem)
            if file.stem == "small":
                check_drawing(browser)
                check_touch(browser)
                check_inversion(browser)
                check_clearing(browser)
                check_printing(browser)
                check_low_window(browser)
                check_looks(browser, file)
            if file.stem == "color":
                check_picture(browser)
                check_resizing(browser, json.loads((folder / "pictures.json").read_text()))
                names = browser.run("Array.from(document.querySelectorAll('.name'), (n) => n.textContent)")
                expect("</script><b>bold</b>" in names, f"class names as texts: {names}")
            expect(not browser.errors, f"{file.stem}: errors: {browser.errors}")
    print("FAILED" if failures else "passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
