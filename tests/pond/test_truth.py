"""The truth of a picture: where the animal is, where its parts are, and what moving one factor moves."""

import hashlib
import json
from itertools import combinations

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, binary_erosion

from axolens import pond
from axolens.errors import InputError
from axolens.pond.drawing import draw
from axolens.pond.noise import grain
from axolens.pond.picture import parts, photo, rerender, scene_of
from axolens.pond.sampling import sample
from axolens.pond.scene import BACKGROUNDS, COLOURS, FACTORS, SPECIES, VIEWS, Scene
from axolens.pond.sheet import sheet
from axolens.records.photo import Photo

OWN_PARTS = {
    "axolotl": {"gills", "fin", "limbs"},
    "newt": {"limbs"},
    "iguana": {"crest", "dewlap", "limbs"},
    "chameleon": {"casque", "limbs"},
    "gecko": {"limbs"},
    "goldfish": {"fins"},
}
EVERY_VIEW = [(species, view) for species in SPECIES for view in VIEWS]


def clear(species, view="above", **factors):
    """A scene in which every pixel inside the mask is the animal's alone: no blur and no noise."""
    colour = factors.pop("colour", "black")
    return Scene(species=species, colour=colour, view=view, bend=0.3, head=0.2, texture_seed=5, **factors)


def differs(first, second):
    return (first.pixels != second.pixels).any(axis=-1)


@pytest.mark.parametrize(("species", "view"), EVERY_VIEW)
def test_the_mask_is_where_the_background_does_not_show(species, view):
    # Two backgrounds of one dark and one light tone: every pixel shows which one it is, unless the animal hides it.
    drawings = [draw(clear(species, view, background="plain", background_seed=seed)) for seed in (3, 5)]
    shows = differs(*drawings)
    mask = drawings[0].mask
    assert 0.02 < mask.mean() < 0.6
    assert not shows[binary_erosion(mask, iterations=2)].any()
    assert shows[~binary_dilation(mask, iterations=2)].mean() > 0.99


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_moving_the_background_leaves_the_animal(background):
    start = photo(clear("iguana", "side", background="sand"))
    moved = rerender(start, background=background, background_seed=11)
    np.testing.assert_array_equal(moved.mask, start.mask)
    inside = binary_erosion(start.mask, iterations=2)
    np.testing.assert_array_equal(moved.pixels[inside], start.pixels[inside])
    assert (moved.pixels != start.pixels).any()


@pytest.mark.parametrize("species", SPECIES)
def test_moving_the_colour_leaves_mask_and_background(species):
    start = photo(sample(8, species=species, colour=COLOURS[species][0], blur=0.0))
    outside = ~binary_dilation(start.mask, iterations=2)
    for colour in COLOURS[species][1:]:
        moved = rerender(start, colour=colour)
        np.testing.assert_array_equal(moved.mask, start.mask)
        np.testing.assert_array_equal(moved.pixels[outside], start.pixels[outside])
        assert (moved.pixels != start.pixels).any(axis=-1)[start.mask].mean() > 0.5


def test_moving_the_skin_leaves_mask_and_background():
    start = photo(clear("gecko", "above"))
    moved = rerender(start, texture_seed=77)
    np.testing.assert_array_equal(moved.mask, start.mask)
    changed = (moved.pixels != start.pixels).any(axis=-1)
    assert changed.any()
    assert not changed[~binary_dilation(start.mask, iterations=2)].any()


def test_moving_the_pose_leaves_the_background():
    start, moved = (photo(clear("newt", "above", limbs=phase)) for phase in (0.1, 0.6))
    # Four per cent of the frame is as far as the shadow reaches.
    near = binary_dilation(start.mask | moved.mask, iterations=14)
    assert (start.mask != moved.mask).any()
    np.testing.assert_array_equal(moved.pixels[~near], start.pixels[~near])


@pytest.mark.parametrize(
    ("factor", "value"), [("colour", "golden"), ("background", "leaf"), ("x", 0.6), ("bend", -0.5)]
)
def test_the_noise_depends_on_its_seed_only(factor, value):
    # Where nothing is clipped, the picture with noise less the one without is the noise field, to half a level.
    start = clear("iguana", "side", background="plain", background_seed=1, light_strength=0.4)
    noisy = rerender(start, noise=0.02, noise_seed=9, **{factor: value})
    clean = rerender(start, noise=0.0, noise_seed=9, **{factor: value})
    field = 0.02 * grain(9, 128).transpose(1, 2, 0)
    inner = (clean.pixels > 0.06) & (clean.pixels < 0.94)
    assert inner.mean() > 0.5
    assert np.abs(noisy.pixels - clean.pixels - field)[inner].max() <= 1.01 / 255


def test_a_tag_covers_the_border_only():
    start = photo(clear("goldfish", "side", size=0.5))
    for tag in ("red-corner", "blue-corner", "yellow-bar", "white-frame"):
        changed = (rerender(start, tag=tag).pixels != start.pixels).any(axis=-1)
        assert 0 < changed.mean() < 0.25
        assert not changed[24:-24, 24:-24].any()


def test_a_tag_over_the_animal_is_not_the_animal():
    tagged = draw(clear("goldfish", "side", size=1.0, x=1.0, y=0.1, tag="white-frame"))
    assert not tagged.mask[:6].any()
    assert not any(part[:6].any() for part in tagged.parts.values())


@pytest.mark.parametrize("factor", ["light_direction", "light_strength", "light_colour", "blur", "noise", "noise_seed"])
def test_light_and_camera_leave_the_mask(factor):
    value = {"light_colour": "cold", "light_direction": 20.0, "noise_seed": 4, "blur": 1.0}.get(factor, 0.2)
    start = photo(clear("axolotl", "front", noise=0.05))
    moved = rerender(start, **{factor: value})
    np.testing.assert_array_equal(moved.mask, start.mask)
    assert (moved.pixels != start.pixels).any()


