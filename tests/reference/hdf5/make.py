"""Small HDF5 files as h5py writes them, in every layout that is read and some that are not: python make.py. Needs h5py."""
import json
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).resolve().parent
KERNEL = np.arange(40, dtype="<f4").reshape(5, 8) / 4
CONFIG = {"class_name": "Sequential", "config": {"name": "s", "layers": [
    {"class_name": "Dense", "config": {"name": "dense", "units": 8, "activation": "relu", "batch_input_shape": [None, 5]}}]}}


def model(name, fixed=False, user=0, **options):
    """A model with one layer, whose kernel is packed in chunks that hang over its edges."""
    with h5py.File(HERE / name, "w", userblock_size=user, **options) as f:
        text = json.dumps(CONFIG)
        f.attrs["model_config"] = np.bytes_(text) if fixed else text
        f.attrs["layer_names"] = ["dense"]
        g = f.create_group("model_weights/dense/dense")
        g.create_dataset("kernel:0", data=KERNEL, chunks=(2, 3), compression="gzip", shuffle=True, fletcher32=True)
        g.create_dataset("bias:0", data=KERNEL[0])
        f.create_group("optimizer_weights").create_dataset("m", data=KERNEL)


model("packed.h5")
model("fixed.h5", fixed=True, user=512)
model("newest.h5", libver="latest")

with h5py.File(HERE / "types.h5", "w") as f:
    for name in ("<f2", "<f4", "<f8", "<i4", "<i8", "?"):
        f[f"layer/{name.strip('<?') or 'bool'}"] = KERNEL.astype(name)
    f.create_dataset("layer/chunks", data=KERNEL, chunks=(5, 8))
    f.create_dataset("layer/empty", data=np.zeros((0, 4), "<f4"))
    f.create_dataset("layer/one", data=np.float32(3))
    d = f.create_dataset("layer/bf16", (2,), dtype=np.dtype("V2"), data=np.array([0x3F80, 0x4000], "<u2").view("V2"))
    d.attrs["dtype"] = "bfloat16"
    f["layer/again"] = f["layer"]  # a link back
    f["layer/soft"] = h5py.SoftLink("/nowhere")

with h5py.File(HERE / "big_endian.h5", "w") as f:
    f["layer/kernel"] = KERNEL.astype(">f4")
with h5py.File(HERE / "compound.h5", "w") as f:
    f["layer/kernel"] = np.zeros(3, [("a", "<f4"), ("b", "<f4")])
with h5py.File(HERE / "lzf.h5", "w") as f:
    f.create_dataset("layer/kernel", data=KERNEL, compression="lzf")
