# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""An attack string in every text of a submission that a report shows, and whether it stayed text.

  report_attacks.py words                     prints a name, a label, a note and a command line to be recorded
  report_attacks.py spoil CODE                puts the others into CODE/.reconproof/check/check.json
  report_attacks.py html|md|pptx REPORT...    exit 1 with the fault where one became more than text
"""

import html.parser
import json
import pathlib
import re
import subprocess
import sys
import zipfile
from xml.etree import ElementTree

BEGINS = ["<b>", "# ", "- ", "1. ", "=1+1|", "> ", "| ", "![", "```", "$$", "{{#t}}", "<!--", "*_", "---", ": ", "[^1]: "]
REST = ("<img src=x onerror=alert(1)></td></p:sp>\"q\"'a'&amp;&#65;**b**_i_[l](http://evil.example/)![p](x.png)`c`|"
        "~~s~~$x$\\(y\\){{{t}}}{volume}${n}%s http://evil.example/ www.evil.example me@evil.example @org \x1b[31m\u202e"
        "javascript:alert(1)\\")
# What may stand in a file's name and in a line of a shell.
NAME = "N7Z<img src=x onerror=alert(1)>**b**_i_[l](x)|$x$`c`{{t}} www.evil.example.h5"


def attack(number):
    return f"{BEGINS[number % len(BEGINS)]}A{number}Z {REST}"


def shown(text):
    """As system::printable makes it visible."""
    text = text.replace("\n", "\\n")
    return "".join("".join(f"\\x{byte:02x}" for byte in c.encode()) if c < " " or c == "\u202e" else c for c in text)


def squeezed(text):
    """Without blanks, and without backticks: a pair of them marks code in a sentence."""
    return re.sub(r"[\s\u00a0\u202f`]+", "", text)


# --- Putting it there

class Numbers:
    def __init__(self, first):
        self.next = first

    def __call__(self):
        self.next += 1
        return attack(self.next - 1)


def spoil(code):
    path = code / ".reconproof/check/check.json"
    check = json.loads(path.read_text())
    word = Numbers(10)
    check["project"] = attack(0)
    check["environment"].update(os=word(), kernel=word(), cpu=word(), gpus=[word()], sandbox={"state": "refused", "reason": word()})
    check["build"].update(version=word(), compiler=word())
    check["commands"]["reconstruct"] = ["python3", word()]
    check["run"].update(isolated=False, refused_reason=word())
    check["weights"]["path"] = word()
    for finding in check["findings"]:
        finding.update(message=word(), remediation=word(), source=word(), evidence=[word(), word()], measured=word())
    path.write_text(json.dumps(check))
    (code / ".reconproof/check/recon/acc4" / NAME).write_bytes(b"")
    (code / ".reconproof/check/attacks").write_text(str(word.next))


def wanted(report):
    """The words that a whole report shows: their marks and what stands behind."""
    code = pathlib.Path(report).parent / "team/code"
    last = int((code / ".reconproof/check/attacks").read_text())
    return [0, 1, 2, 3, *range(10, last)]


# --- Was it shown, and as text?

def expect_texts(report, text, numbers, least=None):
    """`least`: characters behind a mark that must be there; what is longer may be cut."""
    text = squeezed(text)
    for number in numbers:
        word = squeezed(shown(attack(number)))
        if least:
            word = word[:least]
        quoted = word.replace("'", "'\\''")  # of a command, for a shell
        if word not in text and quoted[: least or len(quoted)] not in text:
            at = text.find(f"A{number}Z")
            sys.exit(f"{report}: word {number} is not shown as it is\n  expected {word}\n  found    {text[max(0, at - 20):at + len(word)] if at >= 0 else 'nothing'}")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.texts, self.faults, self.hidden, self.scripts = [], [], 0, 0

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "style"):
            self.hidden += 1
            self.scripts += tag == "script"
        if tag in ("iframe", "object", "embed", "base", "form", "b", "i"):
            self.faults.append(f"<{tag}>")
        for name, value in attributes:
            if name.startswith("on") or (name in ("src", "href", "xlink:href") and not value.startswith(("data:", "#"))):
                self.faults.append(f"<{tag} {name}={value}>")
            if name in ("alt", "aria-label", "title"):
                self.texts.append(value)

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.hidden:
            self.texts.append(data)


def look_at_html(report):
    page = Page()
    page.feed(pathlib.Path(report).read_text(encoding="utf-8"))
    if page.faults or page.scripts > 1:
        sys.exit(f"{report}: {page.scripts} scripts, {page.faults}")
    expect_texts(report, " ".join(page.texts), wanted(report))


def look_at_markdown(report):
    folder = pathlib.Path(report).stem + "_files/"
    for dialect in ("gfm", "commonmark+pipe_tables", "commonmark_x-smart"):
        tree = json.loads(subprocess.run(["pandoc", "-f", dialect, "-t", "json", report], capture_output=True, check=True).stdout)
        texts = []

        def walk(node):
            if isinstance(node, list):
                for inner in node:
                    walk(inner)
            elif isinstance(node, dict):
                kind, content = node.get("t"), node.get("c")
                if kind in ("Link", "Math", "Strikeout", "Cite", "Note", "RawBlock", "Superscript", "Subscript", "DefinitionList", "Div", "Span"):
                    sys.exit(f"{report} as {dialect}: {kind} {json.dumps(content)[:300]}")
                if kind == "RawInline" and content[1] not in ("<!-- -->", "<br>"):
                    sys.exit(f"{report} as {dialect}: HTML {content[1]}")
                if kind == "Image" and not content[2][0].startswith(folder):
                    sys.exit(f"{report} as {dialect}: a picture of {content[2][0]}")
                if kind == "Str":
                    texts.append(content)
                elif kind in ("Code", "CodeBlock"):
                    texts.append(content[1])
                walk(content)

        walk(tree["blocks"])
        expect_texts(f"{report} as {dialect}", "".join(texts), wanted(report))


def look_at_slides(report):
    texts, pictures = [], 0
    with zipfile.ZipFile(report) as package:
        for name in package.namelist():
            if not name.endswith((".xml", ".rels")):
                continue
            root = ElementTree.fromstring(package.read(name))
            if name.endswith(".rels") and 'TargetMode="External"' in package.read(name).decode():
                sys.exit(f"{report}: {name} leads outside")
            if not re.fullmatch(r"ppt/(slides/slide|notesSlides/notesSlide)\d+\.xml", name):
                continue
            for paragraph in root.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}p"):
                texts.append("".join(part.text or "" for part in paragraph.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}t")))
            for shape in root.iter("{http://schemas.openxmlformats.org/presentationml/2006/main}cNvPr"):
                texts.append(shape.get("descr", ""))
            pictures += len(list(root.iter("{http://schemas.openxmlformats.org/presentationml/2006/main}pic")))
            for link in ("hlinkClick", "hlinkHover"):
                if list(root.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}" + link)):
                    sys.exit(f"{report}: {name} has a link")
    media = len({name for name in zipfile.ZipFile(report).namelist() if name.startswith("ppt/media/")})
    if pictures != media:
        sys.exit(f"{report}: {pictures} pictures of {media} files")
    text = "\n".join(texts)
    marks = [number for number in wanted(report) if f"A{number}Z" in text]
    if len(marks) < 12:
        sys.exit(f"{report}: shows only {len(marks)} of the words")
    expect_texts(report, text, marks, least=24)


def main():
    command, *arguments = sys.argv[1:]
    if command == "words":
        print(json.dumps([attack(number) for number in (0, 1, 2, 3)]))
    elif command == "spoil":
        spoil(pathlib.Path(arguments[0]))
    else:
        for report in arguments:
            {"html": look_at_html, "md": look_at_markdown, "pptx": look_at_slides}[command](report)


main()
