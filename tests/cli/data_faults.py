# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Corrupts a data set in one way after another: python3 data_faults.py RECONPROOF FOLDER [NAME...]

Each corruption of LIST must be found by `data validate` with its kind, file, slice and reason, and no other file may be blamed.
"""
import json
import os
import shutil
import subprocess
import sys

import h5py
import numpy as np

program, work = sys.argv[1:3]
chosen = sys.argv[3:]
base = os.path.join(work, "base")
manifest = os.path.join(work, "manifest.jsonl")
A, B = "train/kspace/brain_acc4_1.h5", "train/image/brain_acc4_1.h5"
C, D = "train/kspace/brain_acc8_2.h5", "train/image/brain_acc8_2.h5"
LIST = []


def fault(kind, file, slices=(), reason="", manifest=False, also=()):
    """Registers a corruption: a function of the data set's folder. `also`: other files that are blamed rightly."""

    def register(function):
        LIST.append((function.__name__, kind, file, list(slices), reason, manifest, set(also), function))
        return function

    return register


def edit(folder, file, mode="r+"):
    return h5py.File(os.path.join(folder, file), mode)


def replace(folder, file, name, values):
    with edit(folder, file) as h5:
        del h5[name]
        h5[name] = values


def read(folder, file, name):
    with edit(folder, file, "r") as h5:
        return h5[name][:]


def change(folder, file, name, function):
    """Values of a data set in place, where they lie."""
    with edit(folder, file) as h5:
        values = h5[name][:]
        function(values)
        h5[name][:] = values


def flip_bit(folder, file, name, slice_number):
    """One bit of the file, the lowest of a value in the slice's middle."""
    with edit(folder, file, "r") as h5:
        data = h5[name]
        offset = data.id.get_offset() + int((slice_number + 0.5) * data[0].nbytes)
    with open(os.path.join(folder, file), "r+b") as raw:
        raw.seek(offset)
        byte = raw.read(1)
        raw.seek(offset)
        raw.write(bytes([byte[0] ^ 1]))


# ---- files ----


@fault("unreadable", A, reason="truncated")
def kspace_file_truncated(folder):
    os.truncate(os.path.join(folder, A), 100000)


@fault("unreadable", A, reason="HDF5")
def kspace_file_empty(folder):
    os.truncate(os.path.join(folder, A), 0)


@fault("unreadable", A, reason="HDF5")
def kspace_file_is_a_web_page(folder):
    with open(os.path.join(folder, A), "w") as file:
        file.write("<html>403 Forbidden</html>")


@fault("unreadable", B, reason="truncated")
def image_file_truncated(folder):
    os.truncate(os.path.join(folder, B), 500000)


@fault("unreadable", B, reason="HDF5")
def image_file_header_damaged(folder):
    with open(os.path.join(folder, B), "r+b") as file:
        file.write(b"\0" * 8)


@fault("unreadable", B, reason="link")
def label_is_a_link_to_another_file(folder):
    with edit(folder, B) as h5:
        del h5["image_label"]
        h5["image_label"] = h5py.ExternalLink("brain_acc8_2.h5", "image_label")


@fault("unreadable", B, reason="image_label")
def compressed_chunk_damaged(folder):
    label = read(folder, B, "image_label")
    with edit(folder, B) as h5:
        del h5["image_label"]
        data = h5.create_dataset("image_label", data=label, chunks=(1, 384, 384), compression="gzip")
        chunk = data.id.get_chunk_info(1)
    with open(os.path.join(folder, B), "r+b") as raw:
        raw.seek(chunk.byte_offset)
        raw.write(b"\xff" * 64)


# ---- data sets ----


@fault("missing-dataset", A, reason="'kspace'")
def kspace_missing(folder):
    with edit(folder, A) as h5:
        del h5["kspace"]


@fault("missing-dataset", A, reason="'mask'")
def mask_missing(folder):
    with edit(folder, A) as h5:
        del h5["mask"]


