"""report.py TASK ... - opens reports of mlp-train in a browser and does what a person does.

    digits PROGRAM MODEL PAGE IMAGES   300 images on the canvas: the predictions of --predict --fit
    hands PAGE                         mouse, finger, undo, clear, the cells of the matrix, keys
    plain PAGE FILE.json ...           opens each at three widths: nothing is wider than the window; writes what it shows
    shot PAGE WIDTH FILE.png [dark]    a picture of the page, with a drawing
    model MODEL OUTPUT                 a copy of the model with hostile metadata

An error in the browser's console, or a request to a server, fails. Exit code 77: there is no chromium."""

import gzip
import json
import struct
import subprocess
import sys
import tempfile

from browser import Browser


def box_of(browser, selector):
    browser.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
    return browser.run(f"(() => {{ const b = document.querySelector({json.dumps(selector)}).getBoundingClientRect(); "
                       "return [b.left, b.top, b.width, b.height] })()")


def draw(browser, points, touch=False):
    left, top, width, height = box_of(browser, "#paper")
    at = [(left + x * width, top + y * height) for x, y in points]
    for i, (x, y) in enumerate(at):
        if touch:
            browser.touch("touchStart" if i == 0 else "touchMove", [(x, y)])
        else:
            browser.mouse("mousePressed" if i == 0 else "mouseMoved", x, y)
    if touch:
        browser.touch("touchEnd", [])
    else:
        browser.mouse("mouseReleased", *at[-1])
    settle(browser)


def settle(browser):
    browser.run("new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))")


SEVEN = [(0.3, 0.3), (0.5, 0.28), (0.7, 0.25), (0.6, 0.4), (0.5, 0.5), (0.46, 0.62), (0.42, 0.75)]


# Ink beside the digit, [top, left, height, width]: a speck, a dot, a stroke at the edge, a strip along it, both of these.
BESIDE = [[], [[262, 5, 5, 5]], [[6, 250, 25, 25]], [[120, 272, 40, 8]], [[0, 0, 4, 280]], [[0, 276, 280, 4], [264, 3, 6, 6]]]


