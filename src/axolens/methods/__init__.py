"""Attribution methods: each a file, a card and one function."""
