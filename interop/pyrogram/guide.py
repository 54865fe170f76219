"""Pyrogram, or a fork of it, signs in to the emulator, and takes care of the account.

The forks' own folders say which of them, and nothing else.
"""
import asyncio
import base64
import hashlib
import inspect
import sys
from contextlib import asynccontextmanager
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

sys.path.append(str(Path(__file__).parent.parent / "stories"))

from stories import (
    ANN, APP, BOB, BOBS_HINT, BOBS_PASSWORD, BOT, CLEO, DORA, EVE, EVES_PASSWORD, FOLDER, NOBODY, PUBLIC_KEYS)
from stories import accept, address, code_of, mailed, refused, tell

package = "hydrogram" if find_spec("hydrogram") else "pyrogram"
gram = import_module(package)
rsa = import_module(package + ".crypto.rsa")
connection = import_module(package + ".connection.connection")
tcp = import_module(package + ".connection.transport.tcp")
errors, functions, types = gram.errors, gram.raw.functions, gram.raw.types

(distribution,) = metadata.packages_distributions()[package]
fork = f"{distribution} {metadata.version(distribution)}"


def read_key(pem):
    """The modulus of a PKCS #1 key; the exponent is 65537. What stands in front
    of it: two bytes and a length in two more, for the sequence and the number."""
    der = base64.b64decode("".join(pem.split("-----")[2].split()))
    return int.from_bytes(der[8:8 + int.from_bytes(der[6:8], "big")], "big")


def fingerprint(n):
    # Both numbers as TL strings: a long one, and one of three bytes.
    text = b"\xfe\x00\x01\x00" + n.to_bytes(256, "big") + b"\x03\x01\x00\x01"
    return int.from_bytes(hashlib.sha1(text).digest()[-8:], "little", signed=True)


for key in PUBLIC_KEYS:
    n = read_key(key)
    rsa.server_public_keys[fingerprint(n)] = rsa.PublicKey(n, 65537)


def local(transport):
    """The transport, with the emulator where Telegram's data centre 2 would be.
    The addresses of the others come from help.getConfig."""

    class Local(transport):
        async def connect(self, to):
            await super().connect(address(2) if to == ("149.154.167.51", 443) else to)

    return Local


def client(session, transport=tcp.TCPAbridged):
    options = {}
    if hasattr(connection, "DataCenter"):
        # One table of addresses is compiled into most of them.
        connection.DataCenter = lambda dc, *_: address(dc)
    else:
        transport = local(transport)
    if "protocol_factory" in inspect.signature(gram.Client).parameters:
        options["protocol_factory"] = transport
    else:
        connection.TCPAbridged = transport
    return gram.Client(session, *APP, workdir=str(FOLDER), **options)


@asynccontextmanager
async def connected(session, **options):
    """A client that is connected and may not be signed in."""
    api = client(session, **options)
    await api.connect()
    try:
        yield api
    finally:
        await api.disconnect()


async def sign_in(api, phone):
    sent = await api.send_code(phone)
    return await api.sign_in(phone, sent.phone_code_hash, code_of(phone))


async def name(api):
    full = await api.invoke(functions.users.GetFullUser(id=types.InputUserSelf()))
    return full.users[0].first_name


async def resumed(session, want, **options):
    async with client(session, **options) as api:
        me = await api.get_me()
        assert me.first_name == want and me.is_self


async def before_signing_in():
    async with connected("nobody") as api:
        await refused(name(api), errors.AuthKeyUnregistered)


async def sign_up():
    async with connected("new") as api:
        sent = await api.send_code(NOBODY)
        if hasattr(api, "sign_up"):
            terms = await api.sign_in(NOBODY, sent.phone_code_hash, code_of(NOBODY))
            await api.sign_up(NOBODY, sent.phone_code_hash, "Pyro", "Gram")
            assert await api.accept_terms_of_service(terms.id)
        else:
            # Pyrofork knows that it has to, and will not: a raw call does.
            await refused(api.sign_in(NOBODY, sent.phone_code_hash, code_of(NOBODY)), errors.PhoneNumberUnoccupied)
            await api.invoke(functions.auth.SignUp(
                phone_number=NOBODY, phone_code_hash=sent.phone_code_hash, first_name="Pyro", last_name="Gram"))
        assert await name(api) == "Pyro"


async def wrong_code():
    async with connected("ann") as api:
        sent = await api.send_code(ANN)
        await refused(api.sign_in(ANN, sent.phone_code_hash, "00000"), errors.PhoneCodeInvalid)
        me = await api.sign_in(ANN, sent.phone_code_hash, code_of(ANN))
        assert me.first_name == "Ann" and me.is_self


async def resume():
    await resumed("ann", "Ann")


async def password():
    async with connected("bob") as api:
        await refused(sign_in(api, BOB), errors.SessionPasswordNeeded)
        assert await api.get_password_hint() == BOBS_HINT
        await refused(api.check_password("wrong"), errors.PasswordHashInvalid)
        me = await api.check_password(BOBS_PASSWORD)
        assert me.first_name == "Bob"
    await resumed("bob", "Bob")


async def migration():
    async with connected("cleo") as api:
        await sign_in(api, CLEO)
        assert await api.storage.dc_id() == 1
    await resumed("cleo", "Cleo")


async def code_by_message():
    async with client("ann") as api, connected("other") as other:
        await sign_in(other, ANN)
        (message,) = [m async for m in api.get_chat_history(777000, limit=1)]
        assert code_of(ANN) in message.text
        (dialog,) = [d async for d in api.get_dialogs()]
        assert dialog.chat.id == 777000


