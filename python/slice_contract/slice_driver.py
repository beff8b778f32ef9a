# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Runs a team's load_model, prep_volume and recon_slice when the harness asks for them, and measures nothing that counts.

slice_driver.py DESCRIPTOR VOLUMES SCRIPT [ARGUMENT...]

SCRIPT is the repository's recon_eval.py: its parse() reads the arguments, and the three functions are those that it has
imported. On the socket DESCRIPTOR come requests, a line of JSON each; an answer is 128 bytes of JSON, padded, and where the
answer says so the bytes of an image behind it. Files that the harness drops while it runs lie in the folder VOLUMES.
"""

import contextlib
import functools
import importlib.util
import json
import os
import pathlib
import socket
import sys
import time

ANSWER_BYTES = 128
DEEPEST = 6  # of what prep_volume returns: a dictionary of lists of arrays is 3


def load_script(path):
    """The script as a module that is not __main__, so that it only defines its functions."""
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    spec = importlib.util.spec_from_file_location("recon_eval", path)
    script = importlib.util.module_from_spec(spec)
    sys.modules["recon_eval"] = script
    spec.loader.exec_module(script)
    return script


class Team:
    """The three functions of the contract, called as recon_eval.py calls them."""

    def __init__(self, script):
        self.script = script
        self.torch = sys.modules.get("torch")
        self.cuda = self.torch is not None and self.torch.cuda.is_available()
        self.images = {}

    def load(self):
        args = self.script.parse()
        args.exp_dir = pathlib.Path("../result") / args.net_name / "checkpoints"
        self.device = "cpu"
        if self.torch is not None:
            self.device = self.torch.device(f"cuda:{args.GPU_NUM}" if self.cuda else "cpu")
        if self.cuda:
            self.torch.cuda.set_device(self.device)
        self.model = self.script.load_model(args, self.device)

    def prepare(self, image, kspace):
        self.images = {}
        self.context = None  # the last volume's goes before the next one's comes
        self.context = self.script.prep_volume(pathlib.Path(image), pathlib.Path(kspace), self.device)
        return int(self.context["num_slices"])

    def synchronize(self):
        if self.cuda:
            self.torch.cuda.synchronize()

    def reconstruct(self, index):
        """What recon_slice returns, and how long it took by this process's own clock."""
        no_grad = self.torch.no_grad() if self.torch is not None else contextlib.nullcontext()
        with no_grad:
            self.synchronize()
            begin = time.perf_counter()
            image = self.script.recon_slice(self.model, self.context, index)
            self.synchronize()
            return image, time.perf_counter() - begin


def as_array(image):
    import numpy

    if hasattr(image, "detach"):
        image = image.detach().cpu().numpy()
    return numpy.ascontiguousarray(image)


def arrays_in(value, depth=0, seen=None):
    """Every array and tensor that can be reached from what prep_volume returned."""
    seen = set() if seen is None else seen
    if depth > DEEPEST or id(value) in seen or isinstance(value, (str, bytes, int, float, type, type(sys))):
        return
    seen.add(id(value))
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        yield value
        return
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, (list, tuple, set)):
        inner = list(value)
    elif isinstance(value, functools.partial):
        inner = [value.args, value.keywords]
    elif callable(value) and hasattr(value, "__closure__"):
        inner = [cell.cell_contents for cell in value.__closure__ or ()]
    else:
        inner = list(getattr(value, "__dict__", {}).values())
    for part in inner:
        yield from arrays_in(part, depth + 1, seen)


def holds(array, value):
    """Whether a number of the array, or the real part of one, is this float32, as far as the array's type can tell."""
    name = str(array.dtype)
    if "float" not in name and "complex" not in name:
        return False
    real = array.real if "complex" in name else array
    if hasattr(array, "detach"):
        value = sys.modules["torch"].tensor(value, device=array.device).to(real.dtype)
    else:
        value = real.dtype.type(value)
    return bool((real == value).any())


def alter(context, value):
    """Changes the sign of every second column in each array that holds the input's value; how many arrays that were."""
    altered = 0
    for array in arrays_in(context):
        with contextlib.suppress(ValueError, RuntimeError, TypeError):  # nothing that can be compared, or written to
            if holds(array, value):
                array[..., ::2] *= -1
                altered += 1
    return altered


def send(channel, answer, array=None):
    if array is not None:
        answer = {**answer, "type": str(array.dtype), "shape": list(array.shape)}
    channel.sendall(json.dumps(answer).encode().ljust(ANSWER_BYTES - 1) + b"\n")
    if array is not None:
        channel.sendall(memoryview(array).cast("B"))


def serve(team, channel, volumes):
    for line in channel.makefile("r", encoding="utf-8"):
        request = json.loads(line)
        action = request["do"]
        if action == "load":
            team.load()
            send(channel, {})
        elif action == "volume":
            image, kspace = request["image"], request["kspace"]
            if request["dropped"]:
                image, kspace = os.path.join(volumes, image), os.path.join(volumes, kspace)
            send(channel, {"slices": team.prepare(image, kspace)})
        elif action == "slice":
            image, seconds = team.reconstruct(request["slice"])
            if request["deliver"]:
                send(channel, {"seconds": seconds}, as_array(image))
            else:
                team.images[request["slice"]] = image
                send(channel, {"seconds": seconds})
        elif action == "image":
            send(channel, {}, as_array(team.images.pop(request["slice"])))
        elif action == "alter":
            send(channel, {"altered": alter(team.context, request["value"])})
        elif action == "end":
            return


def main():
    descriptor, volumes, script = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    sys.argv = sys.argv[3:]
    channel = socket.socket(fileno=descriptor)
    serve(Team(load_script(script)), channel, volumes)


main()
