"""Telethon signs in to the emulator."""
import sys
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "stories"))

import telethon
from telethon import TelegramClient, errors, functions, types
from telethon.crypto import rsa
from telethon.network import connection

from stories import ANN, APP, BOB, BOBS_PASSWORD, CLEO, FOLDER, NOBODY, PUBLIC_KEYS
from stories import address, code_of, refused, tell

for key in PUBLIC_KEYS:
    rsa.add_key(key, old=False)


@asynccontextmanager
async def connected(session, transport=connection.ConnectionTcpFull):
    """A client whose data centres are the emulator's: of a new session only the
    first has to be told."""
    api = TelegramClient(str(FOLDER / session), *APP, connection=transport)
    if not api.session.auth_key:
        api.session.set_dc(2, *address(2))
    await api.connect()
    try:
        yield api
    finally:
        await api.disconnect()


async def sign_in(api, phone):
    await api.send_code_request(phone)
    return await api.sign_in(phone, code_of(phone))


async def name(api):
    return (await api.get_me()).first_name


async def before_signing_in():
    async with connected("nobody") as api:
        assert await api.get_me() is None
        await refused(api(functions.updates.GetStateRequest()), errors.AuthKeyUnregisteredError)


async def sign_up():
    async with connected("new") as api:
        sent = await api.send_code_request(NOBODY)
        # The library knows that it has to, and will not: a raw call does.
        await refused(api.sign_in(NOBODY, code_of(NOBODY)), errors.PhoneNumberUnoccupiedError)
        await api(functions.auth.SignUpRequest(NOBODY, sent.phone_code_hash, "Tele", "Thon"))
        assert await name(api) == "Tele"


async def wrong_code():
    async with connected("ann") as api:
        await api.send_code_request(ANN)
        await refused(api.sign_in(ANN, "00000"), errors.PhoneCodeInvalidError)
        me = await api.sign_in(ANN, code_of(ANN))
        assert me.first_name == "Ann" and me.is_self


async def resume():
    async with connected("ann") as api:
        assert await api.is_user_authorized()
        assert await name(api) == "Ann"
        full = await api(functions.users.GetFullUserRequest("me"))
        assert full.users[0].phone == ANN[1:]


async def password():
    async with connected("bob") as api:
        await refused(sign_in(api, BOB), errors.SessionPasswordNeededError)
        await refused(api.sign_in(password="wrong"), errors.PasswordHashInvalidError)
        await api.sign_in(password=BOBS_PASSWORD)
        assert await name(api) == "Bob"


async def migration():
    async with connected("cleo") as api:
        await sign_in(api, CLEO)
        assert api.session.dc_id == 1
    async with connected("cleo") as api:
        assert await name(api) == "Cleo"


async def other_data_centre():
    async with connected("ann") as api:
        # What it does for files, without a file.
        sender = await api._borrow_exported_sender(3)
        (me,) = await sender.send(functions.users.GetUsersRequest([types.InputUserSelf()]))
        assert me.first_name == "Ann"
        await api._return_exported_sender(sender)


async def code_by_message():
    async with connected("ann") as api, connected("other") as other:
        await sign_in(other, ANN)
        (message,) = await api.get_messages(777000, limit=1)
        assert code_of(ANN) in message.text
        (dialog,) = await api.get_dialogs()
        assert dialog.entity.id == 777000


async def log_out():
    async with connected("ann") as api:
        assert await api.log_out()
    async with connected("ann") as api:
        assert await api.get_me() is None


def over(transport):
    async def story():
        session = transport.__name__
        async with connected(session, transport) as api:
            await sign_in(api, ANN)
        async with connected(session, transport) as api:
            assert await name(api) == "Ann"

    return story


tell(f"Telethon {telethon.__version__}", {
    "before signing in, get me is refused": before_signing_in,
    "sign-up": sign_up,
    "sign-in, with a wrong code first": wrong_code,
    "a saved session is signed in at once": resume,
    "a password, with a wrong one first": password,
    "a number that lives in another data centre": migration,
    "an authorization carried to another data centre": other_data_centre,
    "the code in a message to a device that is signed in": code_by_message,
    "log-out": log_out,
    "over abridged": over(connection.ConnectionTcpAbridged),
    "over intermediate": over(connection.ConnectionTcpIntermediate),
    "over obfuscated abridged": over(connection.ConnectionTcpObfuscated),
})
