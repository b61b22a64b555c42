"""A real Whisper network of 0.3 MB in CTranslate2's format, made with numpy: random weights, except that its decoder's positions are
loaded with the words it is to say. The audio goes through the whole network, but has next to no say in the text.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SIZE, _HEADS, _MELS, _AUDIO_POSITIONS, _TEXT_POSITIONS = 64, 2, 80, 1500, 448
_SPECIAL = ("endoftext", "startoftranscript", "translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps")
_STRONG = 12.0
Array = NDArray[np.float32]


class TinyWhisper:
    """``says`` in a plain request, ``says_with[prompt]`` in one with that prompt. ``unsure``: it believes that nobody spoke."""

    def __init__(self, says: str, says_with: dict[str, str] | None = None, *, unsure: bool = False) -> None:
        self._random = np.random.default_rng(3)
        self._texts = {"": says, **(says_with or {})}
        self._unsure = unsure
        words = dict.fromkeys("Ġ" + word for text in self._texts.values() for word in text.split())
        self.tokens = [*_byte_characters(), *words, *(f"<|{name}|>" for name in _SPECIAL), *(f"<|{n * 0.02:.2f}|>" for n in range(1501))]
        self._number = {token: number for number, token in enumerate(self.tokens)}
        self._rivals = [self._number[letter] for letter in "qwxyz"]

    def save(self, folder: Path) -> Path:
        from ctranslate2.specs import WhisperSpec  # type: ignore[import-untyped,import-not-found,unused-ignore]

        spec = WhisperSpec(1, _HEADS, 1, _HEADS)
        self._encoder(spec.encoder)
        self._decoder(spec.decoder)
        spec.register_vocabulary(self.tokens)
        spec.config.suppress_ids = []
        spec.config.suppress_ids_begin = []
        spec.config.lang_ids = []
        spec.config.alignment_heads = [(0, 0)]
        spec.validate()
        spec.optimize()
        folder.mkdir(parents=True)
        spec.save(str(folder))
        self._tokenizer(folder / "tokenizer.json")
        (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": _MELS}))
        return folder

    def _encoder(self, spec: Any) -> None:
        for convolution, inputs in ((spec.conv1, _MELS), (spec.conv2, _SIZE)):
            convolution.weight, convolution.bias = self._drawn(_SIZE, inputs, 3), self._drawn(_SIZE)
        spec.position_encodings.encodings = self._drawn(_AUDIO_POSITIONS, _SIZE)
        _neutral(spec.layer_norm)
        for layer in spec.layer:
            self._attention(layer.self_attention, (3 * _SIZE, _SIZE))
            self._feed_forward(layer.ffn)

    def _decoder(self, spec: Any) -> None:
        embeddings = self._drawn(len(self.tokens), _SIZE, spread=1.0)
        embeddings *= 3 / np.linalg.norm(embeddings, axis=1, keepdims=True)
        # What is to be said must not resemble each other, so that its probabilities are those intended.
        spoken = [number for token, number in self._number.items() if token[0] == "Ġ" or token == "<|endoftext|>"] + self._rivals
        embeddings[spoken] = 3 * np.linalg.qr(self._drawn(_SIZE, _SIZE))[0][: len(spoken)]
        spec.embeddings.weight = spec.projection.weight = embeddings
        spec.position_encodings.encodings = self._spoken(embeddings)
        _neutral(spec.layer_norm)
        for layer in spec.layer:
            self._attention(layer.self_attention, (3 * _SIZE, _SIZE))
            self._attention(layer.attention, (_SIZE, 2 * _SIZE, _SIZE))
            self._feed_forward(layer.ffn)

    def _spoken(self, embeddings: Array) -> Array:
        """At each position of the decoder, what it is to say next."""
        positions = self._drawn(_TEXT_POSITIONS, _SIZE)
        positions[0] += _STRONG * embeddings[self._number["<|nospeech|>"]] if self._unsure else 0
        for prompt, text in self._texts.items():
            # The plain request is "start of transcript, no timestamps"; a prompt and its own start come before it.
            at = 1 + (len((" " + prompt).encode()) + 1 if prompt else 0)
            for token in (*("Ġ" + word for word in text.split()), "<|endoftext|>"):
                positions[at] += _STRONG * embeddings[self._number[token]]
                if self._unsure:
                    positions[at] += 0.95 * _STRONG * embeddings[self._rivals].sum(axis=0)
                at += 1
        return positions

    def _attention(self, spec: Any, outputs: Sequence[int]) -> None:
        _neutral(spec.layer_norm)
        for linear, size in zip(spec.linear, outputs, strict=True):
            linear.weight, linear.bias = self._drawn(size, _SIZE), self._drawn(size)

    def _feed_forward(self, spec: Any) -> None:
        _neutral(spec.layer_norm)
        spec.linear_0.weight, spec.linear_0.bias = self._drawn(4 * _SIZE, _SIZE), self._drawn(4 * _SIZE)
        spec.linear_1.weight, spec.linear_1.bias = self._drawn(_SIZE, 4 * _SIZE), self._drawn(_SIZE)

    def _drawn(self, *shape: int, spread: float = 0.02) -> Array:
        return self._random.normal(0, spread, shape).astype(np.float32)

    def _tokenizer(self, path: Path) -> None:
        import tokenizers  # type: ignore[import-not-found,unused-ignore]

        plain = {token: number for number, token in enumerate(self.tokens) if not token.startswith("<|")}
        made = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=plain, merges=[]))
        made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.decoder = tokenizers.decoders.ByteLevel()
        made.add_special_tokens([token for token in self.tokens if token.startswith("<|")])
        made.save(str(path))


def _neutral(spec: Any) -> None:
    spec.gamma, spec.beta = np.ones(_SIZE, np.float32), np.zeros(_SIZE, np.float32)


def _byte_characters() -> list[str]:
    """The printable stand-ins of all 256 bytes in a byte-level vocabulary."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in kept]
    stand_ins = {byte: chr(byte) for byte in kept} | {byte: chr(256 + n) for n, byte in enumerate(others)}
    return [stand_ins[byte] for byte in range(256)]