def digits(browser, program, model, page, images):
    """Every image nine times as large, in a frame of 280 x 280, in the page and as PGM; beside most is other ink."""
    with gzip.open(images) as file:
        n, rows, cols = struct.unpack(">4xIII", file.read(16))
        pixels = [file.read(rows * cols) for _ in range(min(n, 300))]
    scale, top, left = 9, 20, 8
    with tempfile.NamedTemporaryFile(suffix=".pgm") as pgm:
        for number, image in enumerate(pixels):
            canvas = bytearray(280 * 280)
            for y in range(rows * scale):
                line = bytes(image[y // scale * cols + x // scale] for x in range(cols * scale))
                canvas[(top + y) * 280 + left:(top + y) * 280 + left + len(line)] = line
            for y, x, height, width in BESIDE[number % len(BESIDE)]:
                for row in range(y, y + height):
                    canvas[row * 280 + x:row * 280 + x + width] = b"\xff" * width
            pgm.write(b"P5 280 280 255\n" + canvas)
        pgm.flush()
        lines = subprocess.run([program, "--load", model, "--predict", pgm.name, "--fit"], capture_output=True, text=True, check=True).stdout
    expected = [[float(cell) for cell in line.split(",")[2:]] for line in lines.splitlines()[1:]]
    browser.open(page)
    predictions = browser.run(f"""{json.dumps([list(image) for image in pixels])}.map((image, i) => {{
        const drawn = ink.createImageData(280, 280)
        for (let y = 0; y < {rows * scale}; y++)
            for (let x = 0; x < {cols * scale}; x++)
                drawn.data[4 * ((y + {top}) * 280 + x + {left}) + 3] = image[Math.floor(y / {scale}) * {cols} + Math.floor(x / {scale})]
        for (const [top, left, height, width] of {json.dumps(BESIDE)}[i % {len(BESIDE)}])
            for (let y = top; y < top + height; y++)
                for (let x = left; x < left + width; x++) drawn.data[4 * (y * 280 + x) + 3] = 255
        ink.putImageData(drawn, 0, 0)
        return Array.from(predictDrawing().p)
    }})""")
    same, most = 0, 0.0
    for p, q in zip(expected, predictions):
        same += p.index(max(p)) == q.index(max(q))
        most = max(most, max(abs(a - b) for a, b in zip(p, q)))
    print(f"{same} of {len(pixels)} classes are the same, probabilities differ by at most {most:.6f}")
    assert len(expected) == len(pixels) == 300 and same >= 297 and most <= 0.02


def hands(browser, page):
    browser.open(page)
    said = lambda: browser.run("document.getElementById('prediction').textContent")
    inked = lambda: browser.run("ink.getImageData(0, 0, 280, 280).data.filter((v, i) => i % 4 === 3 && v > 0).length")
    assert said() == "nothing yet" and browser.run("undo.disabled ?? document.getElementById('undo').disabled"), said()
    draw(browser, SEVEN)
    assert said().startswith("7 ("), said()
    first = inked()
    draw(browser, [(0.1, 0.9), (0.15, 0.9)])
    assert inked() > first > 1000
    browser.run("document.getElementById('undo').click()")
    settle(browser)
    assert inked() == first and said().startswith("7 (")
    assert browser.run("document.querySelectorAll('#deciders figure').length") == 8
    browser.run("document.getElementById('clear').click()")
    settle(browser)
    assert inked() == 0 and said() == "nothing yet"
    assert browser.run("[...document.querySelectorAll('#probabilities .number')].every(cell => cell.textContent === '–')")
    # a tap is a dot; a drawing that leaves the paper goes on when it returns
    draw(browser, [(0.5, 0.5)])
    assert said() != "nothing yet"
    browser.run("clearPaper()")
    draw(browser, [(0.5, 0.1), (0.5, 0.5), (1.3, 0.5), (0.5, 0.9)])
    assert browser.run("strokes.length") == 1
    # the matrix: a cell opens its images, arrow keys move
    browser.run("document.querySelector('[data-cell=\"1,1\"]').focus()")
    before = browser.run("document.activeElement.dataset.cell")
    for kind in "keyDown", "keyUp":
        browser.call("Input.dispatchKeyEvent", type=kind, key="ArrowDown", code="ArrowDown", windowsVirtualKeyCode=40)
    after = browser.run("document.activeElement.dataset.cell")
    assert before.split(",")[1] == after.split(",")[1] and before != after, (before, after)
    browser.run("document.activeElement.click()")
    shown = browser.run("document.querySelectorAll('#cell figure canvas').length")
    assert shown >= 1 and after == browser.run("document.querySelector('[aria-pressed=true]').dataset.cell")
    browser.run("new Promise(resolve => setTimeout(resolve, 100))")
    assert browser.run("(() => { const c = document.querySelector('#cell canvas'); "
                       "return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 === 0 && v > 100) })()")
    # every control has a name, and every canvas that is a picture
    assert browser.run("[...document.querySelectorAll('canvas, svg[role=img], button')]"
                       ".every(e => e.getAttribute('aria-label') || e.textContent)")
    # a finger draws, and the page does not scroll meanwhile
    browser.open(page, 390, 844, touch=True)
    draw(browser, SEVEN, touch=True)
    at = browser.run("scrollY")
    draw(browser, SEVEN[::-1], touch=True)
    assert browser.run("scrollY") == at and browser.run("strokes.length") == 2 and said().startswith("7 ("), said()


def plain(browser, page, output, *more):
    if more:
        plain(browser, *more)
    shown = {}
    for width in 390, 768, 1280:
        browser.open(page, width, 900, dark=width == 768)
        browser.run("ready")
        assert browser.run("document.documentElement.scrollWidth") <= width, f"wider than {width}"
        shown["text"] = browser.run("document.body.innerText")
        shown["title"] = browser.run("document.title")
        shown["scripts"] = browser.run("document.querySelectorAll('script').length")
        shown["elements"] = browser.run("document.querySelectorAll('img, iframe, a, object, b').length")
        shown["figures"] = browser.run("document.querySelectorAll('figure').length")
        if browser.run("isPicture"):
            draw(browser, SEVEN)
            shown["prediction"] = browser.run("document.getElementById('prediction').textContent")
            assert shown["prediction"] != "nothing yet"
            assert browser.run("document.documentElement.scrollWidth") <= width, f"wider than {width} with a drawing"
            tall = browser.run("Math.max(0, ...[...document.querySelectorAll('#probabilities tr')].map(row => row.offsetHeight))")
            assert tall < 60, f"a row of the probabilities is {tall} pixels high"
            shown["ms"] = browser.run("Math.min(...Array.from({length: 9}, () => { const start = performance.now(); predictDrawing(); return performance.now() - start }))")
    with open(output, "w", encoding="utf-8") as out:
        json.dump(shown, out, ensure_ascii=False)


def shot(browser, page, width, output, dark=""):
    browser.open(page, int(width), dark=dark == "dark")
    draw(browser, SEVEN)
    browser.run("document.querySelector('[data-cell=\"4,9\"]')?.click()")
    browser.run("new Promise(resolve => setTimeout(resolve, 300))")
    browser.shot(output)


HOSTILE = {
    "note": "</script><script>document.title = 'broken'</script><img src=x onerror=\"document.title='broken'\">",
    "quotes": "\"'`${document.title='broken'}`\\u003c\\",
    "emoji": "\U0001f642\u2028\u2029\ufffe <!-- <script> ",
    "long": "x" * 10000,
    "<b>key</b>": "&lt;i&gt;",
}


def model(source, output):
    with open(source, "rb") as file:
        n = struct.unpack("<Q", file.read(8))[0]
        header, rest = json.loads(file.read(n)), file.read()
    header["__metadata__"].update(HOSTILE)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(output, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + rest)


def main():
    task, *words = sys.argv[1:]
    if task == "model":
        model(*words)
        return
    browser = Browser()
    try:
        {"digits": digits, "hands": hands, "plain": plain, "shot": shot}[task](browser, *words)
        errors = browser.errors()
        assert errors == [], errors
    finally:
        browser.close()


main()
