"""QR codes read by a second instance of TDLib, and accounts that are new."""
from instances import CLOSED, PASSWORD, QR, READY, REGISTRATION
from instances import account, client, clients, first_name, known, refused, sign_in
from stories import CLEO

ASKED = "requestQrCodeAuthentication"


def shown(name):
    """A new instance that shows a QR code."""
    api = client(name)
    api.call(ASKED, other_user_ids=[])
    api.until(QR)
    return api


def read_at_home():
    owner = sign_in("owner", account(601))
    api = shown("home")
    link = api.state["link"]
    session = owner.call("confirmQrCodeAuthentication", link=link)
    api.until(READY)
    assert session["is_password_pending"] is False and first_name(api) == "User 601"
    refused("AUTH_TOKEN_ALREADY_ACCEPTED", owner, "confirmQrCodeAuthentication", link=link)


def read_elsewhere():
    owner = sign_in("cleo", CLEO)
    api = shown("elsewhere")
    owner.call("confirmQrCodeAuthentication", link=api.state["link"])
    api.until(READY)
    assert first_name(api) == "Cleo"


def read_with_password():
    owner = sign_in("locked", account(602, password="secret"), PASSWORD)
    owner.call("checkAuthenticationPassword", password="secret")
    owner.until(READY)
    api = shown("with password")
    session = owner.call("confirmQrCodeAuthentication", link=api.state["link"])
    assert session["is_password_pending"], session
    api.until(PASSWORD)
    refused("PASSWORD_HASH_INVALID", api, "checkAuthenticationPassword", password="wrong")
    api.call("checkAuthenticationPassword", password="secret")
    api.until(READY)
    assert first_name(api) == "User 602"
    owner.call("terminateSession", session_id=session["id"])
    api.until(CLOSED)


def renewed():
    api = shown("renewed")
    link = api.state["link"]
    api.update(lambda u: "tg://login" in str(u) and link not in str(u), patience=40)
    clients["owner"].call("confirmQrCodeAuthentication", link=api.state["link"])
    api.until(READY)


def registered():
    phone = "+9996620603"
    api = sign_in("registered", phone, REGISTRATION)
    assert api.state["terms_of_service"]["text"]["text"], api.state
    assert not known(phone)
    api.call("registerUser", first_name="New", last_name="User", disable_notification=True)
    api.until(READY)
    assert known(phone)["first_name"] == "New"


STORIES = {
    "a QR code read by a second instance": read_at_home,
    "a QR code read by an account elsewhere": read_elsewhere,
    "a QR code read by an account with a password": read_with_password,
    "an account registered, with terms of service": registered,
}

SLOW = {
    "a QR code renewed": renewed,
}
