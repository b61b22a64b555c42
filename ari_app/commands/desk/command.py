"""``patchcord desk …``: from the parsed words to the users and the audit of an instance's desk."""

import argparse
import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from ari_app.commands.calls import shown
from ari_app.commands.instance import mind_config
from ari_app.service.desk_links import desk_secret
from ari_app.service.layout import Layout
from handoff.desk.access import Role
from handoff.desk.audit import AuditLog
from handoff.desk.database import Database
from handoff.desk.passwords import PasswordRefused, Passwords, generate
from handoff.desk.secret import SecretUnusable
from handoff.desk.users import User, UserRefused, UserStore


class _Refused(Exception):
    """What was asked for cannot be done; the message says why."""


async def desk(options: argparse.Namespace) -> int:
    """Returns the exit status. Raises NotRunning, RecordsUnavailable."""
    layout = Layout(options.data.resolve())
    database = Database(mind_config(layout)["database_url"], connections=1)
    await database.open()
    try:
        audit = AuditLog(database, desk_secret(layout))
        if options.desk_part == "audit":
            return await _verify(audit, as_json=options.json)
        return await _user(options, UserStore(database), audit)
    except (UserRefused, PasswordRefused, SecretUnusable, _Refused) as error:
        sys.stderr.write(f"patchcord: {error}\n")
        return 1
    finally:
        await database.close()


async def _user(options: argparse.Namespace, users: UserStore, audit: AuditLog) -> int:
    if options.desk_action == "list":
        return _list(await users.all(), as_json=options.json)
    name: str = options.name
    match options.desk_action:
        case "add":
            password, made = _password(options.password_file)
            await users.add(name, Role(options.role), await Passwords().hash(password), options.phone)
            said = f"{name} may log in as {options.role}."
        case "password":
            password, made = _password(options.password_file)
            await users.set_password(name, await Passwords().hash(password))
            said = f"{name} has a new password and is logged out everywhere."
        case "disable":
            password, made = "", False
            await users.disable(name)
            said = f"{name} is out and may not log in any more."
        case _:
            password, made = "", False
            await users.enable(name)
            said = f"{name} may log in again."
    await audit.append(datetime.now(UTC), f"cli:{_who()}", "", f"user_{options.desk_action}", detail={"name": name})
    print(said)
    if made:
        print(f"password  {password}\nIt is shown this once. They can change it on the page.")
    return 0


def _password(file: Path | None) -> tuple[str, bool]:
    """The password, and whether it was made here. Raises _Refused."""
    if file is None:
        return generate(), True
    try:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise _Refused(f"{file} cannot be read: {error}") from error
    return text.rstrip("\r\n"), False


def _list(users: list[User], *, as_json: bool) -> int:
    if as_json:
        rows = [{"name": user.name, "role": user.role.value, "phone": user.phone, "enabled": user.enabled} for user in users]
        print(json.dumps(rows, indent=2))
        return 0
    for user in users:
        print(f"{user.name:<32}  {user.role.value:<10}  {user.phone:<10}  {'' if user.enabled else 'disabled'}".rstrip())
    if not users:
        print("nobody yet: ./patchcord desk user add NAME --role admin")
    return 0


async def _verify(audit: AuditLog, *, as_json: bool) -> int:
    found = await audit.verify()
    if as_json:
        print(json.dumps({"rows": found.rows, "broken_at": found.broken_at, "head": found.head}))
    elif found.broken_at is None:
        print(f"{found.rows} rows, whole and in order. Last seal: {found.head}")
    else:
        print(f"row {found.broken_at} is missing, changed or out of place; the {found.rows} before it are whole")
        print("(or desk.secret in the data directory is not the one with which that row was sealed: restore it from a backup)")
    return 0 if found.broken_at is None else 1


def _who() -> str:
    """The user of the machine, for the audit."""
    try:
        return shown(getpass.getuser())
    except OSError:
        return "unknown"
