"""The ways to sign in, and what other devices and the password have to do with it."""
from instances import CLOSED, PASSWORD, QR, READY, REGISTRATION
from instances import client, clients, first_name, number, refused, sign_in
from stories import ANN, BOB, BOBS_PASSWORD, BOT, CLEO, DORA, EVE, EVES_PASSWORD, NOBODY
from stories import accept, code_of, control, mailed


def sign_up():
    api = sign_in("new", NOBODY, REGISTRATION)
    api.call("registerUser", first_name="T. D.", last_name="Lib")
    api.until(READY)
    assert first_name(api) == "T. D."
    assert control("GET", f"/v1/users/{NOBODY[1:]}")["last_name"] == "Lib"


def wrong_code():
    api = client("ann")
    refused("PHONE_NUMBER_INVALID", api, "setAuthenticationPhoneNumber", phone_number="+1")
    number(api, ANN)
    refused("PHONE_CODE_INVALID", api, "checkAuthenticationCode", code="00000")
    api.call("checkAuthenticationCode", code=code_of(ANN))
    api.until(READY)
    assert first_name(api) == "Ann"


def password():
    api = sign_in("bob", BOB, PASSWORD)
    refused("PASSWORD_HASH_INVALID", api, "checkAuthenticationPassword", password="wrong")
    api.call("checkAuthenticationPassword", password=BOBS_PASSWORD)
    api.until(READY)
    assert first_name(api) == "Bob"


def migration():
    api = sign_in("cleo", CLEO)
    assert first_name(api) == "Cleo"


def bot():
    api = client("bot")
    refused("ACCESS_TOKEN_INVALID", api, "checkAuthenticationBotToken", token="7654321:" + "A" * 35)
    api.call("checkAuthenticationBotToken", token=BOT)
    api.until(READY)
    assert api.call("getMe")["type"]["@type"] == "userTypeBot"


def code_by_message():
    sign_in("other", ANN)
    news = clients["ann"].update(lambda u: u["@type"] == "updateNewMessage" and code_of(ANN) in str(u))
    assert news["message"]["sender_id"]["user_id"] == 777000


def qr_code():
    api = client("qr")
    api.call("requestQrCodeAuthentication", other_user_ids=[])
    link = api.until(QR)["link"]
    session = clients["ann"].call("confirmQrCodeAuthentication", link=link)
    api.until(READY)
    assert session["@type"] == "session" and first_name(api) == "Ann"


def qr_code_elsewhere():
    api = client("qr elsewhere")
    api.call("requestQrCodeAuthentication", other_user_ids=[])
    accept(EVE, api.until(QR)["link"])
    api.until(PASSWORD)
    api.call("checkAuthenticationPassword", password=EVES_PASSWORD)
    api.until(READY)
    assert first_name(api) == "Eve"


def forgotten_password():
    api = sign_in("eve", EVE, PASSWORD)
    api.call("requestAuthenticationPasswordRecovery")
    refused("CODE_INVALID", api, "checkAuthenticationPasswordRecoveryCode", recovery_code="000000")
    api.call("checkAuthenticationPasswordRecoveryCode", recovery_code=mailed(EVE))
    api.call("recoverAuthenticationPassword", recovery_code=mailed(EVE), new_password="", new_hint="")
    api.until(READY)
    assert not api.call("getPasswordState")["has_password"]


def password_changes():
    api = sign_in("dora", DORA)
    assert api.call("setPassword", old_password="", new_password="one", new_hint="a number")["has_password"]
    refused("PASSWORD_HASH_INVALID", api, "setPassword", old_password="wrong", new_password="two")
    assert api.call("setPassword", old_password="one", new_password="two")["has_password"]
    assert not api.call("setPassword", old_password="two", new_password="")["has_password"]
    assert not control("GET", f"/v1/users/{DORA[1:]}")["has_password"]


def temporary_keys():
    api = sign_in("pfs", DORA, pfs=True)
    assert first_name(api) == "Dora"


def revoked():
    control("POST", "/v1/sessions/end", phone=CLEO, reason="revoked")
    clients["cleo"].until(CLOSED)


def log_out():
    clients["other"].call("logOut")
    clients["other"].until(CLOSED)


STORIES = {
    "sign-up": sign_up,
    "sign-in, with a wrong number and a wrong code first": wrong_code,
    "a password, with a wrong one first": password,
    "a number that lives in another data centre": migration,
    "a bot that lives in another data centre": bot,
    "the code in a message to a device that is signed in": code_by_message,
    "a QR code, read by another device": qr_code,
    "a QR code for an account elsewhere that has a password": qr_code_elsewhere,
    "a forgotten password, recovered by e-mail": forgotten_password,
    "a password set, changed and removed": password_changes,
    "temporary keys": temporary_keys,
    "a session that the account has ended": revoked,
    "log-out": log_out,
}
