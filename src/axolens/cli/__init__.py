"""The command line: parse, call, print. Results go to stdout, messages to stderr; bad input ends with exit code 2."""

from axolens.cli.app import main

__all__ = ["main"]
