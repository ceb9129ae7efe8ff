"""Small records by hand, and a page taken apart."""

from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest

from axolens.records.attribution import Attribution, Cost, Regions
from axolens.records.case import Case, Pair, Provenance
from axolens.records.frame import Frame
from axolens.records.labels import Labels
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction
from axolens.records.preprocess import Preprocess
from axolens.records.segments import Segments
from axolens.records.target import Target
from axolens.records.verdict import NOT_ASKED, OPENING, Check, Verdict

LABELS = Labels(("axolotl", "common_iguana", "African_chameleon", "gecko", "newt", "crane", "tabby, tabby cat"))
PROBABILITIES = (0.055, 0.380, 0.2, 0.165, 0.1, 0.06, 0.04)
DIGEST = "0123456789abcdef" * 4
INLINE = {"a", "bdi", "em", "i", "strong"}
VOID = {"meta", "img", "br", "link", "hr", "input"}


class Page(HTMLParser):
    """A page as its tags, its text and its attributes; refuses tags that do not close in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.open, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag not in INLINE:
            self.texts.append(" ")

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open):
            self.texts.append(data)

    @property
    def text(self):
        return " ".join("".join(self.texts).split())

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def make_photo(name="Axolotl schwarz.jpg", truth="axolotl", size=(30, 40), **fields):
    pixels = np.linspace(0, 1, size[0] * size[1] * 3, dtype=np.float32).reshape(*size, 3)
    return Photo(fields.pop("pixels", pixels), name=name, digest=fields.pop("digest", DIGEST), truth=truth, **fields)


def make_prediction(probabilities=PROBABILITIES, labels=LABELS, kind="logits"):
    given = np.array(probabilities, np.float32)
    return Prediction(np.log(given), kind, given, labels)


def whole(photo):
    height, width = photo.size
    return Frame(box=(0.0, 0.0, float(width), float(height)), size=(8, 8), photo=photo.size)


def make_map(photo, target=None, values=((0.0, 0.0), (0.0, 2.0)), frame=None, **fields):
    return Attribution(
        values=np.array(values, np.float32),
        unit=fields.pop("unit", "relative"),
        frame=frame or whole(photo),
        target=target or Target("axolotl", indices=(0,)),
        method=fields.pop("method", "gradcam"),
        title=fields.pop("title", "Grad-CAM"),
        settings=fields.pop("settings", {"layer": "block5_conv4"}),
        seed=7,
        cost=Cost(forward=1, backward=1, seconds=0.5),
        **fields,
    )


def make_lime(photo, target=None):
    labels = np.repeat(np.arange(4, dtype=np.int32), 16).reshape(8, 8)
    coefficients = np.array([0.123, -0.456, 0.0, 0.021], np.float32)
    linear = Regions(Segments(labels, "by hand"), coefficients, coefficients - 0.1, coefficients + 0.1, 0.2, 0.612)
    return make_map(
        photo, target, coefficients[labels], unit="score", method="lime", title="LIME", regions=linear, residual=0.004
    )


def make_provenance():
    return Provenance(
        model="keras/VGG19",
        model_digest="fedcba98" * 8,
        preprocess=Preprocess(size=(224, 224), short_side=256),
        seed=7,
        settings={"lime": {"samples": 1000}},
        versions={"axolens": "0.1.0"},
        command="axolens explain photo.jpg",
    )


def make_case(photo=None, maps=None, prediction=None, notes=(), verdicts=()):
    photo = photo or make_photo()
    maps = (make_map(photo), make_lime(photo)) if maps is None else maps
    return Case(photo, prediction or make_prediction(), tuple(maps), make_provenance(), notes, verdicts=tuple(verdicts))


def make_verdict(
    outcome="passed", said=("it may be looked at (faithfulness).",), reason="Hiding it moves 0.52.", **more
):
    checks = (
        Check("values", "passed", "It holds numbers, and differs from place to place."),
        Check("faithfulness", outcome, reason, value=0.5, floor=0.2, p=0.05),
        Check("completeness", "not possible", "The map compares places only."),
        Check("randomisation", "not possible", NOT_ASKED),
        Check("class sensitivity", "not possible", NOT_ASKED),
        Check("stability", "undecided", "It is like itself by 0.9.", described=True),
    )
    sentences = tuple(f"{OPENING}: {one}" for one in said)
    return Verdict("gradcam", "axolotl", more.pop("checks", checks), sentences, Cost(250, 0, 1.0), **more)


def make_failed(**fields):
    said = ("where it points matters no more than where other maps point; do not read it as evidence (faithfulness).",)
    return make_verdict("failed", fields.pop("said", said), **fields)


def make_pair(notes=()):
    target = Target("common_iguana", against="axolotl", indices=(1,), against_indices=(0,))
    photo, beside = make_photo(), make_photo("iguana.jpg", "common_iguana", digest="77" * 32)
    case = make_case(photo, (make_map(photo, target), make_lime(photo, target)))
    reference = make_case(beside, (make_map(beside, target), make_lime(beside, target)))
    return Pair(case, reference, "common_iguana", "axolotl", 1.9329, -0.6931, notes)


@pytest.fixture
def make():
    return SimpleNamespace(
        case=make_case,
        failed=make_failed,
        lime=make_lime,
        map=make_map,
        pair=make_pair,
        photo=make_photo,
        prediction=make_prediction,
        page=Page,
        labels=LABELS,
        verdict=make_verdict,
    )
