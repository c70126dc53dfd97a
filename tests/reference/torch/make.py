"""Writes the files of this folder with PyTorch (2.15 made the ones that are here)."""

from collections import OrderedDict

import torch


def ramp(count, dtype=torch.float32):
    return torch.arange(count, dtype=torch.float32).mul(0.5).sub(1).to(dtype)


block = ramp(24)
state = OrderedDict()
state["conv.weight"] = block[:12].view(2, 3, 1, 2)
state["conv.bias"] = block[12:14]
state["bn.weight"] = torch.nn.Parameter(ramp(4))
state["bn.num_batches_tracked"] = torch.tensor(7)
state["half"] = ramp(5, torch.float16)
state["brain"] = ramp(5, torch.bfloat16)
state["double"] = ramp(3, torch.float64)
state["none"] = torch.zeros(0, 4)
state._metadata = OrderedDict(conv=dict(version=1), bn=dict(version=2))

torch.save(state, "zip.pth")
torch.save({"epoch": 3, "state_dict": state}, "nested.pth", pickle_protocol=4)
torch.save(state, "legacy.pth", _use_new_zipfile_serialization=False)
torch.save(OrderedDict(turned=ramp(6).view(2, 3).t()), "turned.pth")
torch.save(torch.nn.Linear(2, 1), "model.pth")
torch.jit.script(torch.nn.Linear(2, 1)).save("script.pth")
