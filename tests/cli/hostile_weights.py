# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Weights that `convert` reads: safetensors with headers that lie, and checkpoints that are programs."""
import io
import json
import os
import pickle
import struct
import zipfile

from hostile_case import Run, add


def weights(group, file, output, code, *needles, name=None, **options):
    """Registers a file of weights: a function that returns its bytes, or writes them to the path that it is given."""

    def register(function):
        def make(place):
            path = os.path.join(place, file)
            made = function(path)
            if made is not None:
                with open(path, "wb") as out:
                    out.write(made)

        run = Run(["convert", file, output], code, f"{file}: ", *needles, absent=[output])
        add(group, name or function.__name__, make, [run], **options)
        return function

    return register


# ---- safetensors ----


def safetensors(*needles, code=3, **options):
    return weights("safetensors", "hostile.safetensors", "out.pt", code, *needles, **options)


def file_of(header, data=b"", length=None):
    header = header() if callable(header) else header
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(begin, end, shape=None, dtype="U8"):
    return {"dtype": dtype, "shape": [end - begin] if shape is None else shape, "data_offsets": [begin, end]}


HEADERS = [
    ("overlapping", {"a": tensor(0, 4), "b": tensor(2, 6)}, b"x" * 6, "'b' begins at data byte 2, expected 4"),
    ("same_bytes_twice", {"a": tensor(0, 4), "b": tensor(0, 4)}, b"x" * 4, "'b' begins at data byte 0, expected 4"),
    ("gap", {"a": tensor(0, 4), "b": tensor(5, 6)}, b"x" * 6, "'b' begins at data byte 5, expected 4"),
    ("gap_before_the_first", {"a": tensor(4, 8)}, b"x" * 8, "'a' begins at data byte 4, expected 0"),
    ("beyond_the_file", {"a": tensor(0, 8)}, b"x" * 4, "'a' ends beyond the 4 bytes of data"),
    ("bytes_of_no_tensor", {"a": tensor(0, 4)}, b"x" * 8, "4 bytes after the last tensor belong to none"),
    ("end_before_begin", {"a": tensor(4, 0, [4])}, b"x" * 4, "'a': data_offsets are not [begin, end]"),
    ("offset_negative", {"a": tensor(-4, 0)}, b"", "'a': data_offsets: -4 is not a natural number below 2^63"),
    ("offset_of_2_to_63", {"a": tensor(1 << 63, 1 << 63, [0])}, b"", "is not a natural number below 2^63"),
    ("offset_overflows", {"a": tensor((1 << 63) - 1, (1 << 63) - 1, [0])}, b"", "'a': data_offsets beyond any file"),
    ("offset_fraction", {"a": {**tensor(0, 4), "data_offsets": [0, 4.0]}}, b"x" * 4, "is not a natural number"),
    ("offset_1e999", b'{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,1e999]}}', b"x" * 4, "header: not JSON"),
    ("shape_overflows", {"a": tensor(0, 0, [1 << 32, 1 << 32, 2])}, b"", "absurd shape"),
    ("shape_overflows_with_zero", {"a": tensor(0, 0, [1 << 62, 1 << 62, 0])}, b"", "absurd shape"),
    ("shape_negative", {"a": tensor(0, 4, [-1, -4])}, b"x" * 4, "'a': shape: -1 is not a natural number below 2^63"),
    ("shape_of_100_dimensions", {"a": tensor(0, 1, [1] * 100)}, b"x", "'a': shape: expected a list of at most 8"),
    ("shape_disagrees", {"a": tensor(0, 4, [5])}, b"x" * 4, "needs 5 bytes, but its data_offsets span 4"),
    ("unknown_dtype", {"a": tensor(0, 4, dtype="F4")}, b"x" * 4, "'a': unknown dtype 'F4'"),
    ("dtype_with_escape_codes", {"a": tensor(0, 4, dtype="\x1b[2J")}, b"x" * 4, "'a': unknown dtype '\\x1b[2J'"),
    ("dtype_of_8_mb", lambda: {"a": tensor(0, 4, dtype="F" * (8 << 20))}, b"x" * 4, "'a': unknown dtype 'FFF"),
    ("name_with_escape_codes", {"\x1b[2J": tensor(0, 8)}, b"x", "'\\x1b[2J' ends beyond the 1 bytes of data"),
    ("name_of_8_mb", lambda: {"n" * (8 << 20): tensor(0, 8)}, b"x", "ends beyond the 1 bytes of data"),
    ("unknown_field", {"a": {**tensor(0, 4), "run": "x"}}, b"x" * 4, "expected exactly dtype, shape and data_offsets"),
    ("key_twice", b'{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"dtype":"U8"}}', b"", "the key 'dtype' stands"),
    ("tensor_twice", b'{"a":%b,"a":%b}' % ((json.dumps(tensor(0, 4)).encode(),) * 2), b"x" * 4, "the key 'a' stands twice"),
    ("metadata_of_numbers", {"__metadata__": {"epoch": 5}}, b"", "'__metadata__': value of 'epoch' is not a text"),
    ("metadata_of_a_million_texts", lambda: {"__metadata__": dict.fromkeys(map(str, range(1_000_000)), "")}, b"", "more than"),
    ("header_no_object", b'["a"]', b"", "the header does not begin with '{'"),
    ("header_deep", b'{"a":' * 8000 + b"1" + b"}" * 8000, b"", "nested deeper than 32 levels"),
    ("hundred_thousand_tensors", lambda: {str(i): tensor(0, 0) for i in range(100_000)}, b"", "100000 tensors, at most 8192"),
]
for case_name, header, data, message in HEADERS:
    safetensors(message, name=case_name)(lambda path, header=header, data=data: file_of(header, data))


