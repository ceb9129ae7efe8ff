"""What a wrong answer responds to: controlled edits of the photo itself, their placebos and statistics."""
