#!/bin/sh
# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Every name that docs/varnet.md and docs/varnet.ko.md give exists, and the two pages say the same.
#   sh names.sh ROOT            our names, links, figures, options; English against Korean; each check seen failing
#   sh names.sh ROOT official   the official names, in $SNU/<branch>/ (77: no such checkout)
# A name is whatever stands between backticks outside fenced blocks. varnet.names lists all of them, each with the file
# that holds it.
set -eu
export LC_ALL=C
root=$(cd "$1" && pwd)
pages="varnet.md varnet.ko.md"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# spans PAGE: the names on it. fenced PAGE: the lines inside fenced blocks.
spans() {
  awk '/^```/ { fenced = !fenced; next }
       !fenced { while (match($0, /`[^`]+`/)) { print substr($0, RSTART + 1, RLENGTH - 2); $0 = substr($0, RSTART + RLENGTH) } }' "$1" |
    sort -u
}
fenced() { awk '/^```/ { fenced = !fenced; next } fenced' "$1"; }
# entries LIST: its lines without comments. listed LIST: the names in it.
entries() { grep -v -e '^#' -e '^$' "$1"; }
listed() { entries "$1" | sed 's/^[^ ]* [^ ]* //' | sort -u; }

# holds FILE NAME: a file holds its own name; a dotted or scoped identifier as its parts, each a whole word; anything
# else (an expression, an option) as it stands.
holds() {
  [ -f "$1" ] || return 1
  [ "${1##*/}" != "$2" ] || return 0
  case $2 in
    *[!A-Za-z0-9_.:]* | .*) grep -qF -- "$2" "$1" ;;
    *) for part in $(printf '%s' "$2" | tr '.:' '  '); do grep -qw -- "$part" "$1" || return 1; done ;;
  esac
}

# lint_list LIST: lines are KIND FILE NAME, and every kind occurs.
lint_list() {
  entries "$1" | grep -vE '^(official(:[0-9a-z_]+)?|ours|command|word) [^ ]+ [^ ].*$' | sed 's/^/varnet.names: malformed line: /'
  for kind in official ours command word; do
    grep -q "^$kind" "$1" || echo "varnet.names: no line of kind '$kind'"
  done
}

# lint_ours ROOT
lint_ours() {
  entries "$1/tests/docs/varnet.names" | while read -r kind file name; do
    case $kind in
      ours) holds "$1/$file" "$name" || echo "ours: '$name' is not in $file" ;;
      command)
        verb=$(printf '%s' "$name" | cut -d ' ' -f 2)
        grep -qF "\"$verb\"" "$1/$file" || echo "ours: no command '$verb' in $file" ;;
    esac
  done
}

# lint_official LIST SNU
lint_official() {
  entries "$1" | while read -r kind file name; do
    case $kind in
      official) branch=2025_baby_varnet ;;
      official:*) branch=${kind#official:} ;;
      *) continue ;;
    esac
    holds "$2/$branch/$file" "$name" || echo "official: '$name' is not in $branch/$file"
  done
}

# lint_page ROOT PAGE: its names against the list, its links, the options of the commands it shows.
lint_page() {
  list=$1/tests/docs/varnet.names page=$1/docs/$2
  spans "$page" >"$work/spans"
  listed "$list" >"$work/listed"
  comm -23 "$work/spans" "$work/listed" | sed "s/^/$2: not in varnet.names: /"
  comm -13 "$work/spans" "$work/listed" | sed "s/^/$2: in varnet.names, but not on the page: /"
  grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//; s/)$//; s/#.*//' | grep -v '^http' | while read -r link; do
    [ -e "$1/docs/$link" ] || echo "$2: no such file: $link"
  done
  fenced "$page" | sed -n '/reconproof /,/[^\\]$/p' | grep -oE -e '--[a-z-]+' | sort -u | while read -r option; do
    grep -qE "\"${option#--}[\",]" "$1"/baseline/cli/*.cpp "$1"/cli/*.cpp || echo "$2: no command has the option $option"
  done
}

# lint_figures ROOT: what looks like a name in the text of a figure stands in the list, too.
lint_figures() {
  listed "$1/tests/docs/varnet.names" >"$work/listed"
  for figure in "$1"/docs/figures/varnet-*.svg; do
    grep -oE '<text[^>]*>[^<]*' "$figure" | sed 's/<[^>]*>//' |
      grep -oE '[A-Za-z]+(_[A-Za-z0-9]+)+(\.[a-z]+)?|[a-z]+\.(py|sh|pt|npy)|[A-Z][a-z]+[A-Z][A-Za-z]+' | sort -u |
      comm -23 - "$work/listed" | sed "s/^/${figure##*/}: not in varnet.names: /"
  done
}

# What must be equal in both languages.
headings() { grep -oE '^#+' "$1"; }
figures() { grep -oE '!\[[^]]*\]\([^)]+\)' "$1" | sed 's/.*(//; s/)$//; s/\.ko\.svg$/.svg/'; }
items() { grep -oE '^[0-9]+\.' "$1"; }
numbers() { grep '^|' "$1" | grep -oE '[0-9][0-9.,]*' | sed 's/[.,]$//' | sort; }
code() { fenced "$1"; }

# lint_pair ROOT
lint_pair() {
  for part in headings figures items numbers code; do
    for page in $pages; do $part "$1/docs/$page" >"$work/$part.$page"; done
    [ -s "$work/$part.varnet.md" ] || echo "varnet.md: no $part found"
    cmp -s "$work/$part.varnet.md" "$work/$part.varnet.ko.md" || echo "the two pages differ in their $part"
  done
}

