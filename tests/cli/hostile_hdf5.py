# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Reconstructions whose HDF5 reaches beyond the file, claims too much or is damaged; `score` reads them in a confined process."""
import json
import os
import random
import shutil
import struct
import zlib

from hostile_case import Run, add, require

FILE = "recon/acc8/knee_test2.h5"
NAME = "reconstruction"
SHAPE = (1, 384, 384)
UNLIMITED = (1 << 64) - 1
EDITION = ["--edition", "snu-2025", "--labels", "labels", "--recon", "recon"]


def volumes(place):
    """One volume a cell: its label, and a reconstruction that scores."""
    for cell in ("acc4", "acc8"):
        os.makedirs(os.path.join(place, "labels", cell, "image"))
        os.makedirs(os.path.join(place, "recon", cell))
        shutil.copy(f"labels/{cell}/image/knee_test2.h5", os.path.join(place, "labels", cell, "image"))
        shutil.copy(f"recon/{cell}/knee_test2.h5", os.path.join(place, "recon", cell))


def read_base():
    import h5py

    with h5py.File(FILE, "r") as file:
        return file[NAME][:]


def hdf5(*needles, name=None, libver="earliest"):
    """A function of an empty h5py.File, and of the values that would score."""

    def register(function):
        def make(place):
            import h5py

            volumes(place)
            path = os.path.join(place, FILE)
            os.remove(path)
            with h5py.File(path, "w", libver=libver) as file:
                finish = function(file, read_base())
            if finish:
                finish(path)

        run = Run(["score", *EDITION], 3, f"- {FILE}: ", *needles, one_line=False)
        add("hdf5", name or function.__name__, make, [run])
        return function

    return register


def create(file, space, plist=None, kind=None):
    """A data set by the library's own calls, which h5py would refuse or improve."""
    import h5py

    return h5py.h5d.create(file.id, NAME.encode(), kind or h5py.h5t.IEEE_F32LE, space, plist)


def plain_space(shape=SHAPE, most=None):
    import h5py

    return h5py.h5s.create_simple(shape, most)


def creation(**settings):
    import h5py

    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    for setting, values in settings.items():
        getattr(plist, f"set_{setting}")(*values)
    return plist


# ---- beyond the file ----


@hdf5("'reconstruction' is a link to another place")
def external_link(file, values):
    import h5py

    file[NAME] = h5py.ExternalLink("../acc4/knee_test2.h5", NAME)


@hdf5("'reconstruction' is a link to another place")
def external_link_to_a_device(file, values):
    import h5py

    file[NAME] = h5py.ExternalLink("/dev/zero", NAME)


@hdf5("'reconstruction' is a link to another place")
def soft_link(file, values):
    import h5py

    file["other"] = values
    file[NAME] = h5py.SoftLink("/other")


@hdf5("is a link to another place")
def soft_link_loop(file, values):
    import h5py

    file[NAME] = h5py.SoftLink("/other")
    file["other"] = h5py.SoftLink("/" + NAME)


@hdf5("'aside' is a link to another place")
def external_link_beside(file, values):
    import h5py

    file[NAME] = values
    file["aside"] = h5py.ExternalLink("/etc/passwd", "x")


@hdf5("'reconstruction' stores its data in another file")
def external_storage(file, values):
    create(file, plain_space(), creation(external=[b"/etc/passwd", 0, values.nbytes]))


@hdf5("'reconstruction' stores its data in another file")
def external_storage_of_a_device(file, values):
    create(file, plain_space(), creation(external=[b"/dev/zero", 0, values.nbytes]))


@hdf5("'reconstruction' is a virtual data set")
def virtual_data_set(file, values):
    import h5py

    layout = h5py.VirtualLayout(SHAPE, "f4")
    layout[:] = h5py.VirtualSource("../acc4/knee_test2.h5", NAME, SHAPE)
    file.create_virtual_dataset(NAME, layout)


@hdf5("is a symbolic link; put the file itself there")
def file_is_a_link(file, values):
    def finish(path):
        os.remove(path)
        os.symlink("../../../recon/acc8/knee_test2.h5", path)

    return finish


