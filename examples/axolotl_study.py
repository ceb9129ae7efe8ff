"""The notebook study that axolens began with, on photos of one's own.

    python examples/axolotl_study.py --photos PHOTOS --model keras/VGG19 --weights vgg19.weights.h5

PHOTOS holds one subfolder a class, named as the model names it: axolotl/, common_iguana/, African_chameleon/ …
What is not given is taken from the environment (AXOLENS_PHOTOS, AXOLENS_MODEL, …); without photos and model the
built-in network is asked about the demo's eight drawn animals, and nothing is downloaded.
"""

import argparse
import os
from pathlib import Path

import axolens as ax
from axolens.pond.story import write_story

OUT = Path(__file__).resolve().parents[1] / "out" / "study"
SETTINGS = {"lime": {"samples": 600}}  # for the 64 by 64 pixels that the network sees
ANSWERS = {
    "photos": "a folder with one subfolder a class",
    "model": "a spec such as keras/VGG19; `axolens models` lists the kinds",
    "weights": "a weight file in place of the download",
    "labels": '"imagenet", or a file with one class name a line; otherwise the model\'s own',
    "preprocess": '"imagenet", a spec such as keras/VGG19, or a TOML file; otherwise the model\'s own',
}


def parsed(arguments=None):
    """Return the answers of the command line, each from the environment where it is not given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, meaning in ANSWERS.items():
        parser.add_argument(f"--{name}", default=os.environ.get(f"AXOLENS_{name.upper()}") or None, help=meaning)
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("AXOLENS_OUT") or OUT))
    parser.add_argument("--samples", type=int, default=int(os.environ.get("AXOLENS_SAMPLES") or 0), help="of LIME")
    answers = parser.parse_args(arguments)
    if (answers.photos is None) != (answers.model is None):
        parser.error("--photos and --model belong together; without both the built-in ones are used")
    return answers


def main(arguments=None):
    """Predict, explain one photo, lay it beside a reference, study the folder, write the page."""
    answers = parsed(arguments)
    if answers.model is None:
        photos = write_story(answers.out / "pond").parent / "photos"
        model = ax.load("pond")
        settings = SETTINGS
    else:
        photos = Path(answers.photos)
        model = ax.load(
            answers.model, weights=answers.weights, labels=answers.labels, preprocess=answers.preprocess
        )  # fmt: skip
        settings = {"lime": {}}
    if answers.samples:
        settings = {"lime": settings["lime"] | {"samples": answers.samples}}

    # 1. What the model says.
    folder = ax.read_folder(photos)
    said = [ax.predict(model, photo) for photo in folder]
    for photo, prediction in zip(folder, said, strict=True):
        print(f"\n{photo.name}, true class {photo.truth or 'not given'}")
        for answer in prediction.top(5):
            print(f"  {answer.label:<24} {answer.probability:.3f}")

    # 2. Why it says so, for the first photo that it gets wrong (or the first at all): Grad-CAM and LIME.
    answered = [prediction.top(1)[0].index for prediction in said]
    truths = [None if photo.truth is None else model.labels.find(photo.truth) for photo in folder]
    wrong = [place for place, truth in enumerate(truths) if truth is not None and truth != answered[place]]
    chosen = wrong[0] if wrong else 0
    case = ax.explain(model, folder.photos[chosen], settings=settings)
    answers.out.mkdir(parents=True, exist_ok=True)
    ax.save_picture(case, answers.out / "why.png")

    # 3. The wrong answer beside a real photo of the class it was taken for.
    references = [place for place, truth in enumerate(truths) if wrong and truth == answered[chosen]]
    if references:
        pair = ax.compare(model, folder.photos[chosen], folder.photos[references[0]], settings=settings)
        ax.save_picture(pair, answers.out / "pair.png")
        print(f"\n{pair.answered} against {pair.truth}: {pair.margin:+.2f} log-odds on {pair.case.photo.name},")
        print(f"  {pair.reference_margin:+.2f} on {pair.reference.photo.name}")
    else:
        print("\nNo wrong answer has a photo of the class it was taken for: nothing to lay beside it.")

    # 4. The same for the whole folder, on one page.
    study = ax.run_study(model, photos, answers.out, settings=settings, command="examples/axolotl_study.py")
    ax.write_report(study, answers.out / "index.html")
    for one in study.confusions:
        print(f"{one.count:4d}  {one.truth} called {one.answered}")
    for failure in study.failures:
        print(f"not used: {failure.error}")
    print(f"Page: {answers.out / 'index.html'}")
    return study


if __name__ == "__main__":
    main()