@fault("missing-dataset", B, reason="'image_label'")
def label_missing(folder):
    with edit(folder, B) as h5:
        del h5["image_label"]


@fault("missing-dataset", B, reason="'image_input'")
def input_missing(folder):
    with edit(folder, B) as h5:
        del h5["image_input"]


@fault("missing-dataset", B, reason="'image_grappa'")
def grappa_missing(folder):
    with edit(folder, B) as h5:
        del h5["image_grappa"]


@fault("wrong-type", A, reason="complex128, expected complex64")
def kspace_in_double_precision(folder):
    replace(folder, A, "kspace", read(folder, A, "kspace").astype(np.complex128))


@fault("wrong-type", A, reason="float32, expected complex64")
def kspace_as_magnitude(folder):
    replace(folder, A, "kspace", np.abs(read(folder, A, "kspace")))


@fault("wrong-shape", A, reason="(3, 64, 64)")
def kspace_of_one_coil(folder):
    replace(folder, A, "kspace", read(folder, A, "kspace")[:, 0])


@fault("wrong-type", B, reason="float64, expected float32")
def label_in_double_precision(folder):
    replace(folder, B, "image_label", read(folder, B, "image_label").astype(np.float64))


@fault("wrong-shape", B, reason="(3, 320, 320)")
def label_cropped(folder):
    replace(folder, B, "image_label", read(folder, B, "image_label")[:, 32:352, 32:352])


@fault("slice-count", B, reason="'image_label' has 2 slices, its k-space has 3")
def label_lacks_a_slice(folder):
    replace(folder, B, "image_label", read(folder, B, "image_label")[:2])


@fault("slice-count", B, reason="'image_input' has 2 slices")
def input_lacks_a_slice(folder):
    replace(folder, B, "image_input", read(folder, B, "image_input")[:2])


@fault("slice-count", B, reason="its k-space has 2")
def kspace_lacks_a_slice(folder):
    replace(folder, A, "kspace", read(folder, A, "kspace")[:2])


# ---- masks ----


@fault("mask-width", A, reason="64 columns")
def mask_too_wide(folder):
    replace(folder, A, "mask", np.append(read(folder, A, "mask"), np.float32(0)))


@fault("mask-values", A, reason="0.5 at column 3")
def mask_not_binary(folder):
    change(folder, A, "mask", lambda mask: mask.__setitem__(3, 0.5))


@fault("mask-values", A, reason="centre")
def mask_without_centre(folder):
    change(folder, A, "mask", lambda mask: mask.__setitem__(slice(28, 36), 0))


@fault("mask-acceleration", A, reason="every 8th column, but the name says acc4")
def mask_of_another_acceleration(folder):
    replace(folder, A, "mask", read(folder, C, "mask"))


@fault("mask-acceleration", A, reason="columns 7 and 15")
def mask_lacks_a_column(folder):
    change(folder, A, "mask", lambda mask: mask.__setitem__(11, 0))


@fault("mask-acceleration", A, reason="behind")
def mask_half_empty(folder):
    change(folder, A, "mask", lambda mask: mask.__setitem__(slice(46, 64), 0))


# ---- k-space ----


@fault("masked-kspace", A, [0, 1, 2], "already masked")
def kspace_already_masked(folder):
    mask = read(folder, A, "mask")
    change(folder, A, "kspace", lambda kspace: kspace.__imul__(mask))


@fault("masked-kspace", A, [1], "already masked")
def one_slice_already_masked(folder):
    mask = read(folder, A, "mask")
    change(folder, A, "kspace", lambda kspace: kspace[1].__imul__(mask))


@fault("zero-columns", A, [1], "column 20 ")
def kspace_column_lost(folder):
    change(folder, A, "kspace", lambda kspace: kspace.__setitem__(np.s_[1, :, :, 20], 0))


