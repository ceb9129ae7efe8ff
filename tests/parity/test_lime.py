"""LIME as the notebook called it: our fit on the lime package's masks, our hidden pictures under its fill."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import skimage.data

from axolens.classifiers.counted import Counted
from axolens.classifiers.function import wrap_function
from axolens.maths.surrogate import cosine_kernel, fit_linear
from axolens.methods.perturbation.hiding import hidden_scores
from axolens.photos.fill import fill_image
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess
from axolens.records.segments import Segments

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the lime package is five years old
    lime_image = pytest.importorskip("lime.lime_image")

SHARED = Path(__file__).parents[3] / "shared" / "parity"
CAFFE = Preprocess(size=(75, 100), mean=(103.939, 116.779, 123.68), scale=255.0, order="bgr", layout="nhwc")
WIDTH, ALPHA, SAMPLES = 0.25, 1.0, 150


@pytest.mark.parametrize("name", ["axolotl", "chelsea"])
def test_the_fit_gives_the_notebooks_coefficients(name):
    path = SHARED / f"lime_{name}_200.npz"
    if not path.is_file():
        pytest.skip("the notebook's own numbers are not at hand")
    listed = np.load(path)
    keep = listed["masks"]
    fit = fit_linear(keep, listed["probabilities"][:, None], cosine_kernel(keep, WIDTH), ALPHA)
    largest = np.abs(listed["coefficients"]).max()
    np.testing.assert_allclose(fit.coefficients[0], listed["coefficients"], rtol=0, atol=1e-4 * largest)
    assert fit.intercept[0] == pytest.approx(float(listed["intercept"]), abs=1e-6)
    assert fit.r2[0] == pytest.approx(float(listed["score"]), abs=1e-6)
    strongest = [i for i in np.argsort(-fit.coefficients[0])[:5] if fit.coefficients[0, i] > 0]
    np.testing.assert_array_equal(np.isin(listed["segments"], strongest), listed["mask"].astype(bool))


def judge(prepared):
    """Three probabilities that depend on colour, place and texture of what a network with BGR means would take."""
    x = np.asarray(prepared, np.float64)
    raw = np.stack(
        [x[..., 2].mean((1, 2)), x[:, :40].mean((1, 2, 3)) * 1.5, np.abs(np.diff(x, axis=2)).mean((1, 2, 3))], 1
    )
    raised = np.exp(raw / 20 - (raw / 20).max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


@pytest.fixture(scope="module", params=["chelsea", "coffee"])
def notebook(request):
    """One run of the lime package on a prepared picture, on blocks of 10 × 10 as segments."""
    levels = getattr(skimage.data, request.param)()[::4, ::4][:75, :100]
    prepared = levels[..., ::-1].astype(np.float64) - np.array(CAFFE.mean)
    rows, columns = np.mgrid[0:75, 0:100] // 10
    segments = (rows * 10 + columns).astype(np.int64)
    asked = []

    def ask(batch):
        asked.append(np.array(batch))
        return judge(batch)

    explainer = lime_image.LimeImageExplainer(kernel_width=WIDTH, random_state=0)
    explained = explainer.explain_instance(
        prepared, ask, top_labels=3, hide_color=0, num_samples=SAMPLES, random_seed=0,
        segmentation_fn=lambda _: segments,
    )  # fmt: skip
    draws = np.random.RandomState(0).randint(0, 2, SAMPLES * 80).reshape(SAMPLES, 80)
    draws[0] = 1
    return levels, segments, explained, np.concatenate(asked), draws.astype(bool)


def test_our_fit_is_the_lime_packages(notebook):
    _, _, explained, asked, keep = notebook
    for label in range(3):
        fit = fit_linear(keep, judge(asked)[:, label : label + 1], cosine_kernel(keep, WIDTH), ALPHA)
        theirs = np.zeros(80)
        for region, coefficient in explained.local_exp[label]:
            theirs[region] = coefficient
        np.testing.assert_allclose(fit.coefficients[0], theirs, rtol=0, atol=1e-8)
        assert fit.intercept[0] == pytest.approx(explained.intercept[label], abs=1e-8)


def test_network_zero_hides_what_hide_color_0_hid(notebook):
    levels, segments, _, asked, keep = notebook
    regions = Segments(segments.astype(np.int32), "blocks")
    image = (levels / 255).astype(np.float32)
    model = wrap_function(judge, labels=Labels(("a", "b", "c")), preprocess=CAFFE, name="judge", output="probabilities")
    filled = fill_image(image, regions, "network-zero", CAFFE)
    ours = hidden_scores(Counted(model), model.asarray(image), filled, regions, keep[:40], chunk=16)
    # log p in float32 on both sides of the normalisation: 1e-4 in log p is 1e-4 of a probability at most.
    np.testing.assert_allclose(ours, np.log(judge(asked[:40])), atol=1e-4)
