# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""Writes the ledger of a training that was not made to write one, and ends it after a few updates.

Python imports this by itself, under the name of sitecustomize. It watches every optimizer of torch.optim and every
backward pass from outside, draws no random number, and changes no value. With RECONPROOF_SEED_SHIFT every seed that the
code sets is another one. Format: docs/formats/ledger.md. What runs here runs in the submission's own process, which can
lie: whoever judges the ledger must know that.
"""

import contextlib
import functools
import gc
import hashlib
import json
import math
import numbers
import os
import random
import sys
import time
import traceback
import weakref

from reconproof_hooks import after_import, run_next_sitecustomize

FOLDER = os.environ.get("RECONPROOF_TRAINING_LEDGER", "")
UPDATES = int(os.environ.get("RECONPROOF_TRAINING_STEPS") or 0)
SHIFT = int(os.environ.get("RECONPROOF_SEED_SHIFT") or 0)
DATA = [folder for folder in os.environ.get("RECONPROOF_TRAINING_DATA", "").split(os.pathsep) if folder]
STOPPED, FAILED = 86, 87  # exit codes: after the last update, and of a fault in this file
MOST_NAMES = 256  # of files or indices in a line
MOST_TABLE_BYTES = 900_000  # of the table of tensors; a line has at most 1 MiB


def guarded(function):
    """A fault of ours ends the run at once and says so: a training that goes on unwatched may take days."""

    @functools.wraps(function)
    def call(*arguments):
        try:
            return function(*arguments)
        except Exception:
            note("fault", traceback.format_exc())
            leave(FAILED)

    return call


def leave(code):
    """With all that was printed, and nothing else: no handler, no `finally`."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(code)


def note(kind, text):
    """Appends to a file beside the ledger, which is there even when the process dies at once."""
    with contextlib.suppress(OSError), open(os.path.join(FOLDER, f"{kind}-{os.getpid()}.txt"), "ab") as file:
        file.write((text.replace("\n", "\n  ") + "\n").encode("utf-8", "replace"))


class Ledger:
    """Lines that are bound to each other (docs/formats/ledger.md); each is with the kernel before `append` returns."""

    KEYS = ("seq", "prev", "kind", "iteration", "file", "slice", "loss", "grad_norm", "weights_sha256")

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self.seq, self.prev = 0, "0" * 64

    def append(self, kind, iteration, **values):
        line = dict.fromkeys(self.KEYS)
        line.update(seq=self.seq, prev=self.prev, kind=kind, iteration=iteration, **values)
        for key in ("loss", "grad_norm"):
            if line[key] is not None and not math.isfinite(line[key]):
                line[key], line["not_finite"] = None, {**line.get("not_finite", {}), key: repr(line[key])}
        data = json.dumps(line, separators=(",", ":")).encode()
        os.write(self.file, data + b"\n")
        self.seq, self.prev = self.seq + 1, hashlib.sha256(data).hexdigest()


def tensor_bytes(tensor):
    tensor = tensor.detach().cpu().contiguous()
    try:
        return tensor.numpy().tobytes()
    except TypeError:  # a type that NumPy lacks, such as bfloat16
        return tensor.reshape(-1).view(sys.modules["torch"].uint8).numpy().tobytes()


