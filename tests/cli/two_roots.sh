# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# One project packed on two machines gives the same bytes: sh two_roots.sh PROGRAM TEST-DATA FAKE [debootstrap]
# The second machine differs in all that must not matter: user, locale, time zone, umask, host name, file system (tmpfs),
# place of the project, order in which its files were made, their times, modes, inodes and links, number of CPUs. Its
# root is this one, or with `debootstrap` a minimal one made by it. Needs bubblewrap; skipped (77) without, or fails with
# RECONPROOF_REQUIRE_SANDBOX=1.
. "$(dirname "$0")/lib.sh"

skip() {
  echo "SKIPPED: $*"
  [ "${RECONPROOF_REQUIRE_SANDBOX:-0}" = 1 ] && exit 1
  exit 77
}

# make_project.sh FOLDER first|second: the same files, made in two ways.
cat >make_project.sh <<'END'
set -eu
mkdir -p "$1" && cd "$1"
mkdir -p code/B code/a result/recon/acc4 result/recon/acc8 code/.reconproof/check
put() { printf '%s\n' "$2" >"$1"; }
files() {
  put code/README.md team; put code/a-b.py ""; put code/a/x.py "x = 1"; put code/B/y.py "y = 1"; put code/a_b.py ""
  put code/가.md 한글; put code/Ä.md Ä; put code/main.py "print()"; put code/run.sh "true"; put code/tool.sh "true"
  put result/recon/acc4/brain_test10.h5 ten; put result/recon/acc4/brain_test9.h5 nine; put result/recon/acc8/brain_test1.h5 one
  yes reconproof | head -c 40000000 >result/weights.pt
  put code/.reconproof/check/check.json '{"schema": "reconproof.check", "schema_version": 1, "project": "roots",
    "edition": "snu-2025", "findings": [], "environment": {"cpu": "of the check"}}'
  put code/reconproof.toml '[project]
name = "roots"
edition = "snu-2025"
[steps.reconstruct]
command = ["./run.sh"]
weights = "../result/weights.pt"
outputs = "../result/recon"'
}
files
if [ "$2" = first ]; then
  chmod 0755 code/run.sh
  chmod 0644 code/tool.sh code/main.py
else
  # Each file anew, the last one first; those of the same contents as links to one file.
  find . -type f | LC_ALL=C sort -r | while read -r file; do cp "$file" "$file.new" && rm "$file" && mv "$file.new" "$file"; done
  ln -f code/a-b.py code/a_b.py
  touch -d 2001-02-03 code/a/x.py result/weights.pt code/B
  chmod 0700 code/run.sh                 # only what the owner may execute is code that runs
  chmod 0655 code/tool.sh
  chmod 0600 code/main.py
fi
END

sh make_project.sh here first
expect 0 pack here/code -o here.tar
expect 0 verify here.tar

root=/
if [ "${4:-}" = debootstrap ]; then
  root=$work/root
  [ "$(id -u)" -eq 0 ] || skip "debootstrap needs root"
  command -v debootstrap >/dev/null || skip "debootstrap is not installed"
  . /etc/os-release
  packages=$(ldd "$program" | awk '$3 ~ /^\// { print $3 }' | xargs readlink -f | xargs dpkg -S 2>/dev/null | cut -d: -f1 | sort -u | paste -sd,)
  mirror=$(apt-get indextargets --format '$(SITE)' "Codename: $VERSION_CODENAME" 2>/dev/null | head -n 1)
  debootstrap --variant=minbase --include="$packages,locales-all" "$VERSION_CODENAME" "$root" ${mirror:+"$mirror"} >debootstrap.log 2>&1 ||
    skip "debootstrap: $(tail -n 1 debootstrap.log)"
fi
# What goes there and comes back; all else is made there, on a tmpfs.
mkdir shared
cp "$program" shared/reconproof
cp make_project.sh shared/
cat >shared/there.sh <<'END'
set -eu
umask 077
sh /mnt/make_project.sh /home/someone/challenge second
cd /home/someone/challenge/code
taskset -c "$(taskset -cp $$ | sed 's/.*[ ,-]//')" /mnt/reconproof pack -o ../there.tar
cp ../there.tar /mnt/
END
locale=$([ -d "$root/usr/lib/locale/tr_TR.utf8" ] || [ "$root" != / ] && echo tr_TR.UTF-8 || echo C.UTF-8)
there() {
  bwrap --unshare-all --uid 1234 --gid 4321 --hostname elsewhere --ro-bind "$root" / --tmpfs /home --tmpfs /tmp --proc /proc --dev /dev \
    --bind shared /mnt --clearenv --setenv PATH /usr/bin:/bin --setenv LC_ALL "$locale" --setenv TZ Asia/Seoul --setenv HOME /home "$@"
}
there true 2>stderr || skip "no second root here: $(head -n 1 stderr)"
there sh /mnt/there.sh >stdout 2>stderr || fail "pack on the second machine: exit $?"
here=$(sha256sum <here.tar) there=$(sha256sum <shared/there.tar)
[ "$here" = "$there" ] || fail "other bytes on the second machine: $here here, $there there"
echo "SHA-256 on both: ${here%% *} (locale $locale)"

# What does matter is seen.
chmod u+x here/code/tool.sh
expect 0 pack here/code -o here.tar
! cmp -s here.tar shared/there.tar || fail "the owner's right to execute changed nothing"
