"""Scorecards per CPU-second: Mizan's report against typst, the same words in both.

The words come from the report's own text snapshots, so the two documents say the same.
Both make tagged PDF/UA-1 and PDF/A-2a files, each card with another name, in one process with
fonts loaded once. Usage: bench_report.py MEASURE [CARDS]
"""

import os
import re
import resource
import subprocess
import sys
import tempfile

import typst

SNAPSHOTS = "crates/report/tests/snapshots"
FONTS = "crates/report/fonts"
PREAMBLE = """
#set document(title: [%TITLE%], date: datetime(year: 2026, month: 11, day: 21))
#set page(paper: "a4", margin: 18mm, numbering: "1 / 1")
#set text(font: "IBM Plex Sans Arabic", size: 9.5pt, lang: "%LANG%", dir: %DIR%)
#set table(stroke: 0.4pt + luma(200), inset: 4pt)
#let bar(score) = box(width: 60mm, height: 3mm, fill: luma(230), place(rect(width: score * 0.6mm, height: 3mm, fill: rgb("0f4c4f"))))
#let radar(scores) = box(width: 80mm, height: 80mm, {
  let n = scores.len()
  let at(i, r) = (40mm + r * 36mm * calc.sin(i * 360deg / n), 40mm - r * 36mm * calc.cos(i * 360deg / n))
  for ring in (0.25, 0.5, 0.75, 1) { place(polygon(stroke: 0.3pt, ..range(n).map(i => at(i, ring)))) }
  place(polygon(fill: rgb("0f4c4f55"), stroke: 1pt, ..range(n).map(i => at(i, scores.at(i) / 100))))
})
"""


def escape(text):
    text = text.replace("⟨", "\u2066").replace("⟩", "\u2069")
    return re.sub(r"([\\#$*_`<>@\[\]~=/\-+])", r"\\\1", text)


def markup(language):
    """The typst source of the snapshot: headings, paragraphs, bars, radar, tables."""
    lines = open(f"{SNAPSHOTS}/full-{language}.txt", encoding="utf-8").read().splitlines()
    title = lines[0].split("] ", 1)[1]
    direction = "rtl" if language == "ar" else "ltr"
    out = [PREAMBLE.replace("%TITLE%", "CENTRE").replace("%LANG%", language).replace("%DIR%", direction)]
    bars, table = [], []

    def flush():
        if table:
            columns = len(table[0])
            cells = lambda row: "".join(f"[{escape(cell)}]," for cell in row + [""] * (columns - len(row)))
            body = "\n".join(cells(row[:columns]) for row in table[1:])
            out.append(f"#table(columns: {columns}, table.header({cells(table[0])}),\n{body})\n")
            table.clear()

    for line in lines[1:]:
        text = line.strip()
        if table and line.startswith("  ") and " | " in text:
            table.append(text.split(" | "))
            continue
        flush()
        if text.startswith("table "):
            table.append(text[6:].split(" | "))
        elif text.startswith("bar "):
            score = float(re.search(r"(\d+\.\d)", text).group(1))
            bars.append(score)
            out.append(f"{escape(text[4:])} #bar({score})\n")
        elif text.startswith("figure ") and len(bars) > 2:
            out.append(f"#figure(radar({tuple(bars)}), alt: \"{text[7:].replace(chr(34), '')}\")\n")
        elif re.match(r"#+ ", text):
            level, words = text.split(" ", 1)
            out.append(f"{'=' * len(level)} {escape(words)}\n")
        elif text == "page break":
            out.append("#pagebreak()\n")
        elif text:
            out.append(escape(text) + "\n")
    flush()
    return "\n".join(out), title


def typst_cards(count):
    """Compiles `count` cards in each language; returns the bytes of one."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "card.typ")
        compiler, size = None, 0
        for language in ("ar", "en"):
            source, title = markup(language)
            for number in range(count):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(source.replace("CENTRE", f"{escape(title)} {number}"))
                compiler = compiler or typst.Compiler(path, font_paths=[FONTS], ignore_system_fonts=True)
                size = len(compiler.compile(format="pdf", pdf_standards=["ua-1", "a-2a"]))
        return size


def cpu_of_children(work):
    """CPU seconds that child processes spend while `work` runs."""
    def used():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime
    before = used()
    work()
    return used() - before


def main():
    if sys.argv[1] == "--typst":
        typst_cards(int(sys.argv[2]))
        return
    measure, cards = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    ratios = []
    for _ in range(3):
        ours = cpu_of_children(lambda: subprocess.run([measure, str(cards)], **quiet))
        some = max(cards // 5, 5)
        theirs = cpu_of_children(lambda: subprocess.run([sys.executable, __file__, "--typst", str(some)], **quiet))
        ours_ms, theirs_ms = 1000 * ours / (2 * cards), 1000 * theirs / (2 * some)
        ratios.append(theirs_ms / ours_ms)
        print(f"mizan {ours_ms:.1f} ms, typst {theirs_ms:.1f} ms of CPU a card: {ratios[-1]:.1f}x")
    print(f"median {sorted(ratios)[1]:.1f}x (goal: at least 3x)")


main()
