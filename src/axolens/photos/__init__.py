"""Photos: reading, resizing, filling, painting."""
