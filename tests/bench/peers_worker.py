# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""One side of peers.py: the official network, one forward pass, or one step of a training, a line of standard input."""
import json
import resource
import sys
import time

import numpy as np
import torch

repository, work, threads, what = sys.argv[1:5]
sys.path[:0] = [repository, f"{repository}/utils/model"]
from utils.common.loss_function import SSIMLoss  # noqa: E402  the checkout's, as what follows
from varnet import VarNet  # noqa: E402

torch.set_num_threads(int(threads))
torch.manual_seed(430)
network = VarNet(num_cascades=1, chans=9, sens_chans=4)
kspace = torch.view_as_real(torch.from_numpy(np.load(f"{work}/kspace.npy"))[None])
mask = torch.from_numpy(np.load(f"{work}/mask.npy")).reshape(1, 1, 1, -1, 1).byte()
label = torch.from_numpy(np.load(f"{work}/label.npy"))[None]
maximum = label.amax(dim=(1, 2))
optimizer = torch.optim.Adam(network.parameters(), 1e-3)
ssim_loss = SSIMLoss()


def infer():
    with torch.no_grad():
        return network(kspace, mask)


def learn():
    loss = ssim_loss(network(kspace, mask), label, maximum)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


network.train(what == "training")
for line in sys.stdin:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_stime
    begin = time.perf_counter()
    result = infer() if what == "inference" else learn()
    seconds = time.perf_counter() - begin
    usage = resource.getrusage(resource.RUSAGE_SELF)
    told = {"seconds": seconds, "system": usage.ru_stime - before, "peak_mb": usage.ru_maxrss / 1024}
    if what == "training":
        norms = [parameter.grad.norm() for parameter in network.parameters()]
        told.update(loss=result.item(), grad_norm=torch.stack(norms).double().norm().item())
    elif line.strip() == "save":
        torch.save({"model": network.state_dict()}, f"{work}/network.pt")
        np.save(f"{work}/image.npy", result.numpy())
    print(json.dumps(told), flush=True)
