"""The documentation is true: examples run, links lead somewhere, options and commands exist, pages are fresh."""

import ast
import doctest
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
import typer

import axolens as ax
from axolens.classifiers.recipe import FIELDS, KEYS, preprocess_of
from axolens.cli.app import app


def tool(name):
    """A file of tools/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
COMMANDS = tool("command_pages").commands_of(typer.main.get_command(app))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


@pytest.fixture(scope="module")
def command_pages():
    return tool("command_pages")


def blocks(page, kind):
    return [text for language, text in FENCE.findall(page.read_text(encoding="utf-8")) if language == kind]


def options_of(command):
    return {option for parameter in COMMANDS[command].params for option in parameter.opts} | {"--help"}


@pytest.mark.parametrize("name", NAMES)
def test_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "".join(block for block in blocks(ROOT / name, "python") if block.startswith(">>>"))
    example = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
    said = []
    failed, _ = doctest.DocTestRunner().run(example, out=said.append)
    assert not failed, "".join(said)


def test_some_examples_were_found():
    found = {name for name in NAMES for block in blocks(ROOT / name, "python") if block.startswith(">>>")}
    assert {"docs/conventions.md", "docs/own-model.md", "docs/methods.md", "docs/index.md"} <= found


@pytest.mark.parametrize("name", NAMES)
def test_relative_links_lead_somewhere(name):
    for link in LINK.findall(ROOT.joinpath(name).read_text(encoding="utf-8")):
        if not link.startswith(("http://", "https://", "#", "mailto:")):
            assert (ROOT / name).parent.joinpath(link.split("#")[0]).exists(), link


@pytest.mark.parametrize("name", NAMES)
def test_every_option_that_is_named_exists(name):
    known = set().union(*(options_of(command) for command in COMMANDS), {"--version"})
    foreign = {"--index-url", "--check", "--pictures", "--moved"}  # of pip, tools/command_pages.py, axolens.pond.tables
    for script in (ROOT / "benchmarks").glob("*.py"):
        foreign |= set(re.findall(r'add_argument\("(--[a-z-]+)"', script.read_text(encoding="utf-8")))
    named = set(OPTION.findall(ROOT.joinpath(name).read_text(encoding="utf-8")))
    assert named <= known | foreign, sorted(named - known - foreign)


@pytest.mark.parametrize("name", NAMES)
def test_every_command_line_that_is_shown_would_be_parsed(name):
    for line in "\n".join(blocks(ROOT / name, "")).splitlines():
        if not line.startswith("axolens "):
            continue
        words = line.split()[1:]
        command = next((name for name in (words[0], " ".join(words[:2])) if name in COMMANDS), None)
        assert command is not None, line
        assert set(OPTION.findall(line)) <= options_of(command), line


def test_program_of_the_readme_names_what_exists():
    (program,) = blocks(ROOT / "README.md", "python")
    named = [node.attr for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Attribute)]
    assert len(named) >= 6
    assert set(named) <= set(ax.__all__)


def test_readme_says_the_two_commands_on_its_first_screen():
    first = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:20])
    assert "make demo" in first
    assert "make test" in first
    assert 0 < (ROOT / "docs" / "pictures" / "demo.webp").stat().st_size < 200_000


def test_readme_lists_every_kind_of_model_and_command():
    from axolens.classifiers.registry import SPECS

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for spec in SPECS:
        assert all(f"`{pattern}`" in text for pattern in spec.pattern.split(" or ")), spec.pattern
    assert all(f"\naxolens {name} " in text for name in COMMANDS)


def test_toml_file_in_full_is_full():
    (text,) = blocks(ROOT / "docs" / "own-model.md", "toml")
    content = tomllib.loads(text)
    assert set(content) == set(KEYS)
    assert set(content["preprocess"]) == set(FIELDS)
    assert preprocess_of(content["preprocess"], "own-model.md").size == (224, 224)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_page_and_an_example(command, command_pages):
    assert "Example: axolens " + command in COMMANDS[command].help
    assert (ROOT / "docs" / "commands" / f"{command.replace(' ', '-')}.md").is_file()
    example = re.split("Example: ", COMMANDS[command].help)[1]
    assert set(OPTION.findall(example)) <= options_of(command)


def test_command_pages_are_fresh(command_pages):
    assert command_pages.stale() == []


def test_check_finds_changed_missing_and_left_over_pages(command_pages, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command_pages, "PAGES", tmp_path / "commands")
    assert command_pages.main([]) == 0
    assert command_pages.main(["--check"]) == 0
    (tmp_path / "commands" / "study.md").write_text("old")
    (tmp_path / "commands" / "report.md").unlink()
    (tmp_path / "commands" / "gone.md").write_text("of no command")
    capsys.readouterr()
    assert command_pages.main(["--check"]) == 1
    said = capsys.readouterr().out
    assert all(words in said for words in ("study.md is stale", "report.md is missing", "gone.md belongs to no"))


def test_command_pages_do_not_depend_on_the_terminal(command_pages, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERMINAL_WIDTH", "40")
    narrow = command_pages.pages()
    monkeypatch.setenv("COLUMNS", "200")
    assert command_pages.pages() == narrow


def test_command_page_says_what_an_option_takes_and_is_without(command_pages):
    page = command_pages.pages()["predict.md"]
    assert page.splitlines()[0].startswith("<!-- Generated by `python tools/command_pages.py`")
    assert "| `--top` | NUMBER, at least 1 | `5` | How many classes. |" in page
    assert "| `PHOTOS...` | PATH | required | Photos. |" in page
    assert "axolens study FOLDER --out PATH [OPTIONS]" in command_pages.pages()["study.md"]
    assert "axolens pond sheet --out PATH [OPTIONS]" in command_pages.pages()["pond-sheet.md"]
