"""What xplique finds on inputs that our tests make again: deletion, insertion, average drop, entropy, Gini, likeness.

    python -m venv elsewhere && elsewhere/bin/pip install xplique tensorflow
    elsewhere/bin/python benchmarks/third_opinion.py > tests/parity/xplique.json

xplique needs TensorFlow, so its numbers are stored. Its average drop scales each map to 0..1 first; so does our test.
"""

import json
import os
import sys
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import numpy as np
import tensorflow as tf
from opinion_inputs import SHAPE, SHARE, WEIGHTS, inputs
from xplique.metrics import AverageDropMetric, Complexity, Deletion, Insertion, MuFidelity, Sparseness
from xplique.metrics.randomization import batched_spearman

STEPS = SHAPE[0] * SHAPE[1] // SHARE


def network() -> tf.keras.Model:
    seen = tf.keras.Input((*SHAPE, 1))
    flat = tf.keras.layers.Flatten()(seen)
    last = tf.keras.layers.Dense(2, activation="tanh", use_bias=False)
    model = tf.keras.Model(seen, last(flat))
    last.set_weights([WEIGHTS.T])
    return model


def summing() -> tf.keras.Model:
    """The sum of all places, for which a map that is the picture has fidelity 1."""
    seen = tf.keras.Input((*SHAPE, 1))
    return tf.keras.Model(seen, tf.keras.layers.Lambda(lambda x: tf.reduce_sum(x, axis=(1, 2)))(seen))


def found() -> dict[str, object]:
    images, values, others, _ = inputs()
    seen, model = np.moveaxis(images, 1, -1), network()
    asked = np.tile(np.eye(2, dtype=np.float32)[:1], (len(seen), 1))
    each = [(seen[i : i + 1], asked[i : i + 1]) for i in range(len(seen))]
    made = {}
    for name, metric in (("deletion", Deletion), ("insertion", Insertion)):
        metrics = [metric(model, one, target, steps=STEPS) for one, target in each]
        curves = [list(one.detailed_evaluate(values[i : i + 1]).values()) for i, one in enumerate(metrics)]
        made[name] = [[float(score) for score in curve] for curve in curves]
        made[f"{name}_area"] = [float(one.evaluate(values[i : i + 1])) for i, one in enumerate(metrics)]
    drops = [AverageDropMetric(summing(), one, np.ones((1, 1), np.float32)) for one, _ in each]
    whole = MuFidelity(summing(), seen, np.ones((len(seen), 1), np.float32), grid_size=None, nb_samples=64)
    flat = [tf.constant(one.reshape(len(one), -1)) for one in (values, others)]
    return {
        "command": "elsewhere/bin/python benchmarks/third_opinion.py > tests/parity/xplique.json",
        "versions": {name: version(name) for name in ("xplique", "tensorflow", "numpy")},
        **made,
        "average_drop": [float(one.evaluate(values[i : i + 1])) for i, one in enumerate(drops)],
        "fidelity": [float(whole.evaluate(sign * seen)) for sign in (1, -1)],
        "entropy": Complexity().detailed_evaluate(values).astype(float).tolist(),
        "gini": Sparseness().detailed_evaluate(values).astype(float).tolist(),
        "alike": batched_spearman(*flat).numpy().astype(float).tolist(),
    }


def main() -> None:
    with redirect_stdout(sys.stderr):  # where xplique's own remarks go
        numbers = found()
    print(json.dumps(numbers, indent=1))


if __name__ == "__main__":
    main()
