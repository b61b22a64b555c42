"""The steps of docker/app/Dockerfile without a container engine: ``python -m tests.docker.exercise`` (as root; minutes; needs the network).

In a temporary folder: what COPY names, then what RUN does to it, in a fresh environment. Then the command of compose.yaml as the user
nobody, who may write nothing but the data directory, beside an Asterisk on loopback; a call is placed. No chroot, no mounts, nothing of the
system is changed: base packages, the image of Asterisk and the engine's own limits are not exercised by this.
"""

import asyncio
import json
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.docker.admins_asterisk import AdminsAsterisk, running, write_patchcord_d
from tests.docker.dockerfile import stages
from tests.e2e.crowd import greeted
from tests.e2e.instance import PROJECT, Instance, environment_of, ports_beside, take_speech

USER = pwd.getpwnam("nobody").pw_uid
"""The image makes a user of its own; here it is one that there is, for initdb asks for a name."""


def copied(place: Path) -> None:
    """What the first stage takes out of the project."""
    (build,) = (stage for stage in stages((PROJECT / "docker/app/Dockerfile").read_text()) if stage.name == "build")
    for copy in build.of("COPY"):
        *sources, destination = shlex.split(copy)
        for source in sources:
            target = place / destination / (Path(source).name if destination == "./" else "")
            target.parent.mkdir(parents=True, exist_ok=True)
            if (PROJECT / source).is_dir():
                shutil.copytree(PROJECT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(PROJECT / source, target)


def built(place: Path) -> None:
    """The RUN after them, but for the packages of the system."""
    # The system's Python, as in the image: one in somebody's home cannot be run by the user of the image.
    environment = {**os.environ, "PATCHCORD_ASTERISK__SOURCE": "external", "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
    python = str(place / ".venv/bin/python")
    for command in (
        ["./patchcord", "fetch", "--accept-old-mirror"],
        [python, "-m", "pip", "install", "--no-compile", "--no-deps", "--require-hashes", "-r", "docker/app/redis.lock"],
        [python, "-m", "compileall", "-q", ".venv/lib", "agents", "ari_app", "dialplan", "handoff"],
    ):
        began = time.monotonic()
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
        sys.stdout.write(f"{shlex.join(command)[-70:]}: status {done.returncode}, {time.monotonic() - began:.0f} s\n")
        if done.returncode:
            raise SystemExit(done.stdout[-1500:] + done.stderr[-1500:])


def called(place: Path, data: Path, asterisk: AdminsAsterisk) -> None:
    """``up`` as the image's user, and one call that the agent answers."""
    environment = environment_of(ports_beside(asterisk.settings())) | {"HOME": str(data), "PYTHONDONTWRITEBYTECODE": "1"}
    log = data.parent / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(place / "patchcord"), "up", "--data", str(data)],
            cwd=place,
            env=environment,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            user=USER,
            group=USER,
            extra_groups=[],
        )
    instance = Instance(data, asterisk.settings())
    try:
        began = time.monotonic()
        while not instance.ready():
            if process.poll() is not None or time.monotonic() - began > 240:
                raise SystemExit(log.read_text()[-3000:] + instance.tails())
            time.sleep(0.2)
        sys.stdout.write(f"ready after {time.monotonic() - began:.0f} s as user {os.stat(f'/proc/{process.pid}').st_uid}\n")  # noqa: PTH116 - of a process
        instance.settle_in(120)
        seconds = asyncio.run(greeted(instance, limit_s=10.0))
        sys.stdout.write(json.dumps({"answered_call_s": round(seconds, 2)}) + "\n")
    finally:
        process.terminate()
        process.wait(60)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="patchcord-exercise-") as folder:
        top = Path(folder)
        top.chmod(0o755)
        place, data = top / "opt", top / "data"
        copied(place)
        built(place)
        asterisk = AdminsAsterisk(top / "theirs")
        asterisk.lay_out()
        write_patchcord_d(asterisk, data, asterisk.settings())
        asterisk.add_include_lines()
        take_speech(data)
        for path in (data, *data.rglob("*")):
            os.chown(path, USER, USER)
        with running(asterisk):
            called(place, data, asterisk)


if __name__ == "__main__":
    main()
