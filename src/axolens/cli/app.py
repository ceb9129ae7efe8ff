"""The program and what it does with errors; commands load what they need when they run."""

import sys
from typing import Annotated

import typer

from axolens import __version__
from axolens.cli.compare import compare
from axolens.cli.demo import demo
from axolens.cli.diagnose import diagnose
from axolens.cli.explain import explain
from axolens.cli.listings import methods, models
from axolens.cli.pond import pond
from axolens.cli.pond_score import score
from axolens.cli.predict import predict
from axolens.cli.report import report
from axolens.cli.study import study
from axolens.cli.trust import trust
from axolens.errors import AxolensError

app = typer.Typer(
    name="axolens",
    help="Why did the classifier say that, and where does the evidence lie?",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (predict, explain, compare, diagnose, trust, study, report, demo, methods, models):
    app.command()(command)
pond.command()(score)
app.add_typer(pond)


def print_version(asked: bool | None) -> None:
    """Print the version and stop, where it is asked for."""
    if asked:
        typer.echo(f"axolens {__version__}")
        raise typer.Exit


Version = Annotated[
    bool | None, typer.Option("--version", is_eager=True, callback=print_version, help="Print the version and stop.")
]


@app.callback()
def program(version: Version = None) -> None:
    """Explain image classifiers: predictions, Grad-CAM and LIME for a photo or a folder of photos."""
    del version


def main() -> None:
    """Run the program: one sentence on stderr and exit code 2 on bad input, 130 on Ctrl-C."""
    try:
        app(standalone_mode=True)
    except AxolensError as error:
        typer.echo(f"axolens: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("axolens: interrupted.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)
