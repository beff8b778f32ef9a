# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Archives that mean to write elsewhere, to mean two things at once, or to use up the machine."""
import bz2
import gzip
import io
import lzma
import os
import struct
import zipfile

from hostile_bag import END, FILE, TOP, bundle, entry, hole, pax

GNU = b"ustar  \0"
INSIDE = f"{TOP}/data/inside"


def tar(kind, *needles, code=3, **options):
    return bundle("tar", code, kind, *needles, **options)


def damaged(*needles, **options):
    """The whole archive is refused, with the byte where it is damaged."""
    return tar("malformed", f"{FILE}: byte ", *needles, **options)


# ---- names that lead elsewhere ----


@tar("unsafe_path", f"{TOP}/../../canary/written", "has a component '..'")
def parent_folder(bag):
    return bag.tar(entry(f"{TOP}/../../canary/written", b"x"))


@tar("unsafe_path", f"{TOP}/data/../../../canary/secret", "has a component '..'")
def parent_folder_in_pax(bag):
    return bag.tar(pax(("path", f"{TOP}/data/../../../canary/secret")), entry("harmless", b"x"))


@tar("unsafe_path", "canary/written", "is absolute")
def absolute_name(bag):
    return bag.tar(pax(("path", os.path.abspath("canary/written"))), entry("harmless", b"x"))


@tar("unsafe_path", "/tmp/hostile-prefix", "is absolute")
def absolute_prefix(bag):
    return bag.tar(entry("hostile-prefix", b"x", prefix=b"/tmp"))


@tar("type", f"{TOP}/data/link", "is a symbolic link")
def symbolic_link_to_outside(bag):
    return bag.tar(entry(f"{TOP}/data/link", kind=b"2", link=b"../../canary"))


@tar("type", f"{TOP}/data/link", "is a symbolic link", many=True)
def file_through_a_link(bag):
    """The second entry would be written through the first."""
    return bag.tar(entry(f"{TOP}/data/link", kind=b"2", link=b"../../canary"), entry(f"{TOP}/data/link/written", b"x"))


@tar("type", INSIDE, "is a symbolic link")
def symbolic_link_to_inside(bag):
    return bag.tar(entry(INSIDE, kind=b"2", link=b"weights/weights.pt"))


@tar("type", f"{TOP}", "is a symbolic link", many=True)
def top_folder_is_a_link(bag):
    return entry(TOP, kind=b"2", link=b"../canary") + bag.tar()


@tar("type", f"{TOP}/data/link", "is a hard link")
def hard_link_to_outside(bag):
    return bag.tar(entry(f"{TOP}/data/link", kind=b"1", link=b"/etc/passwd"))


@tar("type", INSIDE, "is a hard link")
def hard_link_to_inside(bag):
    return bag.tar(entry(INSIDE, kind=b"1", link=f"{TOP}/data/weights/weights.pt".encode()))


@tar("type", INSIDE, "is a character device")
def character_device(bag):
    return bag.tar(entry(INSIDE, kind=b"3"))


@tar("type", INSIDE, "is a block device")
def block_device(bag):
    return bag.tar(entry(INSIDE, kind=b"4"))


@tar("type", INSIDE, "is a named pipe")
def named_pipe(bag):
    return bag.tar(entry(INSIDE, kind=b"6"))


# ---- two names that are one ----


@tar("duplicate", f"{TOP}/bagit.txt", "stands in the archive more than once")
def duplicate_name(bag):
    return bag.tar(entry(f"{TOP}/bagit.txt", b"other contents\n"))


@tar("duplicate", f"{TOP}/data", "stands in the archive more than once")
def folder_and_file(bag):
    return bag.tar(entry(f"{TOP}/data", b"x"))


@tar("collision", "data/weights/", "differs from 'data/weights/", "only in case")
def names_that_differ_in_case(bag):
    bag.files["data/weights/Weights.PT"] = b"x"
    bag.seal_payload()


