"""Maps that know nothing of the model, or nothing of the photo: what every other map is held against."""
