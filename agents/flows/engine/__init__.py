"""The dialogue engine by its parts: one file for each kind of node, and one for each thing that works at all of them."""
