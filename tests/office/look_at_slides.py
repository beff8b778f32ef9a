# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""look_at_slides.py DECK.pptx FOLDER: FOLDER has a picture for each slide; none is empty, all keep their edges free."""

import pathlib
import re
import sys
import zipfile

from PIL import Image

EDGE = 0.012  # of the height and the width
LEAST_INK = 0.004  # share of the pixels that are not white


def main():
    deck, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    slides = [name for name in zipfile.ZipFile(deck).namelist() if re.fullmatch(r"ppt/slides/slide\d+\.xml", name)]
    pictures = sorted(folder.glob("slide-*.png"))
    if len(pictures) != len(slides):
        sys.exit(f"{deck}: {len(slides)} slides became {len(pictures)} pages")
    for picture in pictures:
        image = Image.open(picture).convert("L").point(lambda level: 255 if level < 245 else 0)
        width, height = image.size
        ink = image.histogram()[255] / (width * height)
        if ink < LEAST_INK:
            sys.exit(f"{picture.name}: empty ({100 * ink:.2f} % ink)")
        left, top, right, bottom = image.getbbox()
        if left < EDGE * width or right > (1 - EDGE) * width or bottom > (1 - EDGE) * height or top < EDGE * height:
            sys.exit(f"{picture.name}: runs over an edge ({left}, {top}, {right}, {bottom} of {width} x {height})")
    print(f"{deck}: {len(pictures)} slides")


main()
