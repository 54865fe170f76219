"""Accounts: a bot's, one that a web page opens, its number, and its end."""
from instances import CLOSED, CODE, PASSWORD, READY
from instances import account, client, clients, first_name, known, refused, sign_in
from stories import BOT, code_of, control


def bot_at_home():
    bot = control("POST", "/v1/bots", name="Near", dc=2)
    api = client("bot")
    refused("ACCESS_TOKEN_INVALID", api, "checkAuthenticationBotToken", token=BOT[:-1] + "x")
    api.call("checkAuthenticationBotToken", token=bot["token"])
    api.until(READY)
    assert api.call("getMe")["id"] == bot["id"]


def web_token():
    phone = account(501, dc=1)
    api = client("web")
    token = control("POST", "/v1/webtokens", phone=phone)["token"]
    refused("AUTH_TOKEN_INVALID", api, "checkAuthenticationWebToken", token="wrong", dc_id=1)
    api.call("checkAuthenticationWebToken", token=token, dc_id=1)
    api.until(READY)
    assert first_name(api) == "User 501"


def number_changed():
    old, new = account(502), "+9996620503"
    api = sign_in("number", old)
    api.call("sendPhoneNumberCode", phone_number=new, type={"@type": "phoneNumberCodeTypeChange"})
    refused("PHONE_CODE_INVALID", api, "checkPhoneNumberCode", code="00000")
    api.call("checkPhoneNumberCode", code=code_of(new))
    assert api.call("getMe")["phone_number"] == new[1:]
    assert not known(old) and known(new)["first_name"] == "User 502"


def ends(api, phone, **fields):
    api.call("deleteAccount", reason="for a test", **fields)
    api.until(CLOSED)
    assert not known(phone)


def deleted():
    ends(clients["number"], "+9996620503", password="")


def opened(name, phone):
    """An instance of an account that has a password."""
    api = sign_in(name, phone, PASSWORD)
    api.call("checkAuthenticationPassword", password="secret")
    api.until(READY)
    return api


def deleted_with_password():
    phone = account(504, password="secret")
    api = opened("deleted", phone)
    refused("PASSWORD_HASH_INVALID", api, "deleteAccount", reason="for a test", password="wrong")
    ends(api, phone, password="secret")


def deleted_halfway():
    phone = account(505, password="secret")
    ends(sign_in("halfway", phone, PASSWORD), phone, password="")


def deleted_later():
    phone = account(506, password="secret")
    owner = opened("owner", phone)
    control("POST", "/v1/clock/advance", by="168h")
    owner.call("getActiveSessions")
    api = sign_in("later", phone, PASSWORD)
    # TDLib has words of its own for 420 2FA_CONFIRM_WAIT_604800.
    refused("Too Many Requests: retry after 604800", api, "deleteAccount", reason="for a test", password="")
    assert known(phone)
    control("POST", "/v1/clock/advance", by="168h")
    ends(api, phone, password="")
    owner.until(CLOSED)


STORIES = {
    "a bot that lives in the second data centre": bot_at_home,
    "a web token of an account elsewhere": web_token,
    "a number changed": number_changed,
    "an account deleted": deleted,
    "an account with a password deleted": deleted_with_password,
    "an account deleted whose password is forgotten": deleted_halfway,
    "an account deleted a week later, since its owner uses it": deleted_later,
}
