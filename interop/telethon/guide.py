"""Telethon signs in to the emulator, and takes care of the account."""
import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "stories"))

import telethon
from telethon import TelegramClient, errors, functions, types
from telethon.crypto import rsa
from telethon.network import connection

from stories import ANN, APP, BOB, BOBS_PASSWORD, BOT, CLEO, DORA, EVE, EVES_PASSWORD, FOLDER, NOBODY, PUBLIC_KEYS
from stories import a_day_later, accept, address, code_of, mailed, refused, tell

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


async def qr_code():
    async with connected("ann") as ann, connected("qr") as api:
        code = await api.qr_login()
        stale = code.url
        await code.recreate()
        assert code.url != stale
        waiting = asyncio.create_task(code.wait(10))
        await asyncio.sleep(0)  # it has to wait before the code is read
        device = await ann(functions.auth.AcceptLoginTokenRequest(code.token))
        assert device.app_name and not device.current
        assert (await waiting).first_name == "Ann"
        await refused(ann(functions.auth.AcceptLoginTokenRequest(code.token)), errors.AuthTokenAlreadyAcceptedError)
    async with connected("qr") as api:
        assert await name(api) == "Ann"


async def qr_code_elsewhere():
    async with connected("eve") as api:
        code = await api.qr_login()
        waiting = asyncio.create_task(code.wait(10))
        await asyncio.sleep(0)
        accept(EVE, code.url)
        await refused(waiting, errors.SessionPasswordNeededError)
        assert api.session.dc_id == 1
        await api.sign_in(password=EVES_PASSWORD)
        assert await name(api) == "Eve"


async def bot():
    async with connected("bot") as api:
        await refused(api.sign_in(bot_token="7654321:wrong"), errors.AccessTokenInvalidError)
        me = await api.sign_in(bot_token=BOT)
        assert me.bot and str(me.id) == BOT.split(":")[0]
        assert api.session.dc_id == 1
    async with connected("bot") as api:
        assert await api.is_bot()
        await refused(api(functions.account.GetAuthorizationsRequest()), errors.BotMethodInvalidError)


async def password_changes():
    async with connected("dora") as api:
        await sign_in(api, DORA)
        assert await api.edit_2fa(new_password="one", hint="a number")
        await refused(api.edit_2fa("wrong", "two"), errors.PasswordHashInvalidError)
        assert await api.edit_2fa(
            "one", "two", hint="another", email="dora@example.org", email_code_callback=lambda length: mailed(DORA))
        password = await api(functions.account.GetPasswordRequest())
        assert password.has_password and password.has_recovery and password.hint == "another"
    async with connected("dora again") as api:
        await refused(sign_in(api, DORA), errors.SessionPasswordNeededError)
        await refused(api.sign_in(password="one"), errors.PasswordHashInvalidError)
        await api.sign_in(password="two")
        assert await api.edit_2fa("two")
        assert not (await api(functions.account.GetPasswordRequest())).has_password


async def forgotten_password():
    async with connected("eve again") as api:
        await refused(sign_in(api, EVE), errors.SessionPasswordNeededError)
        sent = await api(functions.auth.RequestPasswordRecoveryRequest())
        assert sent.email_pattern.endswith("@example.org")
        await refused(api(functions.auth.RecoverPasswordRequest("000000")), errors.CodeInvalidError)
        assert await api(functions.auth.CheckRecoveryPasswordRequest(mailed(EVE)))
        back = await api(functions.auth.RecoverPasswordRequest(mailed(EVE)))
        assert back.user.first_name == "Eve"
        assert not (await api(functions.account.GetPasswordRequest())).has_password


async def devices():
    async with connected("ann") as api, connected("qr") as newest:
        here, *others = (await api(functions.account.GetAuthorizationsRequest())).authorizations
        assert here.current and here.hash == 0 and len(others) == 2
        there = next(d for d in (await newest(functions.account.GetAuthorizationsRequest())).authorizations if not d.current)
        await refused(newest(functions.account.ResetAuthorizationRequest(there.hash)),
                      errors.FreshResetAuthorisationForbiddenError)
        a_day_later()
        assert await newest(functions.account.ResetAuthorizationRequest(others[0].hash))
        assert await api(functions.auth.ResetAuthorizationsRequest())
        (only,) = (await api(functions.account.GetAuthorizationsRequest())).authorizations
        assert only.current
    for gone in "qr", "other":
        async with connected(gone) as api:
            assert not await api.is_user_authorized()


async def another_number():
    number = "+9996620098"
    async with connected("new") as api:
        await refused(api(functions.account.SendChangePhoneCodeRequest(ANN, types.CodeSettings())),
                      errors.PhoneNumberOccupiedError)
        sent = await api(functions.account.SendChangePhoneCodeRequest(number, types.CodeSettings()))
        await refused(api(functions.account.ChangePhoneRequest(number, sent.phone_code_hash, "00000")),
                      errors.PhoneCodeInvalidError)
        me = await api(functions.account.ChangePhoneRequest(number, sent.phone_code_hash, code_of(number)))
        assert me.phone == number[1:]
        assert (await api.get_me()).phone == number[1:]


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
    "a QR code, read by another device": qr_code,
    "a QR code for an account elsewhere that has a password": qr_code_elsewhere,
    "a bot that lives in another data centre": bot,
    "a password set, changed with a mailbox, and removed": password_changes,
    "a forgotten password, recovered by e-mail": forgotten_password,
    "the account's devices, and how they are ended": devices,
    "another phone number": another_number,
    "log-out": log_out,
    "over abridged": over(connection.ConnectionTcpAbridged),
    "over intermediate": over(connection.ConnectionTcpIntermediate),
    "over obfuscated abridged": over(connection.ConnectionTcpObfuscated),
})
