"""``patchcord phones``: what to type into a SIP phone."""

import argparse
import json
from dataclasses import asdict

from ari_app.commands.instance import running_settings
from ari_app.pbx.accounts import accounts
from ari_app.pbx.secret_store import load_or_create_secrets
from ari_app.service.layout import Layout


async def phones(options: argparse.Namespace) -> int:
    layout = Layout(options.data.resolve())
    settings = running_settings(layout)
    found = accounts(settings, load_or_create_secrets(layout.data, settings=settings))
    if options.json:
        print(json.dumps([asdict(account) for account in found], indent=2))
        return 0
    print(f"{'user':<8}{'password':<28}{'server':<24}{'role':<8}{'name'}")
    for account in found:
        print(f"{account.user:<8}{account.password:<28}{account.server + ':' + str(account.port):<24}{account.role:<8}{account.name}")
    print(f"\nThe loopback trunk needs no account: calls from {settings.sip.trunk_match} may dial 100, 101 and 200.")
    return 0