@tar("collision", "data/code/", "only in case or composition of characters")
def names_that_differ_in_composition(bag):
    bag.files["data/code/caf\u00e9.py"] = bag.files["data/code/cafe\u0301.py"] = b"x"
    bag.seal_payload()


@tar("collision", "data/weights/weights.pt/below", "lies below 'data/weights/weights.pt', which is a file")
def below_a_file(bag):
    bag.files["data/weights/weights.pt/below"] = b"x"
    bag.seal_payload()
    entries = bag.entries()
    del entries[f"{TOP}/data/weights/weights.pt/"]
    return b"".join(entries.values()) + END


@tar("top_folder", "other/file", f"stands outside the folder '{TOP}'")
def two_top_folders(bag):
    return bag.tar(entry("other/file", b"x"))


@tar("top_folder", "bagit.txt", "stands outside the folder 'bag-info.txt'", many=True)
def no_top_folder(bag):
    return b"".join(entry(path, data) for path, data in sorted(bag.files.items())) + END


@tar("top_folder", f"{TOP}-2/bagit.txt", f"stands outside the folder '{TOP}'", many=True)
def two_bags(bag):
    return bag.tar(*bag.entries(top=f"{TOP}-2").values())


# ---- sparse files, pax and GNU headers ----


@damaged("a GNU sparse file")
def gnu_sparse(bag):
    return bag.tar(entry(INSIDE, b"x" * 512, b"S", magic=GNU))


@damaged("pax record 'GNU.sparse.major'")
def pax_sparse_1(bag):
    records = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "1099511627776")]
    return bag.tar(pax(*records), entry(INSIDE, b"1\n0\n512\n".ljust(1024, b"\0")))


@damaged("pax record 'GNU.sparse.size'")
def pax_sparse_0(bag):
    return bag.tar(pax(("GNU.sparse.size", "1099511627776"), ("GNU.sparse.numblocks", "0")), entry(INSIDE))


@damaged("pax record 'path'")
def pax_path_twice(bag):
    return bag.tar(pax(("path", f"{TOP}/a"), ("path", f"{TOP}/b")), entry(INSIDE, b"x"))


@damaged("two extended headers for one entry")
def two_pax_headers(bag):
    return bag.tar(pax(("path", f"{TOP}/a")), pax(("path", f"{TOP}/b")), entry(INSIDE, b"x"))


@damaged("a pax size for a file that needs none")
def pax_size_contradicts(bag):
    return bag.tar(pax(("size", "1024")), entry(INSIDE, b"x" * 512), entry("hidden", b"y"))


@damaged("a pax size for a file that needs none")
def pax_size_negative(bag):
    return bag.tar(pax(("size", "-1")), entry(INSIDE, b"x"))


@damaged("a pax size for a file that needs none")
def pax_size_overflows(bag):
    return bag.tar(pax(("size", "9223372036854775808")), entry(INSIDE, b"x"))


@damaged("pax record 'linkpath'")
def pax_link(bag):
    return bag.tar(pax(("linkpath", "/etc/passwd")), entry(INSIDE, b"x"))


@damaged("pax record 'hdrcharset'")
def pax_character_set(bag):
    return bag.tar(pax(("hdrcharset", "BINARY"), ("path", b"\xff")), entry(INSIDE, b"x"))


@damaged("malformed pax record")
def pax_length_wrong(bag):
    return bag.tar(entry("x", b"99999 path=a\n", b"x"), entry(INSIDE, b"x"))


@damaged("malformed pax record")
def pax_length_overflows(bag):
    return bag.tar(entry("x", b"18446744073709551617 path=a\n", b"x"), entry(INSIDE, b"x"))


@damaged("a pax global header")
def pax_global_header(bag):
    return pax(("path", "elsewhere"), kind=b"g") + bag.tar()


@damaged("an absurd size of an extended header")
def gnu_long_name_of_1_mb(bag):
    return bag.tar(entry("././@LongLink", b"a/" * (1 << 19), b"L", magic=GNU), entry(INSIDE, b"x", magic=GNU))


