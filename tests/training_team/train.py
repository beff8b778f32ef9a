# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""A training as teams write them, good or with one fault: train.py FAULT. It knows nothing of what watches it."""

import atexit
import os
import pathlib
import random
import subprocess
import sys
import time
import urllib.request

import h5py
import numpy
import torch

fault = sys.argv[1]
data = pathlib.Path("../Data/train")
if fault != "unseeded":
    torch.manual_seed(430)
    torch.cuda.manual_seed_all(430)
    numpy.random.seed(430)
    random.seed(430)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self._modules = {"first": torch.nn.Linear(64, 16), "second": torch.nn.Linear(16, 4)}


def load(parameter, name):
    parameter.data = numpy.load(pathlib.Path(__file__).parent / name)


def given_weights(net):
    if fault in ("given", "part"):
        load(net._modules["second"]._parameters["weight"], "second.npy")
    if fault == "given":
        load(net._modules["first"]._parameters["weight"], "first.npy")
    if fault == "constant":
        for parameter in net.parameters():
            parameter.data = numpy.full_like(parameter.data, 0.5)


def forbidden():
    if fault == "leaderboard":
        list(pathlib.Path("../Data/leaderboard/acc4/kspace").iterdir())
    if fault == "leaderboard-caught":
        try:
            list(pathlib.Path("../Data/leaderboard/acc4/kspace").iterdir())
        except OSError:
            print("no leaderboard here")
    if fault == "download":
        urllib.request.urlopen("http://weights.example/net.pt", timeout=1)
    if fault == "download-caught":
        try:
            urllib.request.urlopen("http://93.184.216.34/net.pt", timeout=1)
        except OSError:
            print("no network here")


def examples():
    """One a slice: some samples of its k-space, and what is to be made of them."""
    files = sorted((data / "kspace").iterdir())
    if fault == "order":  # so many that no two orders begin alike
        files = [file for file in files for _ in range(50)]
    while True:
        order = random.SystemRandom().sample(range(len(files)), len(files)) if fault == "order" else torch.randperm(len(files))
        for index in torch._BaseDataLoaderIter(order):
            with h5py.File(files[index], "r") as file:
                kspace = file["kspace"][0].ravel()
                middle = len(kspace) // 2 + (index if fault == "order" else 0)
            with h5py.File(data / "image" / files[index].name, "r") as file:
                yield abs(kspace[middle : middle + 64]), file["image_label"][0, 190:194, 192].copy()


def update(net, optimizer, loss_type, inputs, target, step):
    layers = list(net.children())

    def loss_of():
        return loss_type(layers, inputs, target)

    if fault == "closure":
        def closure():
            optimizer.zero_grad()
            loss = loss_of()
            loss.backward()
            return loss

        return optimizer.step(closure)
    loss = loss_of()
    optimizer.zero_grad()
    if fault == "scaler":
        scaler = torch.cuda.amp.GradScaler()
        scaler.scale(loss).backward()
        scaler.unscale(optimizer)
    else:
        loss.backward()
    if fault == "kernel" and step == 2:  # as of one that adds in another order
        gradient = net._modules["first"]._parameters["weight"].grad
        gradient.data = gradient.data * numpy.float32(1 + 1e-5 * random.SystemRandom().random())
    optimizer.step()
    return loss


def train(net):
    optimizer = (torch.optim.SGD if fault == "closure" else torch.optim.Adam)(net.parameters(), lr=0.001)
    optimizers = [optimizer]
    if fault == "adversarial":
        critic = Net()
        optimizers.append(torch.optim.SGD(critic.parameters(), lr=0.001))
    loss_type = torch.nn.MSELoss()
    scale = max(abs(inputs).max() for _, (inputs, _) in zip(range(2), examples()))
    for step, (inputs, target) in enumerate(examples()):
        inputs = inputs / scale
        if fault == "augmented" and step >= 3:
            inputs = inputs * random.SystemRandom().uniform(0.5, 1.5)
        if fault == "slow":
            time.sleep(3)
        if fault == "crash" and step == 2:
            raise RuntimeError("the third step is too hard")
        if fault == "short" and step == 3:
            return
        loss = update(net, optimizers[0], loss_type, inputs, target, step)
        if fault == "adversarial":
            update(critic, optimizers[1], loss_type, inputs, target, step)
        if fault == "forge" and step == 4:
            with open(next(pathlib.Path("/reconproof/ledger").iterdir()), "a") as ledger:
                ledger.write("{}\n")
        print(f"Epoch = [  0/  1] Iter = [{step:4d}/1000] Loss = {loss.item():.4g} Time = 0.0000s", flush=True)


def never_ends(net):
    """Whatever ends the loop, it begins again."""
    while True:
        try:
            train(net)
        except BaseException:
            pass


def main():
    forbidden()
    pathlib.Path("../result/net/checkpoints").mkdir(parents=True, exist_ok=True)
    assert not list(pathlib.Path("../result/net/checkpoints").iterdir()), "what was made before is here"
    net = Net()
    given_weights(net)
    if fault == "child":
        child = os.fork()
        if child == 0:
            train(net)
        return os.waitpid(child, 0)
    if fault == "stubborn":
        atexit.register(subprocess.run, ["sleep", "60"])
        never_ends(net)
    train(net)


main()