def is_constant(data, width):
    """Whether at most two values occur, such as zeros, ones, an identity: what needs no random numbers."""
    values = {data[:width]}
    if data == data[:width] * (len(data) // width):
        return True
    for begin in range(width, len(data), width):
        values.add(data[begin : begin + width])
        if len(values) > 2:
            return False
    return True


def plain(text):
    """As JSON takes it: a file name need not be UTF-8."""
    return text[:256].encode("utf-8", "replace").decode()


def gradient_norm(parameters):
    total, seen = 0.0, False
    for parameter in parameters:
        gradient = parameter.grad
        if gradient is None:
            continue
        if getattr(gradient, "is_sparse", False):
            gradient = gradient.coalesce().values()
        seen, total = True, total + float(gradient.detach().abs().double().norm()) ** 2
    return math.sqrt(total) if seen else None


class Networks:
    """The parameters of all modules, under names that are the same in every run of the same code."""

    def __init__(self, torch, optimizers):
        self.optimized = [parameter for optimizer in optimizers for parameter in parameters_of(optimizer)]
        place = {id(parameter): i for i, parameter in reversed(list(enumerate(self.optimized)))}
        things = [thing for thing in gc.get_objects() if issubclass(type(thing), torch.nn.Module)]
        modules = [module for module in things if "_modules" in vars(module)]  # others are not made yet
        inner = {id(child) for module in modules for child in module.children()}
        roots = []
        for module in modules:
            named = list(module.named_parameters()) if id(module) not in inner else []
            if named:
                places = [place[id(parameter)] for _, parameter in named if id(parameter) in place]
                rank = (min(places, default=len(place)), type(module).__qualname__, [name for name, _ in named])
                roots.append((rank, bool(places), named))
        roots.sort(key=lambda root: root[0])
        plain = sum(trained for _, trained, _ in roots) == 1
        self.named, seen = [], set()  # (name, parameter, whether its network is trained)
        for number, ((_, kind, _), trained, named) in enumerate(roots):
            prefix = "" if plain and trained else f"{kind}#{number}:"
            for name, parameter in named:
                if id(parameter) not in seen:
                    seen.add(id(parameter))
                    self.named.append((prefix + name, parameter, trained))
        for number, parameter in enumerate(self.optimized):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                self.named.append((f"optimizer:{number}", parameter, True))

    def sha256(self):
        """docs/formats/checkpoint.md#weights_sha256, over the parameters of the networks that are trained."""
        digest = hashlib.sha256()
        trained = [(name, parameter) for name, parameter, trained in self.named if trained]
        for name, parameter in sorted(trained, key=lambda pair: pair[0].encode()):
            digest.update(name.encode() + b"\0" + tensor_bytes(parameter))
        return digest.hexdigest()

    def table(self, known):
        """[name, shape, first half of its SHA-256, constant, trained] of each parameter that is not known yet."""
        rows, size = [], 0
        for name, parameter, trained in self.named:
            if id(parameter) in known:
                continue
            known[id(parameter)] = parameter
            data = tensor_bytes(parameter)
            constant = is_constant(data, max(1, len(data) // max(1, parameter.numel())))
            row = [plain(name), list(parameter.shape), hashlib.sha256(data).hexdigest()[:32], constant, trained]
            size += len(json.dumps(row)) + 1
            rows.append(row)
            if size > MOST_TABLE_BYTES:
                return rows[:-1] + [["(and more)", [], "", True, trained]]
        return rows


def parameters_of(optimizer):
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


class Watch:
    """What has happened since the last update, and the ledger of this process."""

    def __init__(self):
        self.torch, self.ledger, self.networks = None, None, None
        self.optimizers, self.known, self.seeds = [], {}, []
        self.updates, self.depth, self.backward_depth = 0, 0, 0
        self.process = os.getpid()
        self.forget()

    def enter_process(self):
        """A fork that trains has a ledger of its own. One that only loads data never comes here."""
        if self.process != os.getpid():
            self.process, self.ledger, self.known, self.updates = os.getpid(), None, {}, 0

    def forget(self):
        self.losses, self.files, self.indices = [], [], []

    def living(self):
        return [optimizer for optimizer in (reference() for reference in self.optimizers) if optimizer is not None]

    def add_optimizer(self, optimizer):
        if all(known is not optimizer for known in self.living()):
            self.optimizers.append(weakref.ref(optimizer))

    def add_file(self, path):
        if len(self.files) < MOST_NAMES and any(path.startswith(folder) for folder in DATA):
            if (name := plain(os.path.basename(path))) not in self.files:
                self.files.append(name)

    @guarded
    def before(self, optimizer):
        """Before the first update the weights are still the initial ones."""
        self.enter_process()
        self.add_optimizer(optimizer)
        watch_h5py()
        with self.torch.no_grad():
            self.networks = Networks(self.torch, self.living())
            tensors = self.networks.table(self.known)
            if self.ledger is None:
                self.begin(tensors)
                tensors = []
            return tensors, gradient_norm(parameters_of(optimizer)) if self.losses else None

    def begin(self, tensors):
        self.ledger = Ledger(os.path.join(FOLDER, f"ledger-{os.getpid():010}.jsonl"))
        initial = self.networks.sha256()
        threads = getattr(self.torch, "get_num_threads", lambda: None)()
        self.ledger.append(
            "start", 0, weights_sha256=initial, schema="reconproof.ledger", schema_version=1, writer="training_ledger.py",
            initial_weights_sha256=initial, torch=str(self.torch.__version__), threads=threads,
            device=str(getattr(self.networks.optimized[0], "device", "cpu")) if self.networks.optimized else None,
            python=sys.version.split()[0], argv=[plain(word) for word in sys.argv[:64]], seeds=self.seeds[:64], seed_shift=SHIFT, tensors=tensors)

    @guarded
    def after(self, optimizer, before):
        tensors, norm = before
        with self.torch.no_grad():
            if norm is None:  # a closure makes the gradients during the step
                norm = gradient_norm(parameters_of(optimizer))
            number = next(i for i, reference in enumerate(self.optimizers) if reference() is optimizer)
            losses = [float(loss) for loss in self.losses]
            self.ledger.append(
                "update", self.updates, loss=sum(losses) if losses else None, grad_norm=norm,
                weights_sha256=self.networks.sha256(), optimizer=number, losses=len(losses), files=self.files,
                indices=self.indices, clock_s=time.monotonic(), **({"tensors": tensors} if tensors else {}))
        self.updates += 1
        self.forget()
        if self.updates >= UPDATES:
            self.stop()

    def stop(self):
        """Neither `except` nor `finally`, atexit or a worker of a loader keeps the process from ending here."""
        self.ledger.append("end", self.updates, weights_sha256=self.networks.sha256(), stopped_after=self.updates)
        leave(STOPPED)


watch = Watch()


def watch_step(cls):
    """Wraps the step of an optimizer's class, where it is defined: schedulers need a bound method."""
    owner = next((base for base in cls.__mro__ if "step" in vars(base)), None)
    if owner is None or getattr(vars(owner)["step"], "reconproof", False):
        return
    step = vars(owner)["step"]

    @functools.wraps(step)
    def watched(optimizer, *arguments, **options):
        if watch.depth:  # a step that another optimizer takes
            return step(optimizer, *arguments, **options)
        before = watch.before(optimizer)
        watch.depth += 1
        try:
            result = step(optimizer, *arguments, **options)
        finally:
            watch.depth -= 1
        watch.after(optimizer, before)
        return result

    watched.reconproof = True
    owner.step = watched


def watch_optimizers(torch):
    make = torch.optim.Optimizer.__init__

    @functools.wraps(make)
    def made(optimizer, *arguments, **options):
        watch_step(type(optimizer))
        make(optimizer, *arguments, **options)
        watch.add_optimizer(optimizer)
        watch_loader()
        watch_h5py()

    torch.optim.Optimizer.__init__ = made


@guarded
def note_loss(loss):
    for tensor in loss if isinstance(loss, (list, tuple)) else [loss]:
        tensor = getattr(tensor, "reconproof_unscaled", tensor)
        if hasattr(tensor, "detach"):
            watch.losses.append(tensor.detach().sum())


def watch_backward(torch):
    def watched(backward):
        @functools.wraps(backward)
        def call(loss, *arguments, **options):
            if not watch.backward_depth:
                note_loss(loss)
            watch.backward_depth += 1
            try:
                return backward(loss, *arguments, **options)
            finally:
                watch.backward_depth -= 1

        return call

    torch.Tensor.backward = watched(torch.Tensor.backward)
    torch.autograd.backward = watched(torch.autograd.backward)


def watch_scalers(torch):
    """Of a loss that a GradScaler multiplies, the loss itself is recorded."""
    places = [getattr(torch.cuda, "amp", None), getattr(torch, "amp", None)]
    for scaler in {cls for cls in (getattr(place, "GradScaler", None) for place in places) if cls}:
        if "scale" not in vars(scaler):
            continue
        scale = scaler.scale

        def scaled(self, outputs, scale=scale):
            result = scale(self, outputs)
            if result is not outputs and hasattr(outputs, "detach") and hasattr(result, "detach"):
                result.reconproof_unscaled = outputs.detach()
            return result

        scaler.scale = functools.wraps(scale)(scaled)


def watch_loader():
    """Which examples a loader asks for: in this process, whatever its workers do when."""
    base = getattr(sys.modules.get("torch.utils.data.dataloader"), "_BaseDataLoaderIter", None)
    take = getattr(base, "_next_index", None)
    if take is None or getattr(take, "reconproof", False):
        return

    @functools.wraps(take)
    def taken(self):
        index = take(self)
        for one in index if isinstance(index, (list, tuple)) else [index]:
            if isinstance(one, int) and len(watch.indices) < MOST_NAMES:
                watch.indices.append(one)
        return index

    taken.reconproof = True
    base._next_index = taken


def watch_h5py():
    """HDF5 opens files without Python's knowledge."""
    file = getattr(sys.modules.get("h5py"), "File", None)
    if file is None or getattr(file.__init__, "reconproof", False):
        return
    make = file.__init__

    @functools.wraps(make)
    def opened(self, name, *arguments, **options):
        if isinstance(name, (str, os.PathLike)):
            watch.add_file(os.path.abspath(os.fsdecode(name)))
        return make(self, name, *arguments, **options)

    opened.reconproof = True
    file.__init__ = opened


def watch_events(event, arguments):
    """What is asked of the network by name: from outside only addresses are seen."""
    if event == "open":
        if isinstance(arguments[0], str) and arguments[0].startswith(os.sep):
            watch.add_file(os.path.normpath(arguments[0]))
    elif event == "urllib.Request":
        note("asked", str(arguments[0]))
    elif event == "socket.getaddrinfo":
        note("asked", f"{arguments[0]} port {arguments[1]}")


# ---- another seed ----


def is_seed(seed):
    return isinstance(seed, numbers.Integral) and not isinstance(seed, bool)  # no array, text, or None


def shift(seed, bits):
    return (int(seed) + SHIFT) % 2**bits if SHIFT and is_seed(seed) else seed


def watch_seeds(owner, names, prefix, bits, argument="seed"):
    """Has the functions note their seed, and take another one."""

    def watched(function, name):
        @functools.wraps(function)
        def call(*arguments, **options):
            seed = arguments[0] if arguments else options.get(argument)
            if is_seed(seed) and len(watch.seeds) < 64:
                watch.seeds.append([prefix + name, int(seed)])
            if arguments:
                arguments = (shift(seed, bits), *arguments[1:])
            elif argument in options:
                options[argument] = shift(seed, bits)
            return function(*arguments, **options)

        return call

    for name in names:
        if callable(getattr(owner, name, None)):
            setattr(owner, name, watched(getattr(owner, name), name))


def watch_torch_seeds(torch):
    watch_seeds(torch, ["manual_seed"], "torch.", 63)
    watch_seeds(getattr(torch, "random", None), ["manual_seed"], "torch.random.", 63)
    watch_seeds(torch.cuda, ["manual_seed", "manual_seed_all"], "torch.cuda.", 63)
    generator = getattr(torch, "Generator", None)
    if not SHIFT or generator is None:
        return

    class Generator(generator):
        def manual_seed(self, seed):
            return super().manual_seed(shift(seed, 63))

    torch.Generator = Generator


def watch_numpy_seeds(numpy):
    watch_seeds(numpy.random, ["seed"], "numpy.random.", 32)
    if SHIFT:
        watch_seeds(numpy.random, ["default_rng"], "numpy.random.", 63)
        make = numpy.random.RandomState

        class RandomState(make):
            def __init__(self, seed=None):
                super().__init__(shift(seed, 32))

        numpy.random.RandomState = RandomState


# ---- as soon as it is imported ----


def watch_torch(torch):
    watch.torch = torch
    watch_optimizers(torch)
    watch_backward(torch)
    watch_scalers(torch)
    watch_loader()
    watch_torch_seeds(torch)


if FOLDER and UPDATES > 0:
    sys.addaudithook(watch_events)
    watch_seeds(random, ["seed"], "random.", 63, "a")
    after_import("torch", guarded(watch_torch))
    after_import("numpy", guarded(watch_numpy_seeds))
run_next_sitecustomize(__file__)