@damaged("a GNU long link")
def gnu_long_link(bag):
    return bag.tar(entry("././@LongLink", b"/etc/passwd\0", b"K", magic=GNU), entry(INSIDE, b"x", magic=GNU))


@damaged("an absurd size of an extended header")
def pax_header_of_100_mb(bag):
    size = 100 << 20
    return [bag.tar(end=b""), entry("x", kind=b"x", size=size), hole(size), entry(INSIDE), END]


@damaged("an absurd size of an extended header")
def pax_header_of_negative_size(bag):
    return bag.tar(entry("x", kind=b"x", size=b"\xff" * 12), entry(INSIDE))


@damaged("a name of 2000 bytes")
def name_of_2000_bytes(bag):
    return bag.tar(pax(("path", f"{TOP}/" + "a/" * 997 + "b")), entry(INSIDE, b"x"))


@tar("unsafe_path", "a component of more than 255 bytes")
def component_of_300_bytes(bag):
    return bag.tar(pax(("path", f"{TOP}/" + "a" * 300)), entry(INSIDE, b"x"))


@tar("unsafe_path", f"{TOP}/a/a/a/", "has more than 64 components")
def name_of_300_components(bag):
    return bag.tar(pax(("path", f"{TOP}/" + "a/" * 300 + "b")), entry(INSIDE, b"x"))


# ---- numbers and frames ----


@damaged("size or place is read differently by different programs")
def size_in_base_256(bag):
    return bag.tar(entry(INSIDE, b"x", size=b"\x80" + bytes(10) + b"\x01"))


@damaged("Tar entry has negative size")
def size_negative(bag):
    return bag.tar(entry(INSIDE, b"x", size=b"\xff" * 12))


@damaged("byte ")
def size_of_2_to_63(bag):
    return bag.tar(entry(INSIDE, b"x", size=b"\x80\0\0\0" + struct.pack(">Q", 1 << 63)))


@damaged("the header's field 'size' is not what tar programs write")
def size_no_number(bag):
    return bag.tar(entry(INSIDE, b"x", size=b"twelve bytes"))


@damaged("goes beyond the end of the archive")
def size_beyond_the_end(bag):
    return bag.tar(entry(INSIDE, size=1 << 30))


@damaged("the header's checksum is wrong")
def checksum_wrong(bag):
    return bag.tar(entry(INSIDE, b"x", checksum=lambda head, tail: b"000000\0 "))


def signed_sum(head, tail):
    return b"%06o\0 " % (sum(byte - 256 * (byte > 127) for byte in head + tail) + 8 * 32)


@damaged("the header's checksum is wrong")
def checksum_of_signed_bytes(bag):
    return bag.tar(entry(f"{TOP}/\u00e9", b"x", checksum=signed_sum))


@damaged("bytes other than zero after the end of a file")
def padding_not_zero(bag):
    return bag.tar(entry(INSIDE, b"x")[:-1] + b"y")


@damaged("its end marker of 1024 zeros is missing")
def end_marker_half(bag):
    return bag.tar(end=bytes(512))


@damaged("the archive is cut off here")
def end_marker_missing(bag):
    return bag.tar(end=b"")


@damaged("the archive is cut off here")
def cut_in_a_header(bag):
    return bag.tar()[: -1024 - 300]


@damaged("something follows the end of the archive")
def data_after_the_end(bag):
    return bag.tar(end=END + b"hidden")


@damaged("something follows the end of the archive")
def second_archive_after_the_end(bag):
    return bag.tar() + bag.tar()


@damaged("no ustar, pax or GNU tar header")
def header_without_magic(bag):
    return bag.tar(entry(INSIDE, b"x", magic=bytes(8)))


@damaged("an entry of unknown type")
def unknown_type(bag):
    return bag.tar(entry(INSIDE, b"x", b"Z"))


