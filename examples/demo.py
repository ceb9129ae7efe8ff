"""A wrong answer whose cause can be known: a drawn animal, explained, and drawn again with one factor moved.

    python examples/demo.py [FOLDER]

The built-in network has seen hardly any dark axolotls. It is asked about a black one, and then about the same picture
with another colour, another view, another background or another light, down to the noise the same: what would have
made the answer right? Picture and page go to FOLDER (out/example by default). `make demo` tells the longer story.
"""

import sys
from pathlib import Path

import axolens as ax
from axolens import pond

HOME = Path(__file__).resolve().parents[1] / "out" / "example"
SETTINGS = {"lime": {"samples": 600}}
BLACK = pond.Scene(
    species="axolotl", colour="black", bend=0.52, limbs=0.32, head=0.34, x=0.54, y=0.56, size=0.87,
    rotation=-20.0, background="stone", background_seed=1, light_direction=48.0, noise=0.01, texture_seed=245,
    noise_seed=555,
)  # fmt: skip
MOVES = {
    "colour": ("copper", "golden", "white"),
    "view": ("side", "front"),
    "background": ("moss", "plain"),
    "light_strength": (0.2, 1.0),
}


def main(out=HOME):
    """Ask, explain, move one factor at a time, and lay the first right answer beside the wrong one."""
    model = ax.load("pond")
    photo = pond.photo(BLACK, size=256, name="black axolotl")
    said = ax.predict(model, photo).top(1)[0]
    print(f"{photo.name}: {said.label} {said.probability:.3f}")

    righted = []
    for factor, values in MOVES.items():
        for value in values:
            moved = pond.rerender(photo, **{factor: value})
            answer = ax.predict(model, moved).top(1)[0]
            righted += [moved] if answer.label == photo.truth != said.label else []
            print(f"  {factor + ' ' + str(value):<20} {answer.label:<10} {answer.probability:.3f}")

    case = ax.explain(model, photo, target=said.label, settings=SETTINGS)
    beside = [ax.compare(model, photo, moved, settings=SETTINGS) for moved in righted[:1]]
    out.mkdir(parents=True, exist_ok=True)
    ax.save_picture(case, out / "why.webp")
    ax.write_report(beside or [case], out / "index.html", title="What would have made the answer right?")
    print(f"Picture: {out / 'why.webp'}\nPage:    {out / 'index.html'}")
    return case, righted


if __name__ == "__main__":
    main(*(Path(folder) for folder in sys.argv[1:2]))
