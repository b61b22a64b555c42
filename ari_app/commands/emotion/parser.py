"""The words of ``patchcord emotion``; nothing heavy is imported here."""

import argparse
from pathlib import Path
from typing import Any, Final

_FORMATS: Final = ("auto", "ravdess", "crema-d", "pattern", "csv")
_CONDITIONS: Final = ("clean", "ulaw", "alaw", "line")

DESCRIPTION = """\
Models that hear from a caller's voice how aroused they are and whether they are angry. One ships (see: emotion show); you can train
another on labelled clips, and measure any of them. None of this needs a running service. train and eval need the extra:
pip install '.[emotion]'
"""
EPILOG = """\
from labelled clips to a model in use:
  ./patchcord emotion show                                           the model that ships: its numbers, each with its source
  ./patchcord emotion eval --data clips/ --out figures/              how good it is on your clips, clean and on the telephone
  ./patchcord emotion train --data clips/ --out models/mine.onnx     your own, tested on people whom it has not heard
  ./patchcord emotion eval --model models/mine.onnx --data others/ --out figures/
  then set emotion.model to the .onnx file and emotion.mode to audio in patchcord.yaml

It is for callers only, on their own leg, and announced to them. Never for employees: in the EU that is prohibited.
"""
_CLIPS = """\
clips are WAV or FLAC, mono, one utterance each. Where label and speaker stand:
  ravdess   03-01-05-02-01-01-12.wav    emotion is the third number, actor the last; songs are left out
  crema-d   1001_DFA_ANG_XX.wav         actor, sentence, emotion, level
  pattern   --pattern '(?P<speaker>[^/]+)/.*_(?P<label>[a-z]+)'   for anna/call7_angry.wav: the path below DIR without its ending
  csv       DIR/labels.csv (or --data LIST.csv) with the columns path,label,speaker; paths below the list
  auto      labels.csv if there is one, else by the names

emotions: angry happy fearful surprised frustrated disgusted neutral calm bored sad. Other labels are told with --label:
  --label W=angry --label L=bored       what the labels W and L stand for
  --label calm=neutral                  join two
  --label disgusted=-                   leave clips out
"""
TRAIN = """\
Trains a small model and tests it on speakers whom it has not heard (6 speakers at least; more than 20 for figures that mean something).
Every clip is heard as recorded and over telephone lines: 8 kHz G.711, other levels, noise, lost packets. Features are relative to each
speaker's own usual, which forms on some of their neutral clips. Calls need only the .onnx and .json files.

MODEL.onnx   the model, run by onnxruntime       MODEL-….png         confusion matrices, ROC curves
MODEL.json   what goes in and what comes out     MODEL-figures.json  all figures
MODEL.md     model card: data, figures with intervals, limits, licence

A model inherits the conditions of its data: one trained on RAVDESS (non-commercial) is for no product.
"""
EVAL = """\
Measures a model on labelled clips: arousal (angry, happy, fearful, surprised, frustrated against neutral, calm, sad, bored) and anger
(against everything else), with the speaker's own baseline and without, 95 % intervals by a bootstrap over speakers.
Speakers on whom the model was trained are left out. Several --data: a row for each corpus, 'within' or 'across' what it was trained on.

  clean   as recorded                    ulaw, alaw   8 kHz G.711 and back
  line    G.711 with level, noise and lost packets drawn for each speaker
"""


def add_emotion(commands: Any) -> None:
    """Add ``emotion`` and its subcommands to the parsers of the command line."""
    emotion = _parser(commands, "emotion", "train, measure and show models of the caller's voice", DESCRIPTION, EPILOG)
    actions = emotion.add_subparsers(dest="emotion_action", metavar="ACTION", required=True)
    _train(actions)
    _eval(actions)
    show = _parser(actions, "show", "the card of a model", "Shows the model that ships: its numbers with their sources; or a model's card.")
    _model(show)
    show.add_argument("--json", action="store_true", help="print JSON")


def _train(actions: Any) -> None:
    train = _parser(actions, "train", "train a model from labelled clips", TRAIN, _CLIPS)
    _clips(train)
    train.add_argument("--out", type=Path, required=True, metavar="MODEL", help="the .onnx file to write; the others stand beside it")
    train.add_argument(
        "--kind", choices=["logistic", "mlp"], default="logistic", help="logistic regression (default), or a network with one hidden layer"
    )
    train.add_argument("--lines", type=_whole, default=3, metavar="N", help="telephone lines drawn for each speaker (default: 3)")
    train.add_argument(
        "--test-share", type=_share, default=0.25, metavar="SHARE", help="share of speakers kept for the test (default: 0.25)"
    )
    train.add_argument(
        "--test-speakers", type=_names, default=(), metavar="NAMES", help="test on exactly these: SPEAKER or CORPUS:SPEAKER, with commas"
    )
    train.add_argument("--replace", action="store_true", help="overwrite a model that is there")


def _eval(actions: Any) -> None:
    evaluate = _parser(actions, "eval", "measure a model on labelled clips", EVAL, _CLIPS)
    _model(evaluate)
    _clips(evaluate)
    evaluate.add_argument(
        "--telephone",
        nargs="+",
        action="extend",
        choices=_CONDITIONS,
        metavar="CONDITION",
        help=f"{', '.join(_CONDITIONS)} (default: clean ulaw alaw)",
    )
    evaluate.add_argument("--out", type=Path, required=True, metavar="DIR", help="where figures.json and the PNG files go")
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _clips(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, action="append", required=True, metavar="DIR", help="a folder of labelled clips, or a list (repeatable)"
    )
    parser.add_argument(
        "--format",
        action="append",
        choices=_FORMATS,
        metavar="FORMAT",
        help=f"{', '.join(_FORMATS)}; once for all, or once for each --data",
    )
    parser.add_argument("--pattern", default="", metavar="REGEX", help="with the named groups label and speaker")
    parser.add_argument(
        "--label", action="append", type=_label, default=[], metavar="LABEL=EMOTION", help="what a label stands for (repeatable)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of every draw; the same seed gives the same figures (default: 0)")
    parser.add_argument("--jobs", type=_whole, default=0, metavar="N", help="processes that measure clips (default: one for each core)")
    parser.add_argument("--skip-unreadable", action="store_true", help="go on without clips that cannot be read, and count them")


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", default="default", metavar="default|MODEL", help="the one that ships (default), or an .onnx file")


def _parser(commands: Any, name: str, summary: str, description: str, epilog: str = "") -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=description, epilog=epilog, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    return parser


def _label(text: str) -> tuple[str, str]:
    from agents.emotion.training.labels import parsed

    try:
        return parsed(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 0 or more")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no share; give a number between 0 and 1, such as 0.25")
    return share


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
