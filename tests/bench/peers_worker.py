# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
"""One side of peers.py: the official network, one forward pass a line of standard input."""
import json
import resource
import sys
import time

import numpy as np
import torch

repository, work, threads = sys.argv[1:4]
sys.path[:0] = [repository, f"{repository}/utils/model"]
from varnet import VarNet  # noqa: E402  the checkout's

torch.set_num_threads(int(threads))
torch.manual_seed(430)
network = VarNet(num_cascades=1, chans=9, sens_chans=4)
kspace = torch.view_as_real(torch.from_numpy(np.load(f"{work}/kspace.npy"))[None])
mask = torch.from_numpy(np.load(f"{work}/mask.npy")).reshape(1, 1, 1, -1, 1).byte()
network.eval()
for line in sys.stdin:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_stime
    begin = time.perf_counter()
    with torch.no_grad():
        image = network(kspace, mask)
    seconds = time.perf_counter() - begin
    usage = resource.getrusage(resource.RUSAGE_SELF)
    if line.strip() == "save":
        torch.save({"model": network.state_dict()}, f"{work}/network.pt")
        np.save(f"{work}/image.npy", image.numpy())
    print(json.dumps({"seconds": seconds, "system": usage.ru_stime - before, "peak_mb": usage.ru_maxrss / 1024}),
          flush=True)
