# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Slides in LibreOffice: every one opens and shows something, nothing runs over the lower edge, Korean is there.
#   sh slides.sh PROGRAM [FOLDER]
# FOLDER keeps the slides as pictures, to be looked at. Exits 77 where LibreOffice, poppler or pandoc is not here.
set -eu
program=$1
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-/usr/bin/python3}
for tool in soffice pdftoppm pandoc rsvg-convert; do command -v $tool >/dev/null || exit 77; done
"$python" -c 'import PIL, h5py' 2>/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

"$python" "$here/../browser/sample_project.py" "$program" team --slices 3 >/dev/null
"$program" report team/code --format pptx --lang en,ko -o slides >/dev/null
for name in slides slides.ko; do
  soffice -env:UserInstallation="file://$work/office" --headless --convert-to pdf $name.pptx >/dev/null 2>&1 ||
    fail "LibreOffice does not open $name.pptx"
  mkdir $name
  pdftoppm -r 60 -png $name.pdf $name/slide
  pdftotext $name.pdf $name.txt
  "$python" "$here/look_at_slides.py" $name.pptx $name || fail "$name.pptx"
done
for text in 제출 점수 재구성 '규정 위반'; do
  tr -d '\n ' <slides.ko.txt | grep -qF "$(echo "$text" | tr -d ' ')" || fail "the Korean slides lack $text"
done
# Whatever font stands in has the glyphs: no box in place of a letter.
pdffonts slides.ko.pdf | grep -qiE 'cjk|nanum|gothic|malgun|batang|baekmuk' || fail "no Korean font in the Korean slides"

# The checker itself: an empty slide, and one that is painted down to the edge.
"$python" - slides <<'EOF'
import sys
from PIL import Image
folder = sys.argv[1]
Image.new("RGB", (600, 337), "white").save(f"{folder}/slide-01.png")
EOF
! "$python" "$here/look_at_slides.py" slides.pptx slides >/dev/null 2>&1 || fail "an empty slide is not noticed"
"$python" -c 'from PIL import Image; Image.new("RGB", (600, 337), "black").save("slides/slide-01.png")'
! "$python" "$here/look_at_slides.py" slides.pptx slides >/dev/null 2>&1 || fail "what runs over the edge is not noticed"
[ $# -lt 2 ] || { mkdir -p "$2" && cp -r slides.ko slides.ko.pptx slides.pptx "$2"; }