def filtered(number):
    import h5py

    plist = creation(chunk=[SHAPE])
    plist.set_filter(number, h5py.h5z.FLAG_OPTIONAL, (1, 2, 3))
    return plist


@hdf5("'reconstruction' is compressed with filter 32015, which is not part of HDF5")
def plugin_filter(file, values):
    create(file, plain_space(), filtered(32015))


@hdf5("'reconstruction' is compressed with filter 4, which is not part of HDF5")
def szip_filter(file, values):
    plist = creation(chunk=[SHAPE])
    plist.set_szip(4, 8)
    create(file, plain_space(), plist)


# ---- kinds of data ----

OTHER_KIND = "'reconstruction' is other (1, 384, 384), expected float32 (1, 384, 384)"


@hdf5(OTHER_KIND)
def object_references(file, values):
    import h5py

    file.create_dataset(NAME, SHAPE, h5py.ref_dtype)[0, 0, 0] = file.ref


@hdf5(OTHER_KIND)
def region_references(file, values):
    import h5py

    file.create_dataset(NAME, SHAPE, h5py.regionref_dtype)


@hdf5(OTHER_KIND)
def variable_length_texts(file, values):
    import h5py

    file.create_dataset(NAME, SHAPE, h5py.string_dtype())[0, 0, :] = ["a" * 4096] * 384


@hdf5(OTHER_KIND)
def variable_length_numbers(file, values):
    import h5py

    file.create_dataset(NAME, SHAPE, h5py.vlen_dtype("f4"))


@hdf5(OTHER_KIND)
def compound(file, values):
    file.create_dataset(NAME, SHAPE, [("value", "f4"), ("code", "S1000")])


@hdf5("'reconstruction' is complex64")
def complex_numbers(file, values):
    file[NAME] = values.astype("c8")


@hdf5(OTHER_KIND)
def opaque(file, values):
    import numpy

    file.create_dataset(NAME, SHAPE, numpy.dtype("V4"))


@hdf5(OTHER_KIND)
def array_of_arrays(file, values):
    import numpy

    file.create_dataset(NAME, SHAPE, numpy.dtype(("f4", (64, 64))), chunks=(1, 1, 1))


@hdf5("no data set 'reconstruction'; the file holds: no data set at all")
def group_instead(file, values):
    file.create_group(NAME)


@hdf5("no data set 'reconstruction'; the file holds: no data set at all")
def type_instead(file, values):
    import numpy

    file[NAME] = numpy.dtype("f4")


@hdf5("no data set 'reconstruction'; the file holds: no data set at all")
def group_that_holds_itself(file, values):
    file[NAME] = file["/"]


# ---- claims ----


@hdf5("'reconstruction' claims an extent of 1152921504606846976")
def extent_of_2_to_60(file, values):
    create(file, plain_space((1 << 60, 384, 384), (1 << 60, 384, 384)), creation(chunk=[SHAPE]))


@hdf5("absurd shape (1099511627776, 1099511627776, 1099511627776)")
def shape_that_overflows(file, values):
    create(file, plain_space((1 << 40,) * 3), creation(chunk=[SHAPE]))


@hdf5("'reconstruction' has 32 dimensions")
def dimensions_of_32(file, values):
    create(file, plain_space((1,) * 32))


@hdf5("'reconstruction' is float32 (1099511627776,), expected float32 (1, 384, 384)")
def list_of_2_to_40(file, values):
    create(file, plain_space((1 << 40,)), creation(chunk=[(1 << 20,)]))


# Whether the library says that it lacks memory, or dies of it, depends on where it asks for it.


@hdf5("write")
def piece_of_4_gib(file, values):
    """Of which the file holds 1 KB: all of it is unpacked for one slice."""
    shape = (1, 32760, 32760)
    data = create(file, plain_space(SHAPE, (UNLIMITED,) * 3), creation(chunk=[shape], deflate=[1]))
    data.write_direct_chunk((0, 0, 0), zlib.compress(bytes(1 << 20)))


@hdf5("write")
def piece_that_unpacks_to_2_gib(file, values):
    """A piece of ordinary size, whose packed bytes do not end there."""
    data = create(file, plain_space(), creation(chunk=[SHAPE], deflate=[1]))
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes(64 << 20)) for _ in range(32)) + packer.flush()
    data.write_direct_chunk((0, 0, 0), packed)


