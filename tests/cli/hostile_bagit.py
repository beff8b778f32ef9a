# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""BagIt's texts, in whole archives."""
from hostile_bag import INFO, MANIFEST, TAG_MANIFEST, TOP, bundle, entry

WEIGHTS = "data/weights/weights.pt"
BOM = b"\xef\xbb\xbf"


def bag(code, kind, *needles, **options):
    return bundle("bagit", code, kind, *needles, **options)


@bag(4, "missing", f"{WEIGHTS}: is missing, though {MANIFEST} lists it", many=True)
def payload_missing(bag):
    return bag.tar(without=[WEIGHTS])


@bag(4, "extra", f"data/code/more.py: stands in the bundle, but not in {MANIFEST}", many=True)
def payload_extra(bag):
    bag.files["data/code/more.py"] = b"x"


@bag(4, "extra", f"more.txt: stands in the bundle, but not in {TAG_MANIFEST}")
def tag_file_extra(bag):
    bag.files["more.txt"] = b"x"


@bag(4, "corrupted", f"{WEIGHTS}: was changed")
def payload_changed(bag):
    data = bag.files[WEIGHTS]
    bag.files[WEIGHTS] = bytes([data[0] ^ 1]) + data[1:]


@bag(4, "corrupted", "meta/claims.json: was changed")
def tag_file_changed(bag):
    bag.files["meta/claims.json"] = bag.files["meta/claims.json"].replace(b"{", b"{ ", 1)


@bag(4, "missing", f"{MANIFEST}: is missing", many=True)
def manifest_missing(bag):
    return bag.tar(without=[MANIFEST])


@bag(4, "missing", f"{TAG_MANIFEST}: is missing")
def tag_manifest_missing(bag):
    return bag.tar(without=[TAG_MANIFEST])


@bag(3, "missing", "bagit.txt: is missing; this is no BagIt bag", many=True)
def declaration_missing(bag):
    return bag.tar(without=["bagit.txt"])


@bag(3, "missing", f"{INFO}: is missing", many=True)
def information_missing(bag):
    return bag.tar(without=[INFO])


def manifest(kind, *needles, code=3, **options):
    """A manifest whose text the function changes; the tag manifest vouches for it."""

    def register(function):
        def make(bag):
            bag.files[MANIFEST] = function(bag.files[MANIFEST])
            bag.seal_tags()

        return bag(code, kind, MANIFEST, *needles, name=function.__name__, **options)(make)

    return register


def first_line(text):
    return text[: text.index(b"\n") + 1]


@manifest("malformed", "line 2: the path 'data/code/reconproof.toml' is listed twice")
def line_twice(text):
    return first_line(text) + text


@manifest("malformed", "line 2: the path 'data/code/reconproof.toml' is listed twice")
def line_twice_with_other_digest(text):
    return first_line(text) + b"0" * 64 + text[64:]


@manifest("malformed", "line 1: expected 64 lower-case hexadecimal digits, two spaces and a path")
def line_without_digest(text):
    return b"just some text\n" + text


@manifest("malformed", "line 1: expected 64 lower-case hexadecimal digits", many=True)
def digits_in_upper_case(text):
    return text[:64].upper().replace(b"0", b"A") + text[64:]


@manifest("malformed", "line 1: has a carriage return", many=True)
def lines_of_windows(text):
    return text.replace(b"\n", b"\r\n")


@manifest("malformed", "line 0: begins with a byte-order mark")
def byte_order_mark(text):
    return BOM + text


@manifest("malformed", "line 1: expected 64 lower-case hexadecimal digits, two spaces", many=True)
def binary_marker(text):
    return text.replace(b"  ", b" *", 1)


@manifest("malformed", "line 1: expected 64 lower-case hexadecimal digits, two spaces", many=True)
def tab_between(text):
    return text.replace(b"  ", b"\t", 1)


@manifest("malformed", "does not end with a newline; the file is cut off")
def cut_in_the_last_line(text):
    return text[:-1]


@manifest("malformed", "line 1: has a '%' that begins none of %0A, %0D and %25", many=True)
def percent_escape_of_a_letter(text):
    return text.replace(b"  d", b"  %64", 1)


@manifest("malformed", "line 1: the path 'data/a\\nb' has control characters")
def percent_escape_of_a_newline(text):
    return b"0" * 64 + b"  data/a%0Ab\n" + text


@manifest("malformed", "line 1: the path 'data/../../canary/secret' has a component '..'")
def path_to_outside(text):
    return b"0" * 64 + b"  data/../../canary/secret\n" + text


