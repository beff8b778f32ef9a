# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""meta/*.json, in whole archives whose manifests are sound."""
import json

from hostile_bag import bundle

BOM = b"\xef\xbb\xbf"



def meta(kind, *needles, of="claims", name=None, **options):
    """meta/OF.json as the function makes it; the manifests are sound."""

    def register(function):
        def make(bag):
            path = f"meta/{of}.json"
            bag.files[path] = function(bag.files[path])
            bag.seal_tags()

        return bundle("json", 3, kind, f"meta/{of}.json: ", *needles, name=name or function.__name__, **options)(make)

    return register


def with_member(value):
    """A text with one more member, at the front."""
    return lambda text: text.replace(b"{", b'{"extra": ' + value + b", ", 1)


@meta("schema", "the key 'claims' stands twice in one object")
def key_twice(text):
    return text.replace(b"{", b'{"claims": {}, ', 1)


@meta("schema", "the key 'schema' stands twice in one object")
def schema_twice(text):
    return text.replace(b"{", b'{"\\u0073chema": "reconproof.claims", ', 1)


MEMBERS = [
    ("depth_of_100_000", b"[" * 100_000 + b"]" * 100_000, "nested deeper than 32 levels"),
    ("not_a_number", b"NaN", "not JSON"),
    ("infinity", b"-Infinity", "not JSON"),
    ("number_1e999", b"1e999", "not JSON"),
    ("lone_surrogate", b'"\\ud800"', "not JSON"),
    ("reversed_surrogates", b'"\\udc00\\ud800"', "not JSON"),
    ("control_character", b'"\x1b[31m"', "not JSON"),
    ("no_utf_8", b'"\xff\xfe"', "not JSON"),
    ("single_quotes", b"'text'", "not JSON"),
    ("comment", b"1 /* more */", "not JSON"),
    ("bare_text_of_8_mb", b"t" * (8 << 20), "not JSON"),
]
for case_name, value, message in MEMBERS:
    meta("schema", message, name=case_name)(with_member(value))


@meta("schema", "the key '", "stands twice in one object")
def key_of_4_mb_twice(text):
    key = b'"' + b"k" * (4 << 20) + b'": 1, '
    return text.replace(b"{", b"{" + key + key, 1)


@meta("schema", "not JSON")
def text_that_does_not_end(text):
    return text[:-2] + b', "text": "' + b"a" * (8 << 20)


@meta("malformed", "bytes, the most that is read of such a file is 16777216")
def text_of_100_mb(text):
    return with_member(b'"' + b"a" * (100 << 20) + b'"')(text)


@meta("schema", "not JSON")
def trailing_bytes(text):
    return text + b"{}"


@meta("schema", "begins with a byte-order mark, expected plain UTF-8")
def json_with_byte_order_mark(text):
    return BOM + text


@meta("schema", "not JSON")
def utf_16(text):
    return text.decode().encode("utf-16-be")


@meta("schema", "not JSON")
def empty_text(text):
    return b""


@meta("schema", "more than 1000000 values")
def list_of_a_million_objects(text):
    return b"[" + b"{}," * 5_000_000 + b"{}]"


@meta("schema", 'schema is "reconproof.findings", expected "reconproof.claims"')
def schema_of_another_file(text):
    return text.replace(b"reconproof.claims", b"reconproof.findings")


@meta("schema", "schema is \"xxx")
def schema_of_8_mb(text):
    return text.replace(b"reconproof.claims", b"x" * (8 << 20))


@meta("schema", "schema_version is 2, this program reads version 1")
def version_2(text):
    return text.replace(b'"schema_version": 1', b'"schema_version": 2')


@meta("schema", 'schema_version is "1", this program reads version 1')
def version_as_text(text):
    return text.replace(b'"schema_version": 1', b'"schema_version": "1"')


@meta("schema", "schema_version is 1.0, this program reads version 1")
def version_as_fraction(text):
    return text.replace(b'"schema_version": 1', b'"schema_version": 1.0')


@meta("schema", "'project' is missing or not text", of="submission")
def number_as_text(text):
    return json.dumps({**json.loads(text), "project": 5}).encode()


@meta("schema", "'checked' is missing or not true or false", of="submission")
def text_as_boolean(text):
    return json.dumps({**json.loads(text), "checked": "yes"}).encode()


@meta("schema", "'findings' is missing or not a list", of="findings")
def findings_no_list(text):
    return json.dumps({**json.loads(text), "findings": {}}).encode()


@meta("schema", "finding:", of="findings")
def finding_no_object(text):
    return json.dumps({**json.loads(text), "findings": ["pass"]}).encode()


@meta("schema", "finding: unknown severity '", of="findings")
def severity_of_2_mb(text):
    finding = {"rule_id": "", "ruleset": "", "severity": "\x1b" * (1 << 21), "status": "pass"}
    return json.dumps({**json.loads(text), "findings": [finding]}).encode()
