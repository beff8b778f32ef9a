# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Which elements of a page Chromium's PDF has cut: a tagged PDF says for each element on which pages it has marks."""
import re

OBJECT = re.compile(rb"(\d+) 0 obj\s*(.*?)endobj", re.S)
REFERENCE = re.compile(rb"\b(\d+) 0 R\b")


class TaggedPdf:
    def __init__(self, data):
        # Streams are skipped: what is looked for stands in plain dictionaries.
        plain = re.sub(rb"\bstream\r?\n.*?endstream", b"", data, flags=re.S)
        self.objects = {int(number): body for number, body in OBJECT.findall(plain)}
        self.pages = {number for number, body in self.objects.items() if re.search(rb"/Type\s*/Page\b", body)}
        self.elements = {n for n, body in self.objects.items() if b"/StructElem" in body}

    def kind(self, number):
        return re.search(rb"/S\s*/(\w+)", self.objects[number]).group(1).decode()

    def pages_of(self, number):
        """The pages (numbers of objects) that an element, or one inside it, has marks on."""
        body = self.objects[number]
        kids = body[body.index(b"/K"):] if b"/K" in body else b""
        pages = {int(page) for page in re.findall(rb"/Pg\s+(\d+) 0 R", kids)}
        marks = re.sub(rb"<<.*?>>", b"", kids)
        for kid in REFERENCE.findall(re.sub(rb"/Pg\s+\d+ 0 R", b"", marks)):
            if int(kid) in self.elements and int(kid) != number:
                pages |= self.pages_of(int(kid))
        own = re.search(rb"/Pg\s+(\d+) 0 R", body)
        if own and re.search(rb"\b\d+\b", REFERENCE.sub(b"", re.sub(rb"/Pg\s+\d+ 0 R", b"", marks))):
            pages.add(int(own.group(1)))
        return pages

    def text(self, number):
        alt = re.search(rb"/Alt\s*\((.*?)\)", self.objects[number], re.S)
        return alt.group(1).decode("latin-1") if alt else f"{self.kind(number)} {number}"

    def is_head(self, number):
        """The first row of a table, which Chromium repeats on every page."""
        parent = int(re.search(rb"/P\s+(\d+) 0 R", self.objects[number]).group(1))
        kids = [int(kid) for kid in REFERENCE.findall(self.objects.get(parent, b"").split(b"/K")[-1])]
        rows = [kid for kid in kids if kid in self.elements and self.kind(kid) == "TR"]
        return rows[:1] == [number]

    def cut(self, kinds=("Figure", "TR")):
        """Names of the elements of these kinds that lie on more than one page."""
        return [self.text(number) for number in sorted(self.elements)
                if self.kind(number) in kinds and not self.is_head(number) and len(self.pages_of(number)) > 1]

    def count(self, kind):
        return sum(self.kind(number) == kind for number in self.elements)