@hdf5("write")
def piece_that_scales_to_4_gib(file, values):
    """scaleoffset's own words say how much it unpacks; they are not the data set's."""
    data = create(file, plain_space(), creation(chunk=[SHAPE], scaleoffset=[0, 4]))
    data.write_direct_chunk((0, 0, 0), bytes(64))

    def finish(path):
        with open(path, "r+b") as raw:
            parameters = raw.read().index(struct.pack("<4I", 0, 4, 384 * 384, 1))
            raw.seek(parameters + 8)
            raw.write(struct.pack("<I", 1 << 30))

    return finish


@hdf5("the list of data sets cannot be read")
def ten_thousand_data_sets(file, values):
    for i in range(10_000):
        file.create_group(str(i))


@hdf5("attribute note", "claims 33554432 bytes of text", libver="latest")
def attribute_of_32_mb(file, values):
    import h5py
    import numpy

    file[NAME] = values
    file.attrs.create("note", numpy.bytes_(b"a" * (32 << 20)))


@hdf5("no data set 'reconstruction'")
def name_with_escape_codes(file, values):
    file["\x1b[2J\x1b[1;1Hverified"] = values


@hdf5("no data set 'reconstruction'", "bytes more")
def name_of_60_kb(file, values):
    file["n" * 60_000] = values


# ---- damage ----


def damaged(needle, name, change):
    def finish(path):
        with open(path, "rb") as file:
            data = bytearray(file.read())
        with open(path, "wb") as file:
            file.write(change(data) or data)

    def function(file, values):
        file.create_dataset(NAME, data=values, chunks=SHAPE, compression=1)
        return finish

    hdf5(needle, name=name)(function)


def set_end_of_file(data):
    """The superblock's end of file, 8 bytes at 40 in version 0."""
    struct.pack_into("<Q", data, 40, 1 << 62)


def root_to_itself(data):
    """The root's B-tree leads back to the superblock."""
    tree = data.index(b"TREE")
    struct.pack_into("<Q", data, tree + 32, tree)


damaged("not a readable HDF5 file (file signature not found)", "empty", lambda data: b"\n")
damaged("not a readable HDF5 file (file signature not found)", "archive_instead", lambda data: b"PK\x03\x04" + data[4:])
damaged("truncated file", "truncated", lambda data: data[: len(data) // 2])
damaged("truncated file", "end_of_file_of_2_to_62", set_end_of_file)
damaged(f"{FILE}: ", "tree_that_holds_itself", root_to_itself)

MUTANTS = 48


def make_mutants(place):
    """Copies of a sound file, some of whose first bytes (headers) are others; names and number are those of the labels."""
    with open(FILE, "rb") as file:
        sound = file.read()
    volumes(place)
    chance = random.Random(8)
    labels, recon = os.path.join(place, "labels/acc8/image"), os.path.join(place, "recon/acc8")
    for i in range(MUTANTS):
        shutil.copy(os.path.join(labels, "knee_test2.h5"), os.path.join(labels, f"hidden-knee-{i:02}.h5"))
        data = bytearray(sound)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(2200)] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
        with open(os.path.join(recon, f"hidden-knee-{i:02}.h5"), "wb") as file:
            file.write(data)


def all_accounted_for(result):
    """Each mutant is refused by name, or was harmless and has a score."""
    document = json.loads(result.out)
    scored = {volume["volume"] for volume in document["volumes"] if volume["cell"] == "acc8"}
    refused = " ".join(line for finding in document["findings"] for line in finding["evidence"])
    for i in range(MUTANTS):
        name = f"hidden-knee-{i:02}"
        require(name in refused or any(name in volume for volume in scored), f"{name} is neither refused nor scored")


def evidence(result):
    return [line for finding in json.loads(result.out)["findings"] for line in finding["evidence"]]


add("hdf5", "mutated_headers", make_mutants, [
    Run(["score", *EDITION, "--set", "final", "--json"], 3, "recon/acc8/hidden-knee-", one_line=False, lines_of=evidence,
        check=all_accounted_for)])
