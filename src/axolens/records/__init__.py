"""What flows through axolens: frozen records that carry and never compute."""
