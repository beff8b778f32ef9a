# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Extracted bundles, in which someone put what no archive could hold."""
import os
import socket

from hostile_bag import Bag, one_problem, problem_lines
from hostile_case import Run, add

WEIGHTS = "data/weights/weights.pt"


def folder(code, kind, *needles, many=False):
    """A function of the folder that the bundle was extracted to."""

    def register(function):
        def make(place):
            bag = os.path.join(place, "bag")
            for path, data in Bag().files.items():
                os.makedirs(os.path.dirname(os.path.join(bag, path)), exist_ok=True)
                with open(os.path.join(bag, path), "wb") as file:
                    file.write(data)
            function(bag)

        add("folder", function.__name__, make, [
            Run(["verify", "bag"], code, kind, *needles, one_line=False),
            Run(["verify", "bag", "--json"], code, *needles, one_line=False, lines_of=problem_lines,
                check=None if many else one_problem(kind))])
        return function

    return register


def beside(bag, name):
    return os.path.join(bag, "data", "weights", name)


@folder(3, "type", "data/weights/link: is a symbolic link")
def link_to_outside(bag):
    os.symlink("../../../../canary/secret", beside(bag, "link"))


@folder(3, "type", "data/weights/link: is a symbolic link")
def link_to_a_folder_outside(bag):
    os.symlink("/etc", beside(bag, "link"))


@folder(3, "type", "data/weights/link: is a symbolic link")
def link_to_itself(bag):
    os.symlink("link", beside(bag, "link"))


@folder(3, "type", f"{WEIGHTS}: is a symbolic link", many=True)
def link_to_the_same_bytes(bag):
    path = os.path.join(bag, WEIGHTS)
    os.rename(path, path + ".real")
    os.symlink("weights.pt.real", path)


@folder(3, "type", "bagit.txt: is a symbolic link", many=True)
def declaration_is_a_link(bag):
    os.remove(os.path.join(bag, "bagit.txt"))
    os.symlink("/dev/zero", os.path.join(bag, "bagit.txt"))


@folder(3, "type", "data/weights/pipe: is a device, pipe or socket")
def pipe_that_nobody_writes(bag):
    os.mkfifo(beside(bag, "pipe"))


@folder(3, "type", "data/weights/socket: is a device, pipe or socket")
def socket_in_a_folder(bag):
    with socket.socket(socket.AF_UNIX) as server:
        before = os.getcwd()
        os.chdir(os.path.dirname(beside(bag, "")))
        server.bind("socket")
        os.chdir(before)


@folder(3, "unsafe_path", "data/weights/\\x1b[2Jverified: the name has control characters")
def name_with_escape_codes(bag):
    with open(beside(bag, "\x1b[2Jverified"), "w"):
        pass


@folder(3, "unsafe_path", "data/weights/\\xff: the name has control characters or is not valid UTF-8")
def name_that_is_no_utf_8(bag):
    with open(beside(bag, "").encode() + b"\xff", "w"):
        pass


@folder(4, "extra", ".hidden: stands in the bundle, but not in")
def hidden_file(bag):
    with open(os.path.join(bag, ".hidden"), "w"):
        pass


@folder(4, "corrupted", f"{WEIGHTS}: was changed", many=True)
def empty_weights(bag):
    os.truncate(os.path.join(bag, WEIGHTS), 0)