@fault("not-finite", A, [2], "'kspace' holds NaN")
def nan_in_kspace(folder):
    change(folder, A, "kspace", lambda kspace: kspace.__setitem__((2, 1, 5, 6), np.nan))


@fault("empty-slice", A, [1], "'kspace' is zero")
def kspace_slice_zero(folder):
    change(folder, A, "kspace", lambda kspace: kspace.__setitem__(1, 0))


@fault("label-mismatch", B, [1], "root sum of squares")
def spike_in_kspace(folder):
    change(folder, A, "kspace", lambda k: k.__setitem__((1, 0, 40, 10), 0.5 * np.abs(k).max()))


@fault("label-mismatch", B, [2], "root sum of squares")
def coil_lost(folder):
    change(folder, A, "kspace", lambda kspace: kspace.__setitem__((2, 0), 0))


@fault("label-mismatch", B, [0], "in the rest of the set")
def kspace_rounded_to_half_precision(folder):
    def round_slice(kspace):
        scale = np.abs(kspace[0]).max()
        real = (kspace[0].real / scale).astype(np.float16).astype(np.float32)
        imaginary = (kspace[0].imag / scale).astype(np.float16).astype(np.float32)
        kspace[0] = scale * (real + 1j * imaginary)

    change(folder, A, "kspace", round_slice)


# ---- images ----


@fault("not-finite", B, [1], "'image_label' holds NaN")
def infinity_in_label(folder):
    change(folder, B, "image_label", lambda label: label.__setitem__((1, 200, 200), np.inf))


@fault("not-finite", B, [0], "'image_input' holds NaN")
def nan_in_input(folder):
    change(folder, B, "image_input", lambda image: image.__setitem__((0, 200, 200), np.nan))


@fault("empty-slice", B, [2], "'image_label' is zero")
def label_slice_zero(folder):
    change(folder, B, "image_label", lambda label: label.__setitem__(2, 0))
    with edit(folder, B) as h5:
        h5.attrs["max"] = h5["image_label"][:].max()


@fault("label-mismatch", B, [0], "stands at slice 2")
def label_slices_exchanged(folder):
    change(folder, B, "image_label", lambda label: label.__setitem__([0, 2], label[[2, 0]]))


@fault("label-mismatch", B, [0, 1, 2], "another volume", also=["train/image/brain_acc4_3.h5"])
def labels_of_another_volume(folder):
    label = read(folder, "train/image/brain_acc4_3.h5", "image_label")
    with edit(folder, B) as h5:
        h5["image_label"][:] = label
        h5.attrs["max"] = label.max()


@fault("label-mismatch", B, [0, 1, 2], "another volume", also=["train/image/brain_acc4_3.h5"])
def image_files_exchanged(folder):
    other = "train/image/brain_acc4_3.h5"
    a, b = os.path.join(folder, B), os.path.join(folder, other)
    os.rename(a, a + ".away")
    os.rename(b, a)
    os.rename(a + ".away", b)


@fault("label-mismatch", B, [1], "root sum of squares")
def label_mirrored(folder):
    change(folder, B, "image_label", lambda label: label.__setitem__(1, label[1][:, ::-1].copy()))


@fault("label-mismatch", B, [1], "most at row 2")
def label_patch_painted(folder):
    change(folder, B, "image_label",
           lambda label: label.__setitem__(np.s_[1, 200:210, 180:190], 0.5 * label.max()))


@fault("label-mismatch", B, [0], "root sum of squares")
def label_shifted_by_a_pixel(folder):
    change(folder, B, "image_label", lambda label: label.__setitem__(0, np.roll(label[0], 1, axis=0)))


@fault("label-mismatch", B, [2], "root sum of squares")
def label_blurred(folder):
    change(folder, B, "image_label",
           lambda label: label.__setitem__(2, (label[2] + np.roll(label[2], 1, axis=1)) / 2))


