"""E-mail addresses that login codes go to: set up, used, changed, and reset."""
from instances import CODE, READY, account, client, clients, known, refused
from stories import code_of, control, mailed

ADDRESS, MAIL = "authorizationStateWaitEmailAddress", "authorizationStateWaitEmailCode"
FIRST, SECOND = "first@example.org", "second@example.org"

phones = {}


def by_mail(code):
    return {"@type": "emailAddressAuthenticationCode", "code": code}


def asked(name, phone, state=MAIL):
    """An instance that was asked for the code that went to the mailbox."""
    api = client(name)
    api.call("setAuthenticationPhoneNumber", phone_number=phone)
    api.until(state)
    return api


def set_up():
    phone = phones["owner"] = account(201, channels=["email_setup"])
    api = asked("owner", phone, ADDRESS)
    refused("EMAIL_INVALID", api, "setAuthenticationEmailAddress", email_address="nowhere")
    api.call("setAuthenticationEmailAddress", email_address=FIRST)
    assert api.until(MAIL)["code_info"]["email_address_pattern"].endswith("@example.org")
    refused("CODE_INVALID", api, "checkAuthenticationEmailCode", code=by_mail("000000"))
    proof = mailed(phone)
    api.call("checkAuthenticationEmailCode", code=by_mail(proof))
    assert mailed(phone) != proof, "no second code was sent"
    api.call("checkAuthenticationEmailCode", code=by_mail(mailed(phone)))
    api.until(READY)
    assert known(phone)["login_email"] == FIRST


def changed():
    api, phone = clients["owner"], phones["owner"]
    assert api.call("getPasswordState")["login_email_address_pattern"]
    api.call("setLoginEmailAddress", new_login_email_address=SECOND)
    refused("CODE_INVALID", api, "checkLoginEmailAddressCode", code=by_mail("000000"))
    api.call("checkLoginEmailAddressCode", code=by_mail(mailed(phone)))
    assert known(phone)["login_email"] == SECOND


def code_by_mail():
    phone = account(202, login_email=FIRST)
    api = asked("by mail", phone)
    refused("PHONE_CODE_INVALID", api, "checkAuthenticationEmailCode", code=by_mail("000000"))
    api.call("checkAuthenticationEmailCode", code=by_mail(mailed(phone)))
    api.until(READY)


def google_token():
    api = asked("google", account(203, login_email=FIRST))
    api.call("checkAuthenticationEmailCode", code={"@type": "emailAddressAuthenticationGoogleId", "token": f"google:{FIRST}"})
    api.until(READY)


def reset():
    phone = account(204, login_email=FIRST)
    api = asked("reset", phone)
    assert api.state["email_address_reset_state"]["wait_period"] == 7 * 86400, api.state
    api.call("resetAuthenticationEmailAddress")
    api.update(lambda u: "emailAddressResetStatePending" in str(u))
    assert api.state["email_address_reset_state"]["reset_in"] > 6 * 86400, api.state
    refused("TASK_ALREADY_EXISTS", api, "resetAuthenticationEmailAddress")
    assert known(phone)["login_email"] == FIRST
    control("POST", "/v1/clock/advance", by="168h")
    api.call("setAuthenticationPhoneNumber", phone_number=phone)
    api.until(CODE)
    api.call("checkAuthenticationCode", code=code_of(phone))
    api.until(READY)
    assert "login_email" not in known(phone)


def reset_at_once():
    phone = account(205, login_email=FIRST, premium=True)
    api = asked("premium", phone)
    api.call("resetAuthenticationEmailAddress")
    api.until(CODE)
    api.call("checkAuthenticationCode", code=code_of(phone))
    api.until(READY)
    assert "login_email" not in known(phone)


STORIES = {
    "a login e-mail set up on the way in, and the code that goes there": set_up,
    "a login e-mail changed": changed,
    "a code by mail, with a wrong one first": code_by_mail,
    "Google's word in place of a code by mail": google_token,
    "a login e-mail reset after seven days": reset,
    "a login e-mail reset at once": reset_at_once,
}