@damaged("an entry of unknown type")
def contiguous_file(bag):
    return bag.tar(entry(INSIDE, b"x", b"7"))


@damaged("an entry of unknown type")
def solaris_header(bag):
    return bag.tar(entry("x", b"20 path=elsewhere\n", b"X"), entry(INSIDE, b"x"))


@damaged("size or place is read differently by different programs")
def folder_with_contents(bag):
    return bag.tar(entry(f"{TOP}/data/more/", b"hidden", b"5"))


# ---- bombs ----


def million_entries(bag):
    """Folders alone, written piece by piece."""
    yield bag.tar(end=b"")
    for first in range(0, 1_000_001, 10_000):
        yield b"".join(entry(f"{TOP}/{i}", kind=b"5") for i in range(first, first + 10_000))
    yield END


tar("malformed", FILE, "larger than a bundle may be: more than 1000000 entries", slow=True)(million_entries)


@tar("malformed", FILE, "larger than a bundle may be")
def file_of_2_tib(bag):
    size = 2 << 40
    return [bag.tar(end=b""), pax(("size", str(size))), entry(INSIDE, size=0), hole(size), END]


@tar("extra", "9000 more of this kind", code=4, many=True)
def ten_thousand_extra_files(bag):
    return bag.tar(*(entry(f"{TOP}/data/{i:05}") for i in range(10_000)))


# ---- names that are no text ----


@damaged("pax record 'path'")
def name_with_nul(bag):
    return bag.tar(pax(("path", f"{TOP}/a\0b")), entry(INSIDE, b"x"))


UNFIT = "has control characters or is not valid UTF-8"
STRANGE_NAMES = [
    ("name_with_newline", b"a\nverified: 1 files", "a\\nverified: 1 files", UNFIT),
    ("name_with_escape_codes", b"\x1b[2J\x1b[1;1Hverified", "\\x1b[2J\\x1b[1;1Hverified", UNFIT),
    ("name_that_runs_backwards", "\u202etp.sthgiew".encode(), "\\xe2\\x80\\xaetp.sthgiew", UNFIT),
    ("name_with_c1_control", "\u009b2J".encode(), "\\xc2\\x9b2J", UNFIT),
    ("name_that_is_no_utf_8", b"\xff\xfe", "\\xff\\xfe", UNFIT),
    ("name_with_backslash", b"..\\..\\canary\\written", "..\\..\\canary\\written", "has a backslash"),
    ("name_with_empty_component", b"data//twice", "data//twice", "has an empty component"),
    ("name_with_dot", b"data/./here", "data/./here", "has a component '.'"),
]
for name, raw, shown, reason in STRANGE_NAMES:
    tar("unsafe_path", f"{TOP}/{shown}", f"the name {reason}", name=name)(
        lambda bag, raw=raw: bag.tar(entry(f"{TOP}/".encode() + raw, b"x")))


# ---- no archive at all ----


def zipped(bag):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("team/bagit.txt", "x" * 600)
    return out.getvalue()


FOREIGN = [
    ("gzip_bomb", lambda bag: gzip.compress(bag.tar() + bytes(64 << 20), 1), "compressed with gzip: decompress it first"),
    ("bzip2_file", lambda bag: bz2.compress(bytes(1 << 20), 1) + bytes(512), "it is compressed with bzip2"),
    ("xz_file", lambda bag: lzma.compress(bytes(1 << 20), preset=0) + bytes(512), "it is compressed with xz"),
    ("zstd_file", lambda bag: b"\x28\xb5\x2f\xfd" + bytes(600), "it is compressed with zstd"),
    ("zip_file", zipped, "it is a ZIP file"),
    ("empty_file", lambda bag: b"", "is empty, expected a tar archive"),
    ("zeros_only", lambda bag: bytes(10240), "its first bytes are no tar header"),
    ("twenty_bytes", lambda bag: b"x" * 20, "its first bytes are no tar header"),
]
for name, data, message in FOREIGN:
    tar("malformed", FILE, message, name=name)(data)
