"""A real VITS model of Coqui's library with random weights, small enough to be made for a test. Run by a Python that has the library:

``python tests/agents/tts/tiny_vits.py FOLDER``
"""

import sys
from pathlib import Path
from typing import Any


def make(folder: Path) -> None:
    import torch  # type: ignore[import-not-found,unused-ignore]
    from TTS.tts.configs.vits_config import VitsConfig  # type: ignore[import-not-found,unused-ignore]
    from TTS.tts.models.vits import Vits, VitsArgs  # type: ignore[import-not-found,unused-ignore]

    torch.manual_seed(7)
    sizes: dict[str, Any] = {
        "hidden_channels": 16,
        "hidden_channels_ffn_text_encoder": 32,
        "num_heads_text_encoder": 2,
        "num_layers_text_encoder": 1,
        "num_layers_flow": 1,
        "num_layers_posterior_encoder": 1,
        "upsample_initial_channel_decoder": 32,
        "use_sdp": False,
        "init_discriminator": False,
        "length_scale": 1.8,
    }
    config = VitsConfig(model_args=VitsArgs(**sizes), text_cleaner="basic_cleaners", use_phonemes=False, run_name="tiny")
    model = Vits(config)
    with torch.no_grad():  # else it would whisper
        for weight in model.waveform_decoder.conv_post.parameters():
            weight.mul_(200)
    folder.mkdir(parents=True, exist_ok=True)
    config.save_json(str(folder / "config.json"))
    torch.save({"model": model.state_dict(), "step": 0}, folder / "model_file.pth")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