@fault("label-scale", B, [1], "1.02 times")
def label_scaled_in_one_slice(folder):
    change(folder, B, "image_label", lambda label: label[1].__imul__(np.float32(1.02)))
    with edit(folder, B) as h5:
        h5.attrs["max"] = h5["image_label"][:].max()


@fault("label-scale", B, [0, 1, 2], "0.5 times")
def label_scaled_in_one_volume(folder):
    change(folder, B, "image_label", lambda label: label.__imul__(np.float32(0.5)))
    with edit(folder, B) as h5:
        h5.attrs["max"] = h5["image_label"][:].max()


@fault("input-mismatch", B, [1], "masked k-space")
def input_of_another_slice(folder):
    change(folder, B, "image_input", lambda image: image.__setitem__(1, image[2]))


# ---- attributes ----


@fault("maximum", B, reason="the attribute 'max' is")
def maximum_of_another_volume(folder):
    with edit(folder, D, "r") as other, edit(folder, B) as h5:
        h5.attrs["max"] = other.attrs["max"]


@fault("maximum", B, reason="no number")
def maximum_missing(folder):
    with edit(folder, B) as h5:
        del h5.attrs["max"]


@fault("maximum", B, reason="no number")
def maximum_not_a_number(folder):
    with edit(folder, B) as h5:
        h5.attrs["max"] = np.float32("nan")


@fault("maximum", B, reason="of image_input, not of image_label")
def maximum_of_the_input(folder):
    with edit(folder, B) as h5:
        h5.attrs["max"] = h5["image_input"][:].max()


@fault("annotations", B, reason="not JSON")
def annotations_cut_off(folder):
    with edit(folder, B) as h5:
        h5.attrs["annotations"] = '{"0": [{"x": 1'


@fault("annotations", B, [1], "outside of the image")
def box_outside_of_the_image(folder):
    with edit(folder, B) as h5:
        h5.attrs["annotations"] = json.dumps({"1": [{"x": 400, "y": 10, "width": 20, "height": 20}]})


@fault("annotations", B, reason="slice '7'")
def box_of_a_slice_that_is_not(folder):
    with edit(folder, B) as h5:
        h5.attrs["annotations"] = json.dumps({"7": [{"x": 40, "y": 10, "width": 20, "height": 20}]})


# ---- the set ----


@fault("unpaired", A, reason="image/")
def image_file_missing(folder):
    os.remove(os.path.join(folder, B))


@fault("unpaired", B, reason="kspace/")
def kspace_file_missing(folder):
    os.remove(os.path.join(folder, A))


@fault("duplicate", "train/kspace/brain_acc4_9.h5", [0, 1, 2], "as in train/kspace/brain_acc4_1.h5")
def volume_doubled(folder):
    for kind in ("kspace", "image"):
        shutil.copy(os.path.join(folder, f"train/{kind}/brain_acc4_1.h5"),
                    os.path.join(folder, f"train/{kind}/brain_acc4_9.h5"))


@fault("duplicate", "val/kspace/brain_acc4_6.h5", [1], "as in train/kspace/brain_acc4_1.h5")
def training_slice_in_validation(folder):
    for kind, name in (("kspace", "kspace"), ("image", "image_label"), ("image", "image_input")):
        values = read(folder, f"train/{kind}/brain_acc4_1.h5", name)
        change(folder, f"val/{kind}/brain_acc4_6.h5", name, lambda v, values=values: v.__setitem__(1, values[1]))
    with edit(folder, "val/image/brain_acc4_6.h5") as h5:
        h5.attrs["max"] = h5["image_label"][:].max()


@fault("duplicate", A, [2], "as slice 0 of this file")
def slice_doubled(folder):
    for file, names in ((A, ["kspace"]), (B, ["image_label", "image_input"])):
        for name in names:
            change(folder, file, name, lambda values: values.__setitem__(2, values[0]))
    with edit(folder, B) as h5:
        h5.attrs["max"] = h5["image_label"][:].max()


