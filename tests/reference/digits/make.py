"""Scikit-learn's digits as pictures, and what its logistic regression makes of GoogLeNet's features of them: see README.md.

Usage: python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1 pillow && venv/bin/python make.py INCEPTION MODELS
INCEPTION is the built command line, MODELS the folder of models.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).parent
TAUGHT, EVALUATED = 10, 5  # pictures of each class
L2 = 10.0


class Scaler(StandardScaler):
    """No feature's deviation is taken for less than the root mean square of all."""

    def fit(self, x, y=None, sample_weight=None):
        super().fit(x)
        self.scale_ = np.maximum(np.sqrt(self.var_), np.sqrt(self.var_.mean()))
        return self


def write(folder, images, labels):
    """`folder/LABEL/NUMBER.png`; a pixel of 0 to 16 becomes 15 times as much."""
    for number, (image, label) in enumerate(zip(images, labels)):
        path = folder / str(label) / f"{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((image * 15).astype(np.uint8)).save(path)


def features(program, models, folder):
    out = folder.with_suffix(".npy")
    subprocess.run([program, "embed", folder, "--out", out, "--models", models], check=True)
    return np.load(out)


def head():
    return LogisticRegression(C=1 / L2, tol=1e-10, max_iter=100000)


program, models = sys.argv[1:]
digits = load_digits()
places = [np.flatnonzero(digits.target == label)[: TAUGHT + EVALUATED] for label in range(10)]
sets = {"taught": np.concatenate([p[:TAUGHT] for p in places]), "evaluated": np.concatenate([p[TAUGHT:] for p in places])}
body = {"l2": L2}
with tempfile.TemporaryDirectory() as temporary:
    rows = {}
    for name, chosen in sets.items():
        images, labels = digits.images[chosen].astype(int), digits.target[chosen]
        write(Path(temporary) / name, images, labels)
        rows[name] = features(program, models, Path(temporary) / name), labels
        body[name] = [{"label": int(l), "pixels": "".join(f"{p:02}" for p in i.ravel())} for i, l in zip(images, labels)]
    folder = Path(temporary) / "taught"
    command = [program, "teach", folder, "--out", folder.with_suffix(".safetensors"), "--models", models, "--l2", str(L2), "--json"]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

x, y = rows["taught"]
folds = np.array([answer["fold"] for answer in report["answers"]])
held = np.zeros_like(y)
scaler = Scaler().fit(x)
scaled = scaler.transform(x)
for fold in set(folds):
    held[folds == fold] = head().fit(scaled[folds != fold], y[folds != fold]).predict(scaled[folds == fold])
x_other, y_other = rows["evaluated"]
answers = head().fit(scaled, y).predict(scaler.transform(x_other))
body |= {
    "folds": folds.tolist(),
    "heldOut": held.tolist(),
    "heldOutAccuracy": float((held == y).mean()),
    "answers": answers.tolist(),
    "accuracy": float((answers == y_other).mean()),
}
(HERE / "digits.json").write_text(json.dumps(body, separators=(",", ":")) + "\n")
print(body["heldOutAccuracy"], body["accuracy"])
