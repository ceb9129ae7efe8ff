"""Methods compared group by group, on effects that can be counted by hand."""

import shutil

import numpy as np
import pytest
from comparisons import METHODS, draw, net

import axolens as ax
from axolens.errors import InputError
from axolens.study import comparing
from axolens.study.comparing import compare_methods
from axolens.study.groups import group_means, groups_of, lenders_in
from axolens.study.listing import listed
from axolens.study.scoring import paired, scored


def effects(*means, photos=8, spread=0.0):
    """(n, 2, m): every photo and reading has the method's mean, plus what the photo adds to all methods alike."""
    own = np.zeros((photos, 2, len(means))) + np.array(means)
    return own + spread * np.random.default_rng(0).standard_normal((photos, 1, 1))


def test_a_method_that_is_better_on_all_of_eight_photos_is_ranked_before_the_other():
    (pair,) = paired(["weak", "strong"], effects(1.0, 2.0, spread=5.0))
    assert (pair.first, pair.second) == ("strong", "weak")
    assert pair.difference == pytest.approx(1)
    assert pair.p == pytest.approx(2 / 2**8)  # unanimous, and what photos add to both cancels
    assert pair.ranked


def test_readings_that_disagree_rank_nothing():
    own = effects(1.0, 2.0)
    own[:, 1, 1] = 0.9  # under the second fill the first method is ahead
    (pair,) = paired(["a", "b"], own)
    assert pair.p <= 0.05
    assert not pair.agree
    assert not pair.ranked


def test_p_is_adjusted_for_the_number_of_pairs_by_holm():
    pairs = paired(["a", "b", "c"], effects(1.0, 2.0, 3.0))
    assert sorted(one.p for one in pairs) == pytest.approx([3 * 2 / 2**8] * 3)
    assert not paired(["a", "b", "c"], effects(1.0, 2.0, 3.0, photos=6))[0].ranked  # 3 times 2/64


def test_a_method_is_held_against_its_maps_of_other_photos():
    own, swapped = effects(2.0, 1.0, 0.5), effects(0.5, 1.0)
    first, second, blob = scored(["knows", "habit", "blob"], own, swapped)
    assert (first.method, first.ahead, first.over_swapped) == ("knows", 8, 1.5)
    assert first.p == pytest.approx(2 * 2 / 2**8)
    assert (second.ahead, second.p) == (0, 1.0)
    assert (blob.method, blob.over_swapped) == ("blob", 0.0)


@pytest.fixture
def photos(tmp_path):
    """Six groups: tom with three photos, one of which lies about again, and five photos alone."""
    home = tmp_path / "photos"
    for place in range(3):
        draw(home / "cat" / "tom" / f"{place}.png", place)
    for place in range(5):
        draw(home / "dog" / f"{place}.png", 10 + place)
    shutil.copy(home / "cat" / "tom" / "1.png", home / "dog" / "copy.png")
    return home


def test_photos_of_one_animal_and_copies_of_one_file_are_one_group(photos):
    files, failures = listed(photos)
    assert failures == []
    groups = {name: file.group for file in files for name in file.names}
    tom = {groups[f"cat/tom/{place}.png"] for place in range(3)}
    assert tom == {groups["dog/copy.png"]}
    assert len({groups[f"dog/{place}.png"] for place in range(5)} | tom) == 6
    # Two animals that share a file are one group, and so is everything that is theirs.
    assert groups_of([("a/x/1", "1"), ("a/y/2", "2"), ("a/3", "3"), ("a/y/4", "1")]) == (0, 0, 1, 0)


def test_a_photo_is_never_held_against_a_map_of_its_own_group():
    groups = [0, 0, 1, 0, 2, 2, 0]
    assert lenders_in(groups) == (2, 2, 3, 4, 6, 6, 2)  # the next of another group; after the last comes the first


def test_many_photos_of_one_animal_weigh_as_much_as_one():
    # Ten photos of one animal at +10, five others at −1: over photos the mean is +6.3, over groups 10/6 − 5/6.
    found = np.concatenate([np.full((10, 1, 1), 10.0), np.full((5, 1, 1), -1.0)])
    means = group_means(found, [0] * 10 + [1, 2, 3, 4, 5])
    (one,) = scored(["a"], means, np.zeros_like(means))
    assert one.effect == pytest.approx(5 / 6)
    assert one.ahead == 1
    assert one.share[1] < 0.6  # Wilson of 1 in 6; of 10 in 15 it would reach 0.85
    # The sign patterns of (10, −1, −1, −1, −1, −1) whose sum is at least 5 from zero: all 64.
    assert one.p == 1.0


def test_a_folder_is_counted_by_groups(photos, monkeypatch):
    # Each photo's own map is worth its first red level, the swapped one and the blob nothing.
    worth = lambda asking, image, *_: np.array([[float(image[0, 0, 0]), 0.0, 0.0]] * 4)  # noqa: E731
    monkeypatch.setattr(comparing, "_effects", worth)
    found = compare_methods(net(), photos, METHODS)
    first = lambda path: ax.read(path).pixels[0, 0, 0]  # noqa: E731
    tom = np.mean([first(photos / "cat" / "tom" / f"{place}.png") for place in range(3)])
    each = [tom, *(first(photos / "dog" / f"{place}.png") for place in range(5))]
    assert (found.photos, found.groups) == (9, 6)
    assert found.scores[0].effect == pytest.approx(np.mean(each), rel=1e-6)  # pixels are float32


def test_fewer_than_six_groups_are_refused_before_the_model_is_asked(photos):
    (photos / "dog" / "4.png").unlink()
    asked = []
    model = net(asked=asked)
    asked.clear()  # loading tries the function
    with pytest.raises(InputError, match=r"at least 6 groups that can be used, got 5.*subfolder of a class"):
        compare_methods(model, photos, METHODS)
    assert asked == []
