"""What can go wrong with training data and models. Messages are for users: they name the file and the remedy.

TrainingProblem
├── ExtraMissing        a library of the extra is not installed
├── CorpusUnusable      no clips, names that fit no format, a broken list
├── UnknownLabel        a label that stands for no emotion known here
├── ClipUnreadable      a file that is no usable recording
└── TooFew              too few speakers, or too few clips of a label
"""


class TrainingProblem(Exception):
    """Base of all of them."""


class ExtraMissing(TrainingProblem):
    pass


class CorpusUnusable(TrainingProblem):
    pass


class UnknownLabel(TrainingProblem):
    pass


class ClipUnreadable(TrainingProblem):
    pass


class TooFew(TrainingProblem):
    pass
