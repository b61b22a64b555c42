"""Language models: one turn of an agent, from what was said to sentences, tools and an exit."""
