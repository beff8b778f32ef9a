# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""As much of PyTorch as a training of a linear network takes, in NumPy: CI has no PyTorch."""

import contextlib
import os
import sys
import types

import numpy

__version__ = "0.0-of-the-tests"
uint8 = numpy.uint8
_random = numpy.random.Generator(numpy.random.PCG64(int.from_bytes(os.urandom(8), "little")))


class Tensor:
    def __init__(self, data, back=None):
        self.data, self.grad, self._back = numpy.asarray(data, dtype=numpy.float32), None, back

    shape = property(lambda self: self.data.shape)
    device = "cpu"
    is_sparse = False

    def detach(self):
        return Tensor(self.data)

    def cpu(self):
        return self

    contiguous = cpu

    def numpy(self):
        return self.data

    def numel(self):
        return self.data.size

    def sum(self):
        return Tensor(self.data.sum())

    def abs(self):
        return Tensor(abs(self.data))

    def double(self):
        return types.SimpleNamespace(norm=lambda: numpy.linalg.norm(self.data.astype(numpy.float64)))

    def item(self):
        return float(self.data)

    __float__ = item

    def __mul__(self, factor):
        return Tensor(self.data * factor, lambda scale=1.0: self._back(scale * factor))

    def backward(self):
        autograd.backward(self)


def _backward(loss):
    loss._back()


@contextlib.contextmanager
def no_grad():
    yield


def manual_seed(seed):
    global _random
    _random = numpy.random.Generator(numpy.random.PCG64(seed))


def randn(*shape):
    return Tensor(_random.standard_normal(shape))


def randperm(size):
    return [int(i) for i in _random.permutation(size)]


def get_num_threads():
    return 1


class Generator:
    def manual_seed(self, seed):
        self.seed = seed
        return self


class Module:
    def __init__(self):
        self._modules, self._parameters = {}, {}

    def children(self):
        return self._modules.values()

    def named_parameters(self, prefix=""):
        for name, parameter in self._parameters.items():
            yield prefix + name, parameter
        for name, module in self._modules.items():
            yield from module.named_parameters(f"{prefix}{name}.")

    def parameters(self):
        return [parameter for _, parameter in self.named_parameters()]


class Linear(Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self._parameters = {"weight": randn(inputs, outputs) * 0.1, "bias": Tensor(numpy.zeros(outputs))}


class MSELoss(Module):
    """Of layers behind each other, which are linear."""

    def __call__(self, layers, inputs, target):
        values = [numpy.asarray(inputs, dtype=numpy.float32)]
        for layer in layers:
            values.append(values[-1] @ layer._parameters["weight"].data + layer._parameters["bias"].data)
        error = values[-1] - numpy.float32(target)

        def back(scale=1.0):
            gradient = 2 * scale * error / error.size
            for layer, value in zip(reversed(layers), reversed(values[:-1])):
                weight, bias = layer._parameters["weight"], layer._parameters["bias"]
                add_gradient(weight, numpy.outer(value, gradient))
                add_gradient(bias, gradient)
                gradient = weight.data @ gradient

        return Tensor((error**2).mean(), back)


def add_gradient(parameter, gradient):
    parameter.grad = Tensor(gradient if parameter.grad is None else parameter.grad.data + gradient)


class Optimizer:
    def __init__(self, parameters, defaults):
        self.param_groups = [{"params": list(parameters), **defaults}]

    def zero_grad(self):
        for parameter in self.param_groups[0]["params"]:
            parameter.grad = None


class SGD(Optimizer):
    def __init__(self, parameters, lr=0.01):
        super().__init__(parameters, {"lr": lr})

    def step(self, closure=None):
        loss = closure() if closure else None
        for parameter in self.param_groups[0]["params"]:
            if parameter.grad is not None:
                parameter.data = parameter.data - self.param_groups[0]["lr"] * parameter.grad.data
        return loss


class Adam(SGD):
    """Calls the step of another optimizer in its own, as wrappers do."""

    def step(self, closure=None):
        return super().step(closure)


class GradScaler:
    def scale(self, loss):
        return loss * 1024.0

    def unscale(self, optimizer):
        for parameter in optimizer.param_groups[0]["params"]:
            parameter.grad = Tensor(parameter.grad.data / 1024.0)


class _BaseDataLoaderIter:
    def __init__(self, order):
        self._order = iter(order)

    def _next_index(self):
        return next(self._order)

    def __iter__(self):
        return self

    def __next__(self):
        return self._next_index()


cuda = types.SimpleNamespace(
    is_available=lambda: False, manual_seed=lambda seed: None, manual_seed_all=lambda seed: None,
    amp=types.SimpleNamespace(GradScaler=GradScaler))
autograd = types.SimpleNamespace(backward=_backward)
nn = types.SimpleNamespace(Module=Module, Linear=Linear, MSELoss=MSELoss)
optim = types.SimpleNamespace(Optimizer=Optimizer, SGD=SGD, Adam=Adam)
sys.modules["torch.utils.data.dataloader"] = types.SimpleNamespace(_BaseDataLoaderIter=_BaseDataLoaderIter)