@manifest("malformed", "line 1: the path '/etc/passwd' is absolute")
def path_absolute(text):
    return b"0" * 64 + b"  /etc/passwd\n" + text


@manifest("malformed", "line 1: the path '~\\x1b[31mroot' has control characters")
def path_with_escape_codes(text):
    return b"0" * 64 + b"  ~\x1b[31mroot\n" + text


@manifest("malformed", "lists 'meta/claims.json', which does not belong in this manifest")
def lists_a_tag_file(text):
    return text + b"0" * 64 + b"  meta/claims.json\n"


@manifest("malformed", "lists 'manifest-sha256.txt', which does not belong in this manifest")
def lists_itself(text):
    return text + b"0" * 64 + b"  manifest-sha256.txt\n"


@manifest("malformed", "line 1: the path '", "more than 255 bytes")
def path_of_8_mb(text):
    return b"0" * 64 + b"  data/" + b"a" * (8 << 20) + b"\n" + text


@manifest("malformed", "has 134217729 bytes, the most that is read of such a file is 134217728", many=True)
def manifest_of_128_mb(text):
    return text.ljust((128 << 20) + 1, b"x")


@manifest("malformed", "more such lines", many=True)
def million_malformed_lines(text):
    return b"x\n" * 1_000_000


@bag(4, "missing", "999000 more of this kind", many=True)
def million_missing_files(bag):
    bag.files[MANIFEST] += b"".join(b"0" * 64 + b"  data/%d\n" % i for i in range(1_000_000))
    bag.seal_tags()


@bag(3, "malformed", TAG_MANIFEST, f"lists '{TAG_MANIFEST}', which does not belong in this manifest")
def tag_manifest_lists_itself(bag):
    bag.files[TAG_MANIFEST] += b"0" * 64 + f"  {TAG_MANIFEST}\n".encode()


@bag(3, "unsupported", "manifest-md5.txt: is a manifest of another algorithm")
def md5_beside(bag):
    bag.files["manifest-md5.txt"] = b"0" * 32 + b"  data/code/reconproof.toml\n"
    bag.seal_tags()


@bag(3, "unsupported", "tagmanifest-sha512.txt: is a manifest of another algorithm")
def sha_512_beside(bag):
    bag.files["tagmanifest-sha512.txt"] = b""
    bag.seal_tags()


@bag(3, "fetch", "fetch.txt: names files to be fetched from elsewhere")
def fetch(bag):
    bag.files["fetch.txt"] = b"http://127.0.0.1/weights.pt 10 data/weights/more.pt\n"
    bag.seal_tags()


def declaration(kind, message):
    def register(function):
        def make(bag):
            bag.files["bagit.txt"] = function(bag.files["bagit.txt"])
            bag.seal_tags()

        return bag(3, kind, f"bagit.txt: {message}", name=function.__name__)(make)

    return register


@declaration("unsupported", "'BagIt-Version: 0.97' is an unknown version, expected 1.0")
def version_0_97(text):
    return text.replace(b"1.0", b"0.97")


@declaration("malformed", "expected exactly the lines")
def other_character_set(text):
    return text.replace(b"UTF-8", b"UTF-7")


@declaration("malformed", "expected exactly the lines")
def declaration_with_byte_order_mark(text):
    return BOM + text


def oxum(code, kind, message):
    def register(function):
        def make(bag):
            bag.files[INFO] = function(bag.files[INFO])
            bag.seal_tags()

        return bag(code, kind, f"{INFO}: {message}", name=function.__name__)(make)

    return register


@oxum(4, "oxum", "Payload-Oxum is 1.1, the payload has")
def payload_oxum_wrong(text):
    return text[: text.index(b"Payload-Oxum")] + b"Payload-Oxum: 1.1\n"


@oxum(3, "malformed", "has no Payload-Oxum")
def payload_oxum_missing(text):
    return text[: text.index(b"Payload-Oxum")]


@oxum(3, "malformed", "line 4: Payload-Oxum stands twice")
def payload_oxum_twice(text):
    return text + b"Payload-Oxum: 1.1\n"


@oxum(3, "malformed", "line 4: expected 'Label: value'")
def information_without_label(text):
    return text + b"\x1b]0;verified\x07\n"


@bag(4, "extra", "data/empty: is an empty folder")
def empty_folder(bag):
    return bag.tar(entry(f"{TOP}/data/empty/", kind=b"5"))
