"""Three small sets of features and what scikit-learn makes of them: see README.md.

Usage: python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1 && venv/bin/python make.py
"""

import json
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits, load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).parent


class Scaler(StandardScaler):
    """No feature's deviation is taken for less than the root mean square of all."""

    def fit(self, x, y=None, sample_weight=None):
        super().fit(x)
        self.scale_ = np.maximum(np.sqrt(self.var_), np.sqrt(self.var_.mean()))
        return self


def last(l2, classes, several=False, balanced=False):
    # Of two classes scikit-learn trains one sigmoid, with weights w and penalty |w|^2 / 2. Softmax has w/2 and -w/2, and
    # penalty |w|^2 / 4 for the same loss: so C is twice as large.
    c = (2 if classes == 2 and not several else 1) / l2
    one = LogisticRegression(C=c, solver="lbfgs", tol=1e-10, max_iter=100000, class_weight="balanced" if balanced else None)
    return OneVsRestClassifier(one) if several else one


def model(l2, classes, several=False, balanced=False):
    return make_pipeline(Scaler(), last(l2, classes, several, balanced))


def coefficients(fitted, several):
    """Weights [classes, features] and biases of a fitted head."""
    if several:
        return np.concatenate([one.coef_ for one in fitted.estimators_]), np.concatenate([one.intercept_ for one in fitted.estimators_])
    w, b = fitted.coef_, fitted.intercept_
    return (np.concatenate([-w, w]) / 2, np.concatenate([-b, b]) / 2) if len(w) == 1 else (w, b)


def raw(fitted, several):
    """Weights [classes, features] and biases for features as they are."""
    scaler, head = fitted
    w, b = coefficients(head, several)
    return w / scaler.scale_, b - (w / scaler.scale_) @ scaler.mean_


def numbers(values):
    return [float(f"{v:.7g}") for v in np.asarray(values, dtype=float).ravel()]


def case(l2, x, y, folds, several=False, balanced=False):
    classes = y.shape[1] if several else len(set(y))
    fitted = model(l2, classes, several, balanced).fit(x, y)
    w, b = raw(fitted, several)
    # The scaler knows no labels: it is that of all pictures, the head that of the others.
    held = np.zeros((len(x), classes))
    scaled = fitted[0].transform(x)
    for fold in sorted(set(folds)):
        train = folds != fold
        part = last(l2, classes, several, balanced).fit(scaled[train], y[train])
        w_part, b_part = coefficients(part, several)
        held[~train] = scaled[~train] @ w_part.T + b_part
    predicted = fitted.predict(x)
    right = ((held > 0) == y).all(axis=1) if several else held.argmax(axis=1) == y
    return {
        "l2": l2, "balanced": balanced, "multiLabel": several,
        "weights": numbers(w), "biases": numbers(b),
        "predictions": [[int(c) for c in np.flatnonzero(row)] for row in predicted] if several else [[int(c)] for c in predicted],
        "heldOutRight": [int(r) for r in right], "heldOutAccuracy": float(right.mean()),
        "heldOutLogits": [] if balanced or several else [float(f"{v:.5g}") for v in held.ravel()],
    }


def write(name, x, labels, classes, cases, folds):
    body = {"dimensions": x.shape[1], "classes": classes, "features": numbers(x), "labels": labels,
            "folds": [int(f) for f in folds], "cases": cases}
    (HERE / f"{name}.json").write_text(json.dumps(body, separators=(",", ":")) + "\n")


def folds_of(x, y, count, seed):
    folds = np.zeros(len(x), dtype=int)
    for fold, (_, held) in enumerate(StratifiedKFold(count, shuffle=True, random_state=seed).split(x, y)):
        folds[held] = fold
    return folds


def main():
    rng = np.random.default_rng(21)
    # Three classes, more pictures than features, uneven counts.
    iris = load_iris()
    keep = np.r_[0:50, 50:85, 100:120]
    x, y = iris.data[keep].astype(np.float32).astype(float), iris.target[keep]
    folds = folds_of(x, y, 5, 1)
    several = np.stack([y == 0, (y == 1) | (x[:, 1] > 3.2), x[:, 0] > 6], axis=1).astype(int)
    cases = [case(l2, x, y, folds) for l2 in (0.1, 1, 30)] + [case(1, x, y, folds, balanced=True)]
    write("iris", x, [[int(c)] for c in y], 3, cases, folds)
    write("iris-several", x, [[int(c) for c in np.flatnonzero(row)] for row in several], 3,
          [case(1, x, several, folds, several=True), case(10, x, several, folds, several=True, balanced=True)], folds)
    # Two classes, fewer pictures than features, which go together and are all positive; one of them is always the same.
    y = np.arange(60) % 2
    hidden = rng.normal(size=(60, 6)) + 0.4 * (2 * y[:, None] - 1)
    x = np.maximum(hidden @ rng.normal(size=(6, 160)) + 0.5 * rng.normal(size=(60, 160)) + 1, 0)
    x[:, 7] = 0.25
    x = np.round(x, 3).astype(np.float32).astype(float)
    folds = folds_of(x, y, 5, 2)
    write("wide", x, [[int(c)] for c in y], 2, [case(l2, x, y, folds) for l2 in (1, 100)], folds)
    # Ten classes.
    digits = load_digits()
    keep = rng.permutation(len(digits.target))[:400]
    x, y = digits.data[keep], digits.target[keep]
    folds = folds_of(x, y, 5, 3)
    write("digits", x, [[int(c)] for c in y], 10, [case(l2, x, y, folds) for l2 in (1, 100)], folds)


main()
