"""``patchcord agents …``: ``parser`` holds its words, ``command`` its start, and every subcommand has a file."""
