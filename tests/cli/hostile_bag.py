# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""A bundle, byte by byte: what `reconproof pack` wrote, changed and put together again as one likes."""
import hashlib
import io
import json
import os
import tarfile

from hostile_case import Run, add, require

TOP = "team"
FILE = "hostile.tar"
TARGET = "extracted"
MANIFEST, TAG_MANIFEST, INFO = "manifest-sha256.txt", "tagmanifest-sha256.txt", "bag-info.txt"
END = bytes(1024)
base = {}  # path in the bag -> contents, of the bundle that is spoilt
extracts = False  # whether the program has `extract`


def load(path):
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile():
                base[member.name.partition("/")[2]] = archive.extractfile(member).read()


def field(value, size):
    """Bytes as they are, a number in octal digits with a NUL."""
    return value if isinstance(value, bytes) else b"%0*o\0" % (size - 1, value)


def entry(name, data=b"", kind=b"0", size=None, link=b"", magic=b"ustar\x0000", prefix=b"", mode=0o644, checksum=None):
    """Header, data and padding. `size` and `checksum`: what the header says instead of the truth."""
    name = name if isinstance(name, bytes) else name.encode()
    size = len(data) if size is None else size
    device = bytes(16) if magic == b"ustar  \0" else b"0000000\x000000000\0"
    head = name[:100].ljust(100, b"\0") + field(mode, 8) + b"0000000\x000000000\0" + field(size, 12) + field(0, 12)
    tail = kind + link.ljust(100, b"\0") + magic + bytes(64) + device + prefix.ljust(155, b"\0") + bytes(12)
    total = sum(head) + 8 * 32 + sum(tail)
    header = head + (checksum(head, tail) if checksum else b"%06o\0 " % total) + tail
    return header + data + bytes(-len(data) % 512)


def pax_record(key, value):
    """LENGTH KEY=VALUE and a newline; the length counts itself."""
    key, value = (text if isinstance(text, bytes) else text.encode() for text in (key, value))
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest)
    while len(b"%d" % length + rest) != length:
        length = len(b"%d" % length + rest)
    return b"%d" % length + rest


def pax(*records, kind=b"x"):
    return entry("PaxHeaders/x", b"".join(pax_record(key, value) for key, value in records), kind)


class Bag:
    def __init__(self):
        self.files = dict(base)

    def digests(self, covers):
        return "".join(
            f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(self.files.items()) if covers(path)
        ).encode()

    def seal_payload(self):
        """Payload manifest and Payload-Oxum of what is there."""
        payload = [data for path, data in self.files.items() if path.startswith("data/")]
        lines = [line for line in base[INFO].splitlines() if not line.startswith(b"Payload-Oxum")]
        lines.append(b"Payload-Oxum: %d.%d" % (sum(map(len, payload)), len(payload)))
        self.files[INFO] = b"\n".join(lines) + b"\n"
        self.files[MANIFEST] = self.digests(lambda path: path.startswith("data/"))
        return self.seal_tags()

    def seal_tags(self):
        self.files[TAG_MANIFEST] = self.digests(
            lambda path: not path.startswith(("data/", "attestations/")) and path != TAG_MANIFEST)
        return self

    def folders(self):
        found = {""}
        for path in self.files:
            parts = path.split("/")[:-1]
            found.update("/".join(parts[: i + 1]) for i in range(len(parts)))
        return found

    def entries(self, top=TOP, without=()):
        """Bytes of every entry by its name, in order."""
        names = [(f"{top}/{path}".rstrip("/") + "/", None) for path in self.folders()]
        names += [(f"{top}/{path}", data) for path, data in self.files.items() if path not in without]
        return {
            name: entry(name, b"", b"5", mode=0o755) if data is None else long_entry(name, data)
            for name, data in sorted(names)
        }

    def tar(self, *extra, end=END, **options):
        return b"".join(self.entries(**options).values()) + b"".join(extra) + end


def long_entry(name, data):
    plain = len(name.encode()) <= 100 and name.isascii()
    return (b"" if plain else pax(("path", name))) + entry(name if plain else "long", data)


def one_problem(kind):
    """Of `verify --json`: one problem of this kind, and nothing else."""

    def check(result):
        document = json.loads(result.out)
        kinds = [problem["kind"] for problem in document["problems"]]
        require(kinds == [kind], f"problems {kinds[:20]}, expected only {kind}")
        require(not document["ok"], "ok")

    return check


def problem_lines(result):
    return [f"{problem['path']}: {problem['message']}" for problem in json.loads(result.out)["problems"]]


class Readers:
    """What every reader of a bundle says of FILE. `many`: more problems than one follow from the fault."""

    def __init__(self, code, kind, needles, many):
        self.code, self.kind, self.needles, self.many = code, kind, needles, many

    def __iter__(self):
        code, needles = self.code, self.needles
        yield Run(["verify", FILE], code, self.kind, *needles, one_line=False)
        yield Run(["verify", FILE, "--json"], code, *needles, one_line=False, lines_of=problem_lines,
                  check=None if self.many else one_problem(self.kind))
        if extracts:
            yield Run(["extract", FILE, "--to", TARGET], code, *needles, one_line=False, absent=[TARGET])


def bundle(group, code, kind, *needles, name=None, many=False, **options):
    """Registers a bundle: a function of a Bag that changes it, or returns the archive's bytes (or parts of them)."""

    def register(function):
        def make(place):
            bag = Bag()
            made = function(bag)
            with open(os.path.join(place, FILE), "wb") as out:
                for part in [bag.tar()] if made is None else [made] if isinstance(made, bytes) else made:
                    if callable(part):
                        part(out)
                    else:
                        out.write(part)

        add(group, name or function.__name__, make, Readers(code, kind, needles, many), **options)
        return function

    return register


def hole(size):
    """A part of a file that takes no room on the disk."""
    return lambda out: (out.seek(size, io.SEEK_CUR), out.truncate(out.tell()))
