"""All samples of one half: made once, then read from the cache."""

import json
from dataclasses import asdict

from agents.stt.moonshine import MoonshineTranscriber
from tests.bench.endpointing import people
from tests.bench.endpointing.material import CACHE, Half, Material, Sample, synthetic


async def collect(half: Half) -> list[Sample]:
    """Delete ``.patchcord/endpointing/<half>.json`` after a change of texts or voices; what was transcribed before is not made again.

    Recordings that are not on this machine are left out: the prompts come with the tests' own tools, the others lie beside the checkout.
    """
    listing = CACHE / f"{half}.json"
    if not listing.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        ear = MoonshineTranscriber(threads=1)
        material = Material(half, ear)
        await synthetic(material)
        await people.prompts(material)
        if half == "report":
            await people.read(material)
            await people.acted(material)
            await people.single_digits(material)
        await ear.close()
        listing.write_text(json.dumps([asdict(sample) for sample in material.samples], indent=0), "utf-8")
    return [Sample(**row) for row in json.loads(listing.read_text("utf-8"))]