lint() {
  lint_list "$1/tests/docs/varnet.names"
  lint_ours "$1"
  for page in $pages; do lint_page "$1" "$page"; done
  lint_figures "$1"
  lint_pair "$1"
}

# A copy of the repository in $work/copy: pages and list are copied, all else is linked.
copy() {
  rm -rf "$work/copy"
  mkdir -p "$work/copy/tests"
  for entry in "$root"/*; do
    case ${entry##*/} in docs | tests) ;; *) ln -s "$entry" "$work/copy/" ;; esac
  done
  cp -r "$root/docs" "$work/copy/docs"
  cp -r "$root/tests/docs" "$work/copy/tests/docs"
}

# expect_complaint TEXT: the altered copy must be found out.
expect_complaint() {
  lint "$work/copy" >"$work/complaints"
  grep -qF -- "$1" "$work/complaints" || { echo "FAILED: the check misses: $1" >&2; cat "$work/complaints" >&2; exit 1; }
  copy
}

see_each_check_fail() {
  copy
  docs=$work/copy/docs list=$work/copy/tests/docs/varnet.names
  sed -i 's/`find_acs`/`find_acx`/' "$docs/varnet.md"
  expect_complaint "varnet.md: not in varnet.names: find_acx"
  sed -i 's/ find_acs$/ find_acx/' "$list"
  expect_complaint "ours: 'find_acx' is not in baseline/model/varnet.h"
  sed -i 's/ Trainer::run$/ Trainer::ran/' "$list"
  expect_complaint "ours: 'Trainer::ran' is not in"
  sed -i 's/^ours .* find_acs$/ours baseline\/nowhere.h find_acs/' "$list"
  expect_complaint "ours: 'find_acs' is not in baseline/nowhere.h"
  sed -i 's/ reconproof check$/ reconproof chek/' "$list"
  expect_complaint "ours: no command 'chek'"
  echo 'ours baseline/model/varnet.h' >>"$list"
  expect_complaint "varnet.names: malformed line"
  sed -i '/^word/d' "$list"
  expect_complaint "no line of kind 'word'"
  sed -i 's/train_epoch/train_epoc/' "$docs/figures/varnet-sequence.ko.svg"
  expect_complaint "varnet-sequence.ko.svg: not in varnet.names: train_epoc"
  sed -i 's/`seed_fix`/seed_fix/g' "$docs/varnet.ko.md"
  expect_complaint "varnet.ko.md: in varnet.names, but not on the page: seed_fix"
  sed -i 's/](formats/](fromats/' "$docs/varnet.md"
  expect_complaint "varnet.md: no such file: fromats"
  rm "$docs/figures/varnet-mask.ko.svg"
  expect_complaint "varnet.ko.md: no such file: figures/varnet-mask.ko.svg"
  sed -i 's/--data-train /--data-trian /' "$docs/varnet.md"
  expect_complaint "varnet.md: no command has the option --data-trian"
  sed -i '/^### /{s/^### //;:a;n;ba}' "$docs/varnet.ko.md"
  expect_complaint "differ in their headings"
  sed -i '/varnet-shapes/d' "$docs/varnet.md"
  expect_complaint "differ in their figures"
  sed -i '/^25\. /d' "$docs/varnet.ko.md"
  expect_complaint "differ in their items"
  sed -i 's/^| 1, 9, 4, 4 /| 1, 9, 4, 5 /' "$docs/varnet.md"
  expect_complaint "differ in their numbers"
  sed -i 's/^import sys, torch$/import torch/' "$docs/varnet.ko.md"
  expect_complaint "differ in their code"
}

# The official check on a made-up checkout that holds just the names, so that CI sees it pass and fail.
see_official_check_fail() {
  list=$root/tests/docs/varnet.names snu=$work/snu
  entries "$list" | while read -r kind file name; do
    case $kind in
      official) branch=2025_baby_varnet ;;
      official:*) branch=${kind#official:} ;;
      *) continue ;;
    esac
    mkdir -p "$snu/$branch/$(dirname "$file")"
    printf '%s\n' "$name" | tr ':' '\n' >>"$snu/$branch/$file"
  done
  lint_official "$list" "$snu" >"$work/complaints"
  [ ! -s "$work/complaints" ] || { echo "FAILED: on the made-up checkout:" >&2; cat "$work/complaints" >&2; exit 1; }
  sed -i 's/VarNetBlock/VarNetBloc/' "$snu/2025_baby_varnet/utils/model/varnet.py"
  lint_official "$list" "$snu" | grep -qF "official: 'VarNetBlock' is not in 2025_baby_varnet/utils/model/varnet.py" ||
    { echo "FAILED: the check misses a wrong official name" >&2; exit 1; }
}

if [ "${2:-}" = official ]; then
  snu=${SNU:-${RECONPROOF_SNU:-}}
  [ -d "$snu/2025_baby_varnet" ] || { echo "skipped: SNU=DIR names no checkouts of the official repository (DIR/2025_baby_varnet)"; exit 77; }
  lint_official "$root/tests/docs/varnet.names" "$snu" >"$work/complaints"
else
  lint "$root" >"$work/complaints"
fi
if [ -s "$work/complaints" ]; then
  cat "$work/complaints" >&2
  exit 1
fi
[ "${2:-}" = official ] || { see_each_check_fail && see_official_check_fail; }
echo "$(listed "$root/tests/docs/varnet.names" | wc -l) names"
