# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""attestations/*.dsse.json: the only files of a bundle that its manifests do not vouch for."""
import base64
import hashlib
import json
import os

from hostile_bag import FILE, TAG_MANIFEST, Bag, bundle
from hostile_case import Run, add


@bundle("dsse", 3, "malformed", "attestations/team.dsse.json: has 2097152 bytes, the most that is read")
def attestation_of_2_mb(bag):
    bag.files["attestations/team.dsse.json"] = b" " * (2 << 20)


@bundle("dsse", 3, "malformed", "has 100 attestations, a bundle may have 64", many=True)
def hundred_attestations(bag):
    for i in range(100):
        bag.files[f"attestations/{i:02}.dsse.json"] = b"{}"


@bundle("dsse", 4, "extra", "attestations/more/team.dsse.json: stands in the bundle, but not in tagmanifest-sha256.txt")
def attestation_in_a_folder(bag):
    bag.files["attestations/more/team.dsse.json"] = b"{}"


@bundle("dsse", 4, "extra", "attestations/run.sh: stands in the bundle, but not in tagmanifest-sha256.txt")
def attestation_of_another_name(bag):
    bag.files["attestations/run.sh"] = b"#!/bin/sh\n"


VERIFIES_SIGNATURES = ["verify", "--public-key"]
FILE_NAME = "attestations/team.dsse.json"
PREDICATE = {
    "schema": "reconproof.bundle-attestation", "schema_version": 1, "role": "team", "project": "fake", "edition": "snu-2025",
}


def base64_of(value):
    return base64.b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).decode()


def statement(bag, **predicate):
    digest = hashlib.sha256(bag.files[TAG_MANIFEST]).hexdigest()
    return {
        "_type": "https://in-toto.io/Statement/v1", "subject": [{"name": TAG_MANIFEST, "digest": {"sha256": digest}}],
        "predicateType": "urn:reconproof:bundle-attestation:1", "predicate": {**PREDICATE, **predicate},
    }


def envelope_of(payload):
    return {
        "payload": base64_of(payload), "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"keyid": "0" * 64, "sig": base64_of(bytes(64))}],
    }


def attestation(*needles, code=3):
    """An envelope as the function makes it of a well-formed one, whose signature is none."""

    def register(function):
        def make(bag):
            made = function(envelope_of(statement(bag)))
            bag.files[FILE_NAME] = made if isinstance(made, bytes) else json.dumps(made).encode()

        return bundle("dsse", code, "attestation", FILE_NAME, *needles, name=function.__name__, option=VERIFIES_SIGNATURES)(make)

    return register


@attestation("not JSON")
def envelope_no_json(envelope):
    return b"-----BEGIN PGP SIGNATURE-----\n"


@attestation("stands twice in one object")
def payload_type_twice(envelope):
    return json.dumps(envelope).replace("{", '{"payloadType": "text/plain", ', 1).encode()


@attestation("payloadType is 'text/plain'")
def payload_type_of_text(envelope):
    return {**envelope, "payloadType": "text/plain"}


@attestation("unknown field '\\x1b[31mtrusted'")
def unknown_field(envelope):
    return {**envelope, "\x1b[31mtrusted": True}


@attestation("expected a list of 1 to 16 signatures")
def no_signature(envelope):
    return {**envelope, "signatures": []}


@attestation("expected a list of 1 to 16 signatures")
def seventeen_signatures(envelope):
    return {**envelope, "signatures": envelope["signatures"] * 17}


@attestation("'payload' is no base64")
def payload_no_base64(envelope):
    return {**envelope, "payload": "e30"}  # the padding is missing


@attestation("'sig' is no base64")
def signature_no_base64(envelope):
    return {**envelope, "signatures": [{"sig": "AA\nAA"}]}


@attestation("'signatures' is missing")
def signatures_missing(envelope):
    del envelope["signatures"]
    return envelope


def payload(*needles, code=3):
    """A well-formed envelope around the statement that the function makes."""

    def register(function):
        def change(envelope):
            sound = json.loads(base64.b64decode(envelope["payload"]))
            return envelope_of(function(sound))

        change.__name__ = function.__name__
        return attestation(*needles, code=code)(change)

    return register


@payload("is about the bundle 000000", code=4)
def signature_of_another_bundle(statement):
    statement["subject"][0]["digest"]["sha256"] = "0" * 64
    return statement


@payload("expected one subject, 'tagmanifest-sha256.txt'")
def two_subjects(statement):
    return {**statement, "subject": statement["subject"] * 2}


@payload("the key 'predicate' stands twice in one object")
def predicate_twice(statement):
    return json.dumps(statement).replace("{", '{"predicate": {}, ', 1).encode()


@payload("nested deeper than 32 levels")
def statement_of_depth_100_000(statement):
    return b'{"predicate": ' + b"[" * 100_000


@payload("states '\\x1b[2J', expected 'urn:reconproof:bundle-attestation:1'")
def predicate_of_another_type(statement):
    return {**statement, "predicateType": "\x1b[2J"}


@payload("'role' is neither team nor organiser")
def role_of_nobody(statement):
    return {**statement, "predicate": {**PREDICATE, "role": "root"}}


@payload("'\\x1b[2J' is no day such as 2026-08-31")
def day_with_escape_codes(statement):
    return {**statement, "predicate": {**PREDICATE, "expires": "\x1b[2J"}}


@payload("predicate: '", "is no day such as 2026-08-31")
def day_of_500_kb(statement):
    return {**statement, "predicate": {**PREDICATE, "expires": "9" * (500 << 10)}}


def signed_by_escape_codes(place):
    """Well-formed, and shown to people: nothing in it is checked without a key."""
    bag = Bag()
    made = envelope_of(statement(bag, note="\x1b[2J" * 1000, project="\x1b[2J" * 1000))
    made["signatures"][0]["keyid"] = "\x1b[2J" * 50_000
    bag.files[FILE_NAME] = json.dumps(made).encode()
    with open(os.path.join(place, FILE), "wb") as out:
        out.write(bag.tar())


add("dsse", "signed_by_escape_codes", signed_by_escape_codes, [
    Run(["verify", FILE], 0, "\\x1b[2J", "not checked", one_line=False),
    Run(["verify", FILE, "--json"], 0, one_line=False)], option=VERIFIES_SIGNATURES)
