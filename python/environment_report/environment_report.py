# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""What an interpreter has of what a repository asks for: environment_report.py <QUESTION.json >ANSWER.json

QUESTION: {"requirements": [name, ...], "files": {name: path}}. ANSWER: the interpreter's version; of each requirement
the installed version; of each file its imports, or why it is no Python; of each imported module that is not the
standard library's the distributions that bring it. Nothing of the repository is executed.
"""

import ast
import importlib.util
import json
import os
import platform
import re
import sys
import sysconfig
from importlib import metadata


def normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def installed():
    """Distributions by normalized names; Debian calls one "h5py.-debian-h5py-serial"."""
    found = {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(normalized(name).partition("-debian-")[0], distribution)
    return found


def version_of(name, distributions):
    """Empty: its module is there, but nothing tells its version. None: it is not there."""
    if name in distributions:
        return distributions[name].version
    module = "cv2" if name.startswith("opencv-") else name.replace("-", "_")
    return "" if find(module) else None


def top_level_names(distribution):
    listed = (distribution.read_text("top_level.txt") or "").split()
    if listed:
        return {name.partition("/")[0] for name in listed}
    return {file.parts[0].partition(".")[0] for file in distribution.files or [] if file.suffix in (".py", ".so")}


def needed_by(names, distributions):
    """The names, and what their distributions need themselves."""
    closure, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name in closure:
            continue
        closure.add(name)
        for line in (distributions[name].requires if name in distributions else None) or []:
            if not re.search(r";.*\bextra\b", line):
                waiting.append(normalized(re.match(r"\s*([\w.-]+)", line).group(1)))
    return closure


def catches_import_errors(handler):
    caught = handler.type
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return caught is None or any(
        isinstance(name, ast.Name) and name.id in ("ImportError", "ModuleNotFoundError", "Exception") for name in names
    )


class Imports(ast.NodeVisitor):
    """[module, line, whether the code goes on without it], absolute ones alone."""

    def __init__(self):
        self.found, self.optional = [], 0

    def visit_Import(self, node):
        self.found += [[name.name.partition(".")[0], node.lineno, self.optional > 0] for name in node.names]

    def visit_ImportFrom(self, node):
        if not node.level and node.module:
            self.found.append([node.module.partition(".")[0], node.lineno, self.optional > 0])

    def visit_Try(self, node):
        careful = any(catches_import_errors(handler) for handler in node.handlers)
        self.optional += careful
        for child in node.body:
            self.visit(child)
        self.optional -= careful
        for child in [*node.handlers, *node.orelse, *node.finalbody]:
            self.visit(child)

    def visit_If(self, node):
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            self.optional += 1
            self.generic_visit(node)
            self.optional -= 1
        else:
            self.generic_visit(node)


def look_at(path):
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
    except (SyntaxError, ValueError) as error:
        return {"error": str(error.args[0]), "line": getattr(error, "lineno", None) or 0}
    imports = Imports()
    imports.visit(tree)
    return {"imports": imports.found}


def is_standard(module):
    if module in sys.builtin_module_names or module in getattr(sys, "stdlib_module_names", ()):
        return True
    if hasattr(sys, "stdlib_module_names"):
        return False
    origin = getattr(find(module), "origin", None) or ""
    return origin.startswith(sysconfig.get_path("stdlib")) and "-packages" not in origin


def find(module):
    try:
        return importlib.util.find_spec(module)
    except (ImportError, ValueError, AttributeError):
        return None


def main():
    question = json.load(sys.stdin)
    distributions = installed()
    required = [normalized(name) for name in question["requirements"]]
    files = {name: look_at(path) for name, path in question["files"].items()}
    modules = {module for file in files.values() for module, _, _ in file.get("imports", []) if not is_standard(module)}
    bring = {}
    for name, distribution in distributions.items():
        for module in modules & top_level_names(distribution):
            bring.setdefault(module, []).append(name)
    json.dump(
        {
            "python": platform.python_version(),
            "executable": sys.executable,
            "folders": sorted({sys.prefix, sys.base_prefix, os.path.dirname(os.path.dirname(os.path.realpath(sys.executable)))}),
            "requirements": {name: version_of(name, distributions) for name in required},
            "closure": sorted(needed_by(required, distributions)),
            "files": files,
            "modules": {
                module: {"present": find(module) is not None, "distributions": sorted(bring.get(module, []))}
                for module in sorted(modules)
            },
            "packages": {distribution.metadata["Name"]: distribution.version for distribution in distributions.values()},
        },
        sys.stdout,
    )


main()
