"""Do look-alikes find a borrowed crest? ``python benchmarks/lookalikes.py [--scan] [--first SEED]``.

Scenes of the pond in which an iguana's crest on another animal makes ``pond-fair`` answer iguana, and without which it
is right: the crest is known to be what is read. Asked is whether the crest comes within two pixels of the middle of the
first match's region. Beside it stand its floors, by the same rule: a region at a random place of the photo and of the
animal, a random other part of the animal, and the same scene without the crest, where a match at the same place cannot
be due to it. How much the crest moves the answer is known too: where it moves it little, other parts are read as an
iguana's as well.
"""

import argparse
from collections.abc import Iterator, Sequence

import numpy as np

import axolens as ax
from axolens import pond
from axolens.classifiers.counted import Counted
from axolens.diagnosis.lookalikes import Asked, lookalikes
from axolens.maths.proportions import wilson
from axolens.photos.resize import to_network
from axolens.pond.scene import SPECIES
from axolens.records.photo import Photo

NETWORK = "pond-fair"
FIRST_REFERENCE, FIRST_SCENE = 2_000_000, 5_000_000
REGION = 12  # pixels of 128: the side of a look-alike's region in this network
EACH = 10  # rightly answered references a class
MUCH = 3.0  # log-odds of iguana over the true class: the middle of 60 other scenes, from seed 7,100,000
# Found by --scan: the first 50 seeds from FIRST_SCENE on whose animal is called an iguana with the crest only.
SEEDS = tuple(FIRST_SCENE + place for place in (
    24, 48, 88, 104, 137, 162, 176, 187, 212, 233, 246, 287, 335, 343, 360, 410, 463, 465, 498, 502,
    510, 512, 565, 566, 568, 580, 585, 600, 621, 676, 678, 702, 716, 746, 766, 799, 814, 869, 953, 978,
    1002, 1041, 1051, 1149, 1158, 1172, 1183, 1222, 1236, 1287,
))  # fmt: skip


def asked(model, photo: Photo) -> Asked:
    return photo, model.asarray(to_network(photo, model.preprocess)[None])


def answer(model, one: Asked) -> str:
    return SPECIES[int(np.asarray(model.scores(one[1]))[0].argmax())]


def lead(model, one: Asked) -> float:
    """Return the lead of iguana over the true class, in log-odds."""
    scores = np.asarray(model.scores(one[1]))[0]
    return float(scores[SPECIES.index("iguana")] - scores[SPECIES.index(one[0].truth)])


def references(model) -> dict[str, list[Asked]]:
    """Return rightly answered photos of every class."""
    found, seed = {name: [] for name in SPECIES}, FIRST_REFERENCE
    for name, kept in found.items():
        while len(kept) < EACH:
            one = asked(model, pond.photo(pond.sample(seed, species=name)))
            kept += [one] if answer(model, one) == name else []
            seed += 1
    return found


def scan(model, first: int, count: int) -> Iterator[int]:
    """Yield seeds of scenes that are called an iguana with a crest and are right without."""
    seed = first
    while count:
        seed += 1
        scene = pond.sample(seed)
        if scene.species == "iguana" or answer(model, asked(model, pond.crested(scene)[0])) != "iguana":
            continue
        if answer(model, asked(model, pond.photo(scene))) == scene.species:
            count -= 1
            yield seed


def centred(box: Sequence[float], mask: np.ndarray, reach: int = 2) -> bool:
    """Tell whether a mask comes within a few pixels of the middle of a box."""
    x, y = round((box[0] + box[2]) / 2), round((box[1] + box[3]) / 2)
    return bool(mask[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach].any())


def around(y: int, x: int, half: int = REGION // 2) -> tuple[int, int, int, int]:
    return max(0, x - half), max(0, y - half), x + half, y + half


def rates(model, seeds: Sequence[int], known: dict[str, list[Asked]], masked: bool) -> dict[str, list[float]]:
    """Return for each question its answer in every scene."""
    counted = Counted(model)
    iguanas, others = known["iguana"], [one for name in SPECIES if name != "iguana" for one in known[name]]
    found: dict[str, list[float]] = {}
    for seed in seeds:
        rng, scene = np.random.default_rng(seed), pond.sample(seed)
        (photo, parts), bare = pond.crested(scene), pond.photo(scene)
        crest, hits = parts["crest"], {}
        for name, shown in (("with the crest", photo), ("without the crest", bare)):
            mask = shown.mask if masked else None
            made = lookalikes(counted, *asked(model, shown), iguanas, others, answered="iguana", mask=mask).matches
            hits[name] = bool(made) and centred(made[0].box, crest)
            if shown is photo:
                other = rng.choice([part for part, mask in sorted(parts.items()) if part != "crest" and mask.any()])
                hits["a random other part"] = bool(made) and centred(made[0].box, parts[other])
        much = "much" if lead(model, asked(model, photo)) - lead(model, asked(model, bare)) >= MUCH else "little"
        hits[f"with the crest, where it moves the answer {much}"] = hits["with the crest"]
        hits |= by_chance("photo", np.ones_like(crest), crest, rng) | by_chance("animal", photo.mask, crest, rng)
        for name, hit in hits.items():
            found.setdefault(name, []).append(float(hit))
    return found


def by_chance(name: str, where: np.ndarray, crest: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    """Return how often a region of the same size at a random place would count."""
    rows, columns = np.nonzero(where)
    boxes = [around(int(rows[k]), int(columns[k])) for k in rng.integers(len(rows), size=60)]
    return {f"a random place of the {name}": float(np.mean([centred(box, crest) for box in boxes]))}


def line(name: str, hits: Sequence[float]) -> str:
    """Return a rate with n and its one-sided bounds at 95 %."""
    share, count = float(np.mean(hits)), len(hits)
    low, high = wilson(round(share * count), count, level=2 * 0.95 - 1)
    return f"  {name:50} {share:.2f}  (n = {count}; at least {low:.2f}, at most {high:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scan", action="store_true", help="look for the scenes anew (a minute)")
    parser.add_argument("--any", action="store_true", help="the first 50 scenes, whatever is answered")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--first", type=int, default=FIRST_SCENE, help="where --scan and --any begin")
    answers = parser.parse_args()
    model = ax.load(NETWORK)
    seeds = list(scan(model, answers.first, answers.count)) if answers.scan else list(SEEDS[: answers.count])
    if answers.any:
        every = range(answers.first, answers.first + 3 * answers.count)
        seeds = [seed for seed in every if pond.sample(seed).species != "iguana"][: answers.count]
    if answers.scan:
        print(seeds)
    known = references(model)
    for masked in (False, True):
        print("with the animal's mask" if masked else "without a mask")
        print("\n".join(line(name, hits) for name, hits in rates(model, seeds, known, masked).items()))


if __name__ == "__main__":
    main()