class Shown:
    """What the library would draw on the terminal: the last QR code."""

    def __init__(self, **_): pass
    def add_data(self, url): Shown.url = url
    def make(self, **_): pass
    def print_ascii(self): pass


async def by_qr_code(api, phone):
    """The library's own way, and another device reads what it shows."""
    if hasattr(api, "sign_in_qrcode"):  # asked once, and again when the code was read
        await api.sign_in_qrcode()
        accept(phone, Shown.url)
        return await api.sign_in_qrcode()
    code = import_module(package + ".qrlogin").QRLogin(api)
    await code.recreate()
    waiting = asyncio.create_task(code.wait(10))
    await asyncio.sleep(0.3)  # it has to wait before the code is read
    accept(phone, code.url)
    return await waiting


async def qr_code():
    async with connected("qr") as api:
        me = await by_qr_code(api, ANN)
        assert me.first_name == "Ann" and me.is_self
    await resumed("qr", "Ann")


async def qr_code_elsewhere():
    async with connected("eve") as api:
        await refused(by_qr_code(api, EVE), errors.SessionPasswordNeeded)
        assert await api.storage.dc_id() == 1
        me = await api.check_password(EVES_PASSWORD)
        assert me.first_name == "Eve"
    await resumed("eve", "Eve")


async def bot():
    async with connected("bot") as api:
        await refused(api.sign_in_bot("7654321:wrong"), errors.AccessTokenInvalid)
        me = await api.sign_in_bot(BOT)
        assert me.is_bot and str(me.id) == BOT.split(":")[0]
        assert await api.storage.dc_id() == 1
        await refused(api.invoke(functions.account.GetAuthorizations()), errors.BotMethodInvalid)


async def password_changes():
    async with connected("dora") as api:
        await sign_in(api, DORA)
        # It leaves the code to its caller.
        await refused(api.enable_cloud_password("one", hint="a number", email="dora@example.org"), errors.BadRequest)
        assert await api.invoke(functions.account.ConfirmPasswordEmail(code=mailed(DORA)))
        await refused(api.change_cloud_password("wrong", "two"), errors.PasswordHashInvalid)
        assert await api.change_cloud_password("one", "two", new_hint="another")
        password = await api.invoke(functions.account.GetPassword())
        assert password.has_password and password.has_recovery and password.hint == "another"
    async with connected("dora again") as api:
        await refused(sign_in(api, DORA), errors.SessionPasswordNeeded)
        await refused(api.check_password("one"), errors.PasswordHashInvalid)
        await api.check_password("two")
        assert await api.remove_cloud_password("two")
        assert not (await api.invoke(functions.account.GetPassword())).has_password


async def forgotten_password():
    async with connected("eve again") as api:
        await refused(sign_in(api, EVE), errors.SessionPasswordNeeded)
        assert (await api.send_recovery_code()).endswith("@example.org")
        await refused(api.recover_password("000000"), errors.CodeInvalid)
        me = await api.recover_password(mailed(EVE))
        assert me.first_name == "Eve"
        assert not (await api.invoke(functions.account.GetPassword())).has_password


async def devices():
    async with client("ann") as api, client("other") as newest:
        here, *others = (await api.invoke(functions.account.GetAuthorizations())).authorizations
        assert here.current and here.hash == 0 and others
        await refused(newest.invoke(functions.auth.ResetAuthorizations()), errors.FreshResetAuthorisationForbidden)
        if hasattr(api, "reset_session"):
            sessions = (await api.get_active_sessions()).active_sessions
            for gone in [s for s in sessions if not s.is_current]:
                assert await api.reset_session(gone.id)
        else:
            assert await api.invoke(functions.auth.ResetAuthorizations())
        (only,) = (await api.invoke(functions.account.GetAuthorizations())).authorizations
        assert only.current
        await refused(name(newest), errors.Unauthorized)


async def log_out():
    async with client("ann") as api:
        assert (await api.invoke(functions.auth.LogOut())) is not None
        await refused(name(api), errors.AuthKeyUnregistered)


def over(transport):
    async def story():
        async with connected(transport.__name__, transport=transport) as api:
            await sign_in(api, ANN)
        await resumed(transport.__name__, "Ann", transport=transport)

    return story


transports = {
    "over intermediate": "TCPIntermediate",
    "over full": "TCPFull",
    "over padded intermediate": "TCPIntermediatePadded",
    "over obfuscated abridged": "TCPAbridgedO",
    "over obfuscated intermediate": "TCPIntermediateO",
}
showing_codes = {}
if hasattr(gram.Client, "sign_in_qrcode"):
    # What it draws with is no part of it.
    sys.modules["qrcode"] = drawing = ModuleType("qrcode")
    drawing.QRCode, drawing.constants = Shown, ModuleType("constants")
    drawing.constants.ERROR_CORRECT_L = 1
if hasattr(gram.Client, "sign_in_qrcode") or find_spec(package + ".qrlogin"):
    showing_codes = {
        "a QR code, read by another device": qr_code,
        "a QR code for an account elsewhere that has a password": qr_code_elsewhere,
    }
tell(fork, {
    "before signing in, get me is refused": before_signing_in,
    "sign-up": sign_up,
    "sign-in, with a wrong code first": wrong_code,
    "a saved session is signed in at once": resume,
    "a password, with a wrong one first": password,
    "a number that lives in another data centre": migration,
    "the code in a message to a device that is signed in": code_by_message,
    **showing_codes,
    "a bot that lives in another data centre": bot,
    "a password set with a mailbox, changed, and removed": password_changes,
    "a forgotten password, recovered by e-mail": forgotten_password,
    "the account's devices, and how they are ended": devices,
    "log-out": log_out,
    **{how: over(getattr(tcp, name)) for how, name in transports.items() if hasattr(tcp, name)},
})
