# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""What a careful forger does: packs a changed folder of a bundle again, with manifests that fit.

python3 forge_bundle.py FOLDER OUT.tar
"""
import hashlib
import pathlib
import re
import sys
import tarfile

bag, out = pathlib.Path(sys.argv[1]), sys.argv[2]


def files(below=""):
    return sorted(p.relative_to(bag).as_posix() for p in (bag / below).rglob("*") if p.is_file())


def write_manifest(name, paths):
    digests = ((hashlib.sha256((bag / path).read_bytes()).hexdigest(), path) for path in paths)
    (bag / name).write_text("".join(f"{digest}  {path}\n" for digest, path in digests))


payload = files("data")
size = sum((bag / path).stat().st_size for path in payload)
info = (bag / "bag-info.txt").read_text()
(bag / "bag-info.txt").write_text(re.sub(r"Payload-Oxum: .*", f"Payload-Oxum: {size}.{len(payload)}", info))
write_manifest("manifest-sha256.txt", payload)
tags = [path for path in files() if not path.startswith(("data/", "attestations/", "tagmanifest"))]
write_manifest("tagmanifest-sha256.txt", tags)

entries = {path: bag / path for path in files()}
for path in list(entries):
    for folder in pathlib.PurePosixPath(path).parents:
        if str(folder) != ".":
            entries[str(folder)] = bag / folder
with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as archive:
    for path, source in [("", bag)] + sorted(entries.items()):
        entry = tarfile.TarInfo(f"{bag.name}/{path}".rstrip("/"))
        executable = source.is_dir() or source.stat().st_mode & 0o100
        entry.mode = 0o755 if executable else 0o644
        if source.is_dir():
            entry.type = tarfile.DIRTYPE
            archive.addfile(entry)
        else:
            entry.size = source.stat().st_size
            with source.open("rb") as contents:
                archive.addfile(entry, contents)
