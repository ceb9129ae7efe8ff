"""The factors that are tested, one a file: edits with doses, placebos, and what the photo itself shows."""