@safetensors("claims a header of 9223372036854775808 bytes, more than 100000000 or than the file holds")
def header_length_of_2_to_63(path):
    return file_of({}, length=1 << 63)


@safetensors("claims a header of 200000000 bytes, more than 100000000 or than the file holds")
def header_length_of_200_mb(path):
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", 200_000_000) + b"{")
        file.truncate(300_000_000)


@safetensors("claims a header of 1000 bytes, more than 100000000 or than the file holds")
def header_length_beyond_the_file(path):
    return file_of({}, length=1000)


@safetensors("7 bytes is too short for a safetensors file")
def seven_bytes(path):
    return bytes(7)


@safetensors("header: not JSON")
def header_of_zeros(path):
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", 90_000_000) + b"{")
        file.truncate(90_000_008)


# ---- checkpoints of torch.save: a pickle in a zip archive ----


def checkpoint(*needles, code=3, **options):
    return weights("pt", "hostile.pt", "out.safetensors", code, *needles, **options)


def archive(data, entries=(), byte_order=b"little", compression=zipfile.ZIP_STORED):
    """What torch.save writes around data.pkl. `entries`: further names and contents."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, content in [("model/data.pkl", data), ("model/byteorder", byte_order), *entries]:
            file.writestr(zipfile.ZipInfo(name), content, compression)
    return out.getvalue()


REFUSED = "which is neither a tensor nor a plain value"
# Protocol 2, a dict {"model": {"weight": TENSOR}}; TENSOR is what the case pushes.
BEFORE, AFTER = b"\x80\x02}X\x05\x00\x00\x00model}X\x06\x00\x00\x00weight", b"ss."
# torch._utils._rebuild_tensor_v2(storage of COUNT floats in data/0, OFFSET, SHAPE, STRIDES, False, {})
STORAGE = b"((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu%btQ"


def integer(value):
    return b"\x8a\x08" + value.to_bytes(8, "little", signed=True)


def shape(*numbers):
    return b"(" + b"".join(map(integer, numbers)) + b"t"


def rebuilt(count=4, offset=0, size=(4,), strides=(1,)):
    storage = STORAGE % integer(count)
    fields = storage + integer(offset) + shape(*size) + shape(*strides) + b"\x89}t"
    return BEFORE + b"ctorch._utils\n_rebuild_tensor_v2\n" + fields + b"R" + AFTER


FOUR = [("model/data/0", bytes(16))]
PICKLES = [
    ("os_system", BEFORE + b"cposix\nsystem\n(X\x05\x00\x00\x00touchtR" + AFTER, f"names posix.system, {REFUSED}"),
    ("eval_of_builtins", BEFORE + b"c__builtin__\neval\n(X\x01\x00\x00\x001tR" + AFTER, f"names __builtin__.eval, {REFUSED}"),
    ("eval_by_stack", b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93.", f"names builtins.eval, {REFUSED}"),
    ("reduce_of_a_text", BEFORE + b"X\x02\x00\x00\x00os)R" + AFTER, "calls the text 'os'"),
    ("reduce_of_a_class", BEFORE + b"ctorch\nFloatStorage\n)R" + AFTER, "calls torch.FloatStorage"),
    ("instance_opcode", BEFORE + b"(X\x01\x00\x00\x001i__builtin__\neval\n" + AFTER, "opcode 0x69 is not one that torch"),
    ("object_opcode", BEFORE + b"(c__builtin__\nlist\no" + AFTER, "opcode 0x6f is not one that torch.save writes"),
    ("extension_opcode", BEFORE + b"\x82\x01" + AFTER, "opcode 0x82 is not one that torch.save writes"),
    ("state_of_a_class", BEFORE + b"ctorch\nFloatStorage\n}b" + AFTER, "sets the state of torch.FloatStorage"),
    ("name_with_escape_codes", BEFORE + b"c\x1b[2J\nverified\n" + AFTER, "names \\x1b[2J.verified"),
    ("name_without_end", BEFORE + b"c" + b"a" * (1 << 20), "a name without an end"),
    ("marks_nested", b"\x80\x02" + b"(" * 100_000 + b".", "marks nested more than 1000 deep"),
    ("memo_of_2_to_32", b"\x80\x02Nr\xff\xff\xff\xff.", "memo entry 4294967295, at most 2000000 are kept"),
    ("memo_not_put", b"\x80\x02j\xff\xff\xff\x00.", "takes memo entry 16777215, which was not put"),
    ("memo_bomb", b"\x80\x02]q\x00" + b"(" + b"h\x00" * 2_000_001 + b"e.", "a stack of more than 2000000 values"),
    ("two_million_values", b"\x80\x02" + b"N" * 2_000_001 + b".", "more than 2000000 values"),
    ("nested_a_million_deep", b"\x80\x02)" + b"\x85" * 1_000_000 + b".", "holds a tuple of 1"),
    ("integer_of_64_kb", b"\x80\x02\x8b\x00\x00\x01\x00" + bytes(65536) + b".", "an integer of 65536 bytes"),
    ("text_of_4_gib", b"\x80\x02X\xff\xff\xff\xff.", "claims 4294967295 bytes, but 1 are left"),
    ("bytes_of_2_to_64", b"\x80\x04\x8e" + b"\xff" * 8 + b".", "claims 18446744073709551615 bytes, but 1 are left"),
    ("frame_of_2_to_64", b"\x80\x04\x95" + b"\xff" * 8 + b"N.", "claims 18446744073709551615 bytes, but 2 are left"),
    ("stack_empty", b"\x80\x02.", "takes a value where there is none"),
    ("pops_below_a_mark", b"\x80\x02N(a.", "takes a value where there is none"),
    ("bytes_after_the_end", b"\x80\x02}.cposix\nsystem\n", "bytes follow the end"),
    ("protocol_0", b"cposix\nsystem\n(S'id'\ntR.", "not a pickle of protocol 2 to 5"),
    ("not_ended", b"\x80\x02}", "claims 1 bytes, but 0 are left"),
    ("contains_itself", b"\x80\x02}q\x00X\x05\x00\x00\x00modelh\x00s.", "no dict of tensors"),
    ("tensor_twice", b"\x80\x02}(X\x01\x00\x00\x00aNX\x05\x00\x00\x00model}X\x05\x00\x00\x00model}u.", "stands twice"),
]
for case_name, data, message in PICKLES:
    checkpoint(message, name=case_name)(lambda path, data=data: archive(data, FOUR))

HUGE = 1 << 60
TENSORS = [
    ("storage_claims_2_to_60", rebuilt(count=HUGE), "a storage of 1152921504606846976 elements"),
    ("storage_claims_more", rebuilt(count=5), "a storage of 5 elements of 4 bytes"),
    ("tensor_reaches_beyond", rebuilt(size=(5,)), "reaches beyond its storage of 4 elements"),
    ("tensor_begins_beyond", rebuilt(offset=1), "reaches beyond its storage of 4 elements"),
    ("tensor_begins_before", rebuilt(offset=-1), "offset -1"),
    ("tensor_expanded", rebuilt(size=(1 << 40,), strides=(0,)), "repeats elements"),
    ("shape_overflows", rebuilt(size=(HUGE, HUGE), strides=(0, 0)), "absurd shape"),
    ("strides_overflow", rebuilt(size=(3,), strides=((1 << 63) - 1,)), "reaches beyond its storage"),
    ("strides_negative", rebuilt(strides=(-1,)), "strides holds -1, which is negative"),
    ("strides_missing", rebuilt(strides=()), "with strides ()"),
    ("dimensions_of_100", rebuilt(size=(1,) * 100, strides=(1,) * 100), "has 100 dimensions, at most 8 are read"),
]
for case_name, data, message in TENSORS:
    checkpoint("tensor 'weight'", message, name=case_name)(lambda path, data=data: archive(data, FOUR))


@checkpoint("lies in 'model/data/0', which the archive lacks")
def storage_missing(path):
    return archive(rebuilt())


@checkpoint("'model/data.pkl' is compressed: torch.save stores entries as they are")
def zip_bomb(path):
    return archive(bytes(256 << 20), compression=zipfile.ZIP_DEFLATED)


SOUND = pickle.dumps({}, 2)


@checkpoint("the name 'model/../../canary/written' has a component '..'")
def path_to_outside(path):
    return archive(SOUND, [("model/../../canary/written", b"x")])


@checkpoint("the name '/etc/passwd' is absolute")
def path_absolute(path):
    return archive(SOUND, [("/etc/passwd", b"x")])


@checkpoint("'model/data.pkl' stands in the archive twice")
def name_twice(path):
    import warnings

    warnings.simplefilter("ignore")  # of zipfile
    return archive(SOUND, [("model/data.pkl", pickle.dumps([1], 2))])


@checkpoint("stands in the archive twice (upper case counts as lower case)")
def name_twice_but_for_case(path):
    return archive(SOUND, [("model/DATA.PKL", pickle.dumps([1], 2))])


@checkpoint("does not lie in the one folder that torch.save writes")
def two_folders(path):
    return archive(SOUND, [("other/data.pkl", SOUND)])


@checkpoint("a TorchScript archive")
def torch_script(path):
    return archive(SOUND, [("model/constants.pkl", SOUND)])


@checkpoint("byte order 'big', only 'little' is read")
def big_endian(path):
    return archive(SOUND, byte_order=b"big")


def with_second_entry(change):
    """An archive of two entries, whose second directory entry `change` spoils."""
    made = bytearray(archive(SOUND, FOUR))
    directory = made.rindex(b"PK\x01\x02")
    change(made, directory)
    return bytes(made)


@checkpoint("zip entries overlap at byte")
def entries_overlap(path):
    def change(made, directory):
        first = made.index(b"PK\x01\x02")
        second = made.index(b"PK\x01\x02", first + 4)
        size = struct.unpack_from("<I", made, first + 24)[0] + 40
        for at in (made.index(b"PK\x03\x04") + 18, first + 20):
            struct.pack_into("<II", made, at, size, size)
        assert second < directory

    return with_second_entry(change)


@checkpoint("'model/data/0'", "claims 4294967294 bytes")
def entry_of_4_gib(path):
    def change(made, directory):
        local = made.rindex(b"PK\x03\x04")
        for at in (local + 18, directory + 20):
            struct.pack_into("<II", made, at, 0xFFFFFFFE, 0xFFFFFFFE)

    return with_second_entry(change)


@checkpoint("'model/data/0'", "the header before its data is another one's")
def headers_disagree(path):
    def change(made, directory):
        made[made.rindex(b"PK\x03\x04") + 30] ^= 1

    return with_second_entry(change)


@checkpoint("does not have the CRC-32 that the archive states")
def contents_changed(path):
    made = bytearray(archive(rebuilt(), FOUR))
    made[made.index(b"FloatStorage")] ^= 1
    return bytes(made)


@checkpoint("the zip directory is not where the end of the file says")
def directory_elsewhere(path):
    made = bytearray(archive(SOUND))
    struct.pack_into("<I", made, len(made) - 6, 0x7FFFFFFF)
    return bytes(made)


@checkpoint("no zip directory at its end")
def bytes_appended(path):
    return archive(SOUND) + b"#!/bin/sh\n"


@checkpoint("does not begin as a file of torch.save does")
def bytes_before(path):
    return b"#!/bin/sh\n" + archive(SOUND)


@checkpoint("a data.pkl of 67108865 bytes, at most 67108864 are read")
def pickle_of_64_mb(path):
    return archive(bytes((64 << 20) + 1))