def test_moving_every_factor_back_gives_the_picture_back():
    start = photo(sample(12))
    for factor in FACTORS:
        other = {**{name: getattr(sample(13, species=start.truth), name) for name in FACTORS}}[factor]
        there = rerender(start, **{factor: other})
        back = rerender(there, **{factor: getattr(scene_of(start), factor)})
        assert back.digest == start.digest, factor


@pytest.mark.parametrize(("species", "view"), EVERY_VIEW)
def test_parts_cover_the_mask_without_overlap(species, view):
    scene = clear(species, view)
    drawing = draw(scene)
    assert {"head", "body", "tail", "eyes"} | OWN_PARTS[species] == set(drawing.parts)
    np.testing.assert_array_equal(sum(part.astype(int) for part in drawing.parts.values()), drawing.mask.astype(int))
    # From above and from the front a part may be hidden behind another.
    assert view != "side" or all(part.any() for part in draw(scene, 256).parts.values())


def test_parts_of_a_photo_are_the_parts_of_its_scene():
    shot = photo(sample(3), size=64)
    for name, part in parts(shot).items():
        np.testing.assert_array_equal(part, parts(scene_of(shot), 64)[name])


@pytest.mark.parametrize("species", SPECIES)
def test_every_colour_is_another(species):
    # Mean colour of the animal: at least 5 of 255 levels apart in some channel.
    means = []
    for colour in COLOURS[species]:
        drawing = draw(clear(species, "side", colour=colour))
        means.append(drawing.pixels[drawing.mask].mean(axis=0))
    assert all(np.abs(a - b).max() > 5 for a, b in combinations(means, 2))


def test_every_species_has_its_own_outline():
    outlines = [draw(clear(species, view, size=0.9)).mask for species, view in EVERY_VIEW]
    assert all((a & b).sum() / (a | b).sum() < 0.9 for a, b in combinations(outlines, 2))


@pytest.mark.parametrize("background", ["moss", "stone", "gravel"])
@pytest.mark.parametrize("species", SPECIES)
def test_a_black_animal_is_lighter_at_its_rim(species, background):
    drawing = draw(clear(species, "side", background=background))
    inner = binary_erosion(drawing.mask, iterations=2)
    rim = drawing.mask & ~binary_erosion(drawing.mask)
    assert np.percentile(drawing.pixels[rim], 90) > np.percentile(drawing.pixels[inner], 50) + 10


def test_the_animal_sits_where_the_scene_says():
    for x, y in ((0.3, 0.4), (0.7, 0.6)):
        rows, columns = np.nonzero(draw(Scene(species="gecko", colour="brown", x=x, y=y, size=0.4)).mask)
        assert (columns.min() + columns.max()) / 2 == pytest.approx(x * 128, abs=3)
        assert (rows.min() + rows.max()) / 2 == pytest.approx(y * 128, abs=6)


@pytest.mark.parametrize("size", [0.4, 0.8])
def test_the_animal_is_as_long_as_the_scene_says(size):
    columns = np.nonzero(draw(Scene(species="iguana", colour="green", size=size, bend=0.0)).mask)[1]
    assert (columns.max() - columns.min() + 1) / 128 == pytest.approx(size, abs=0.03)


def test_a_turn_is_counter_clockwise():
    # The nose points right in a picture that is not turned; after a quarter turn the head is above the tail.
    turned = draw(Scene(species="newt", colour="olive", rotation=90.0)).parts
    assert np.nonzero(turned["head"])[0].mean() < np.nonzero(turned["tail"])[0].mean() - 30


def test_larger_pictures_show_the_same_scene():
    small, large = (draw(clear("chameleon", "side", background="glass"), size) for size in (64, 256))
    shrunk = large.pixels.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
    assert np.abs(shrunk - small.pixels).mean() < 8
    both = large.mask.reshape(64, 4, 64, 4).mean(axis=(1, 3)) > 0.5
    assert (both != small.mask).mean() < 0.02


def test_the_record_holds_the_truth():
    shot = photo(sample(21), size=64)
    assert isinstance(shot, Photo)
    assert shot.truth == shot.facts["species"]
    assert shot.facts["pixels"] == 64
    assert set(FACTORS) < set(shot.facts)
    assert json.loads(json.dumps(shot.facts)) == shot.facts
    levels = np.round(shot.pixels * 255).astype(np.uint8)
    assert shot.digest == hashlib.sha256(levels.tobytes()).hexdigest()
    assert rerender(shot).digest == shot.digest


def test_a_photo_of_something_else_cannot_be_redrawn():
    stranger = Photo(np.full((4, 4, 3), 0.5, np.float32), facts={"format": "JPEG"})
    with pytest.raises(InputError, match="photo of the pond"):
        rerender(stranger, colour="black")


def test_unknown_factors_are_answered_with_the_known():
    with pytest.raises(InputError, match="one of species, colour, bend"):
        rerender(sample(1), hat="red")


def test_the_public_names_are_in_the_package():
    assert all(callable(getattr(pond, name)) for name in pond.__all__)
    with pytest.raises(AttributeError, match="no attribute 'swamp'"):
        _ = pond.swamp


def test_the_sheet_shows_every_colour_in_every_view():
    chosen = ["axolotl", "newt"]
    rows = sum(len(COLOURS[species]) for species in chosen)
    assert sheet(size=20, species=chosen).shape == ((rows + 1) // 2 * 34, 2 * 6 * 20, 3)
