"""The factors that are tested, one a file: its edits with doses, its placebos, and what the photo itself shows of it."""
