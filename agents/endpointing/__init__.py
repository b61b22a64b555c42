"""How finished the caller's turn is: from its words, its melody and the caller's habits to a wait."""
