"""What is wrong with a rules file, and where."""


class RulesError(Exception):
    """The rules cannot be used; one line per problem, each with file, line and remedy."""