@fault("duplicate", "train/kspace/brain_acc4_9.h5", [0, 1, 2], "leaderboard",
       also=["train/image/brain_acc4_9.h5"])
def leaderboard_volume_in_training(folder):
    for kind in ("kspace", "image"):
        shutil.copy(os.path.join(folder, f"leaderboard/acc4/{kind}/brain_test1.h5"),
                    os.path.join(folder, f"train/{kind}/brain_acc4_9.h5"))


@fault("near-duplicate", "val/image/brain_acc4_8.h5", [1], "shows the same as train/image/brain_acc4_7.h5, ")
def training_slice_mirrored_in_validation(folder):
    for part, number in (("train", 7), ("val", 8)):
        synth(os.path.join(folder, part), 1, number, "4", seed=5, size=192)
    for kind, name in (("kspace", "kspace"), ("image", "image_label"), ("image", "image_input")):
        source = read(folder, f"train/{kind}/brain_acc4_7.h5", name)[1]
        change(folder, f"val/{kind}/brain_acc4_8.h5", name,
               lambda values, source=source: values.__setitem__(1, np.float32(1.3) * source[..., ::-1]))
    with edit(folder, "val/image/brain_acc4_8.h5") as h5:
        h5.attrs["max"] = h5["image_label"][:].max()
    finish(folder)


@fault("stray", "train/kspace/.ipynb_checkpoints", reason="hidden")
def notebook_checkpoints(folder):
    os.makedirs(os.path.join(folder, "train/kspace/.ipynb_checkpoints"))
    shutil.copy(os.path.join(folder, A), os.path.join(folder, "train/kspace/.ipynb_checkpoints/a-checkpoint.h5"))


@fault("stray", "train/image/.DS_Store", reason="hidden")
def finder_file(folder):
    open(os.path.join(folder, "train/image/.DS_Store"), "w").close()


@fault("stray", "train/image/notes.txt", reason="no volume")
def note_among_volumes(folder):
    open(os.path.join(folder, "train/image/notes.txt"), "w").close()


@fault("stray", "train/kspace/old", reason="a folder among the volumes")
def folder_among_volumes(folder):
    os.makedirs(os.path.join(folder, "train/kspace/old"))


@fault("link", A, reason="link", also=[B])
def volume_is_a_link(folder):
    os.rename(os.path.join(folder, A), os.path.join(work, "linked.h5"))
    os.symlink(os.path.join(work, "linked.h5"), os.path.join(folder, A))


@fault("name-collision", "train/image/brain_acc4_1.h5", reason="only in case", also=[
    "train/image/Brain_acc4_1.h5", "train/kspace/Brain_acc4_1.h5", A])
def names_differ_in_case_only(folder):
    for kind in ("kspace", "image"):
        shutil.copy(os.path.join(folder, f"train/{kind}/brain_acc4_1.h5"),
                    os.path.join(folder, f"train/{kind}/Brain_acc4_1.h5"))


# ---- what only a manifest shows ----


@fault("altered", A, [1], "'kspace' differs from slice 1 on", manifest=True)
def bit_flipped_in_kspace(folder):
    flip_bit(folder, A, "kspace", 1)


@fault("altered", B, [2], "'image_label' differs from slice 2 on", manifest=True)
def bit_flipped_in_label(folder):
    flip_bit(folder, B, "image_label", 2)


@fault("altered", B, [], "outside of its slices", manifest=True)
def annotation_moved(folder):
    with edit(folder, B) as h5:
        h5.attrs.modify("annotations", h5.attrs["annotations"].replace("60", "61"))


@fault("external", "train/kspace/brain_acc4_9.h5", [], "none of its slices is the organiser's",
       manifest=True, also=["train/image/brain_acc4_9.h5"])
def volume_from_elsewhere(folder):
    synth(os.path.join(folder, "train"), 1, 9, "4", seed=99)
    finish(folder)


