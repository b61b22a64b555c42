"""Certificates for the length of a test run, made by the openssl program."""

import shutil
import subprocess
from pathlib import Path

import pytest


def make(folder: Path, name: str, address: str) -> tuple[Path, Path]:
    """Return certificate and key for an address; the certificate is its own authority."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl program to make certificates with")
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
            *("-subj", f"/CN={address}", "-addext", f"subjectAltName=IP:{address}", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key
