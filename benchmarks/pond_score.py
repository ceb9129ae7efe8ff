"""How well maps, ours and the peers', find the part of a drawn picture that truly decides the answer.

    python benchmarks/pond_score.py [--count 30] [--first 2000000] [--samples 200] [--only NETWORK ...]
        [--rows NAME ...] [--json FILE]

Truth and marks are those of `axolens pond score`. For each network the pictures are distributed as it saw them in
training, from seeds that no training uses. All methods explain the class that the network names; the CAMs are read at
one layer, and occlusion hides squares of 8 by 8 of the network's 64 by 64 pixels, ours and the peers' alike. What a
method leaves undefined (NaN) counts as 0. RISE has 500 masks.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import torch
from peer_maps import STRIDE, WINDOW, peer_maps

import axolens as ax
from axolens.classifiers.asking import log_odds_of
from axolens.maths.means import mean_interval
from axolens.photos.resize import to_network
from axolens.pond import photo
from axolens.pond.decisive import Decision, decide
from axolens.pond.mapscore import Mark, Score, fitted, marks, summed_up
from axolens.pond.recipes import scene_for
from axolens.pond.scene import Scene

NETWORKS = ("pond-tag", "pond-background", "pond-colour", "pond")
SIZE = 128
RISE = 500  # masks
LAYER = "features.block4_conv1_relu"
OURS = (
    "gradcam", "hirescam", "layercam", "saliency", "inputxgradient", "integratedgradients", "smoothgrad",
    "guidedbackprop", "lime", "rise", "occlusion", "edgemap", "centreblob",
)  # fmt: skip
MAGNITUDE = ", magnitude"  # of a signed map: where it is large, whatever its sign
SIGNED = ("saliency", "inputxgradient", "integratedgradients", "smoothgrad", "guidedbackprop")
ROWS = (*OURS, *(name + MAGNITUDE for name in SIGNED))
PAIRS = (
    ("gradcam", "captum LayerGradCam"), ("gradcam", "pytorch-grad-cam GradCAM"), ("gradcam", "torchcam GradCAM"),
    ("layercam", "torchcam LayerCAM"), ("saliency", "captum Saliency"),
    ("saliency, magnitude", "captum Saliency"), ("guidedbackprop", "captum GuidedBackprop"),
    ("integratedgradients", "captum IntegratedGradients"), ("occlusion", "captum Occlusion"), ("lime", "lime"),
)  # fmt: skip
Marked = dict[str, list[Mark]]


def pictures(name: str, model: object, count: int, first: int) -> Iterator[tuple[Scene, Decision]]:
    """Yield the first so many pictures of a network for which one part decides."""
    seed = first
    while count:
        scene = scene_for(name, seed)
        decision = decide(scene, partial(log_odds_of, model), SIZE)
        seed += 1
        if decision.mask is not None:
            count -= 1
            yield scene, decision
    print(f"{name}: {seed - first} pictures drawn", flush=True)


def marked(model: object, chosen: list[tuple[Scene, Decision]], samples: int, rows: Sequence[str] = ()) -> Marked:
    """Return the marks of each method, or of these rows of ours only; the same pictures for all."""
    model.module.requires_grad_(True)  # as a network comes; the peers refuse one that is frozen
    peers = peer_maps(model.module, model.module.get_submodule(LAYER), samples)
    shots, masks = [photo(scene, SIZE) for scene, _ in chosen], [decision.mask for _, decision in chosen]
    answers = [decision.answer for _, decision in chosen]
    found: Marked = {}
    for name in rows or ROWS:
        maps = [ours(model, name, shot, answer, samples) for shot, answer in zip(shots, answers, strict=True)]
        found[name] = marks(maps, masks)
    for name, make in () if rows else peers.items():
        seen = [to_network(shot, model.preprocess) for shot in shots]
        maps = [fitted(np.nan_to_num(make(*one)), SIZE) for one in zip(seen, answers, strict=True)]
        found[f"{name} (peer)" if name == "lime" else name] = marks(maps, masks)
    return found


def ours(model: object, name: str, shot: ax.Photo, answer: int, samples: int) -> np.ndarray:
    """Return one of our maps at the picture's size."""
    name, signed = name.removesuffix(MAGNITUDE), not name.endswith(MAGNITUDE)
    own = {"lime": {"samples": samples}, "rise": {"samples": RISE}, "occlusion": {"window": WINDOW, "stride": STRIDE}}
    own |= {key: {"layer": LAYER} for key in ("gradcam", "hirescam", "layercam")}
    settings = {name: own[name]} if name in own else {}
    case = ax.explain(model, shot, target=model.labels.names[answer], methods=[name], settings=settings)
    values = np.nan_to_num(case.attributions[0].values)
    return fitted(values if signed else np.abs(values), SIZE)


def table(found: dict[str, Marked]) -> str:
    """Return one row a method: AUC and its lead over other pictures' maps, on each network."""
    scores = {network: {name: summed_up(own) for name, own in rows.items()} for network, rows in found.items()}
    lines = [f"| method | {' | '.join(f'`{network}`' for network in found)} |", "|---|" + "---|" * len(found)]
    for name in next(iter(scores.values())):
        lines.append(f"| {name} | {' | '.join(said(scores[network][name]) for network in found)} |")
    return "\n".join(lines)


def pairs_table(found: dict[str, Marked]) -> str:
    """Return our AUC less a peer's for the same method, picture by picture."""
    lines = [f"| ours, peer's | {' | '.join(f'`{network}`' for network in found)} |", "|---|" + "---|" * len(found)]
    for own, peer in PAIRS:
        other, cells = f"{peer} (peer)" if peer == "lime" else peer, []
        for rows in found.values():
            both = zip(rows[own], rows[other], strict=True)
            cells.append(around(mean_interval(np.array([one.auc - two.auc for one, two in both])), "+"))
        lines.append(f"| {own}, {other} | {' | '.join(cells)} |")
    return "\n".join(lines)


def said(score: Score) -> str:
    return f"{around(score.auc)}; {around(score.over_swapped, '+')}"


def around(interval: tuple[float, float, float], sign: str = "") -> str:
    """Say a mean and half the width of its interval, which is as wide on both sides.

    >>> around((0.5, 0.4, 0.6))
    '0.50 ± 0.10'
    """
    mean, low, high = interval
    return f"{mean:{sign}.2f} ± {(high - low) / 2:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--first", type=int, default=2_000_000)
    parser.add_argument("--samples", type=int, default=200, help="of LIME, ours and the peer's")
    parser.add_argument("--only", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=[], help="of ours only, without the peers")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    found: dict[str, Marked] = {}
    for name in given.only:
        started, model = time.perf_counter(), ax.load(name)
        chosen = list(pictures(name, model, given.count, given.first))
        found[name] = marked(model, chosen, given.samples, given.rows)
        parts = [decision.part for _, decision in chosen]
        kinds = ", ".join(f"{part} {parts.count(part)}" for part in dict.fromkeys(parts))
        print(f"{name}: {kinds}; {time.perf_counter() - started:.0f} s", flush=True)
        if given.json:
            kept = {
                network: {key: [asdict(one) for one in own] for key, own in rows.items()}
                for network, rows in found.items()
            }
            given.json.write_text(json.dumps(kept), encoding="utf-8")
    print(f"\n{table(found)}")
    if not given.rows:
        print(f"\n{pairs_table(found)}")


if __name__ == "__main__":
    main()