@fault("missing", A, [], "in the manifest", manifest=True, also=[B])
def volume_lost(folder):
    os.remove(os.path.join(folder, A))
    os.remove(os.path.join(folder, B))


@fault("renamed", "train/kspace/brain_acc4_9.h5", [], "the organiser's train/kspace/brain_acc4_1.h5",
       manifest=True, also=[A, B, "train/image/brain_acc4_9.h5"])
def volume_renamed(folder):
    for kind in ("kspace", "image"):
        os.rename(os.path.join(folder, f"train/{kind}/brain_acc4_1.h5"),
                  os.path.join(folder, f"train/{kind}/brain_acc4_9.h5"))


# ---- how they are run ----


def synth(out, volumes, first, accelerations, seed, layout="train", size=64):
    command = [program, "data", "synth", "--out", out, "--volumes", str(volumes), "--first-number", str(first),
               "--acceleration", accelerations, "--slices", "3", "--coils", "4", "--height", str(size), "--width", str(size),
               "--seed", str(seed), "--layout", layout]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def finish(folder):
    """GRAPPA and boxes, which the simulator does not make, for the image files that lack them."""
    for root, _, names in os.walk(folder):
        for name in names:
            if os.path.basename(root) != "image":
                continue
            with h5py.File(os.path.join(root, name), "r+") as h5:
                if "image_grappa" not in h5:
                    h5["image_grappa"] = 0.9 * h5["image_input"][:]
                    h5.attrs["annotations"] = json.dumps({"1": [{"x": 60, "y": 70, "width": 20, "height": 30}]})


def validate(folder, *options):
    run = subprocess.run([program, "data", "validate", folder, "--json", *options], capture_output=True, text=True)
    if run.returncode not in (0, 1):
        sys.exit(f"FAILED: exit {run.returncode}: {run.stderr}")
    result = json.loads(run.stdout)
    assert result["exit_code"] == run.returncode
    return run.returncode, result["faults"]


def judge(entry):
    name, kind, file, slices, reason, with_manifest, also, corrupt = entry
    folder = os.path.join(work, "set")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder)
    corrupt(folder)
    code, faults = validate(folder, *(["--manifest", manifest] if with_manifest else []))
    found = [f for f in faults if (f["kind"], f["file"], f["slices"]) == (kind, file, slices) and reason in f["reason"]]
    other = [f for f in faults if f["file"] != file and f["file"] not in also | {A, B}]
    if code == 1 and found and not other and all(f["advice"] for f in faults):
        return True
    print(f"FAILED: {name}: expected {kind} of {file} slices {slices} ('{reason}'), exit {code}, found:")
    for f in faults:
        print("  ", json.dumps(f))
    return False


synth(os.path.join(base, "train"), 4, 1, "4,8", 5)
synth(os.path.join(base, "val"), 2, 5, "4", 5)
synth(os.path.join(base, "leaderboard"), 2, 1, "4,8", 5, "leaderboard")
finish(base)
subprocess.run([program, "data", "manifest", base, "-o", manifest], check=True, stdout=subprocess.DEVNULL)
for options in ([], ["--manifest", manifest], ["--edition", "snu-2026"], ["--threads", "3"]):
    clean = validate(base, *options)
    if clean != (0, []):
        sys.exit(f"FAILED: findings in the clean set {options}: {clean}")
for part in ("train", "leaderboard/acc8"):
    clean = validate(os.path.join(base, part), "--manifest", manifest)
    if clean != (0, []):
        sys.exit(f"FAILED: findings in the clean {part}: {clean}")

entries = [entry for entry in LIST if not chosen or entry[0] in chosen]
good = sum(judge(entry) for entry in entries)
print(f"{good} of {len(entries)} corruptions found")
sys.exit(0 if good == len(entries) and (chosen or good >= 40) else 1)
