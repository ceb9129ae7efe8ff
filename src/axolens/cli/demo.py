"""axolens demo."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from axolens.cli.options import Json, Seed, Trust
from axolens.cli.progress import Bar, say
from axolens.cli.rows import case_row, print_json
from axolens.cli.study import Bars

if TYPE_CHECKING:
    from axolens.records.case import Case
    from axolens.records.study import Study

SETTINGS = {"lime": {"samples": 600}}  # holds four balanced blocks of the 40 to 60 regions of 64 by 64 pixels
CHOSEN = "The eight are chosen to tell a story; by chance: axolens pond render --out pictures --count 99 --network pond"
TITLE = "A network that has seen pale axolotls, and what it says of dark ones"


def demo(
    out: Annotated[Path, typer.Option("--out", help="Where pictures, page and records go.")] = Path("out/demo"),
    write: Annotated[
        Path | None, typer.Option("--write", help="Only write the eight pictures and their truth there.")
    ] = None,
    trust: Trust = True,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Explain eight drawn animals, some answered wrongly by the built-in network; nothing is downloaded.

    Example: axolens demo --out out/demo
    """
    if write is not None:
        say(f"Written: {draw_story(write, as_json=as_json)}")
        return
    from axolens.classifiers.registry import load
    from axolens.cli.output import write_figure, write_page
    from axolens.pond.shots import PHOTOS
    from axolens.study.run import run_study
    from axolens.study.store import CASES

    def done(case: "Case", stem: str) -> None:
        write_figure(out, case, stem)
        if as_json:
            print_json(case_row(case, out / CASES / f"{stem}.npz"))

    classifier = load("pond")
    draw_story(out)
    bars = Bars(classifier)
    try:
        with bars:
            found = run_study(
                classifier, out / PHOTOS, out, settings=SETTINGS, trust=trust, seed=seed, looked=bars.look,
                progress=bars.count, planned=bars.plan, finished=done, command="axolens demo",
            )  # fmt: skip
    except KeyboardInterrupt:
        page = f"What was explained is on {write_page(out, TITLE)}." if bars.planned else "Nothing was explained."
        say(f"Interrupted. {page}")
        raise typer.Exit(130) from None
    if not as_json:
        typer.echo("\n".join(story_lines(found)))
        say(CHOSEN)
    say(f"Written: {write_page(out, TITLE)}")


def draw_story(folder: Path, *, as_json: bool = False) -> Path:
    """Draw the story's pictures into a folder and return the place of their truth."""
    from axolens.pond.story import STORY, write_story

    with Bar(len(STORY), "pictures") as bar:

        def drawn(row: dict[str, Any]) -> None:
            bar(1)
            if as_json:
                print_json(row)

        return write_story(folder, drawn)


def story_lines(study: "Study") -> list[str]:
    """Return a table of the answers, and what wrong ones are laid beside."""
    lines = [f"{'picture':<20} {'answer':<10} {'probability':>11}"]
    for case in study.cases:
        said = case.prediction.top(1)[0]
        line = f"{case.photo.name:<20} {said.label:<10} {said.probability:>11.3f}"
        if not case.correct:
            true = case.prediction.answer(str(case.photo.truth))
            line += f"  wrong: {true.label} has {true.probability:.3f}"
        lines.append(line)
    beside = [
        f"{pair.case.photo.name} was taken for {pair.answered}; beside it {pair.reference.photo.name}."
        for pair in study.pairs
    ]
    return [*lines, "", *beside] if beside else lines
