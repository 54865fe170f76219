"""Two-step passwords: recovered, reset, with an e-mail address, and confirmed for a while."""
from instances import PASSWORD, READY, account, client, clients, known, refused, sign_in
from stories import control, mailed

MAILBOX = "owner@example.org"

phones = {}


def locked(name, last, **fields):
    """An account with a password and a mailbox to recover it, and an instance that is asked for the password."""
    phones[name] = account(last, password="forgotten", recovery_email=MAILBOX, **fields)
    return sign_in(name, phones[name], PASSWORD)


def recovered():
    api = locked("recovered", 401)
    api.call("requestAuthenticationPasswordRecovery")
    code = mailed(phones["recovered"])
    refused("CODE_INVALID", api, "recoverAuthenticationPassword", recovery_code="000000", new_password="", new_hint="")
    api.call("checkAuthenticationPasswordRecoveryCode", recovery_code=code)
    api.call("recoverAuthenticationPassword", recovery_code=code, new_password="new", new_hint="short")
    api.until(READY)
    assert api.call("getPasswordState")["password_hint"] == "short"
    assert known(phones["recovered"])["hint"] == "short"


def recovered_inside():
    api, phone = clients["recovered"], phones["recovered"]
    assert "@example.org" in api.call("requestPasswordRecovery")["email_address_pattern"]
    refused("CODE_INVALID", api, "checkPasswordRecoveryCode", recovery_code="000000")
    api.call("checkPasswordRecoveryCode", recovery_code=mailed(phone))
    state = api.call("recoverPassword", recovery_code=mailed(phone), new_password="", new_hint="")
    assert not state["has_password"] and not known(phone)["has_password"]


def with_mailbox():
    api, phone = clients["recovered"], phones["recovered"]
    wanted = dict(old_password="", new_password="one", new_hint="a number", set_recovery_email_address=True)
    state = api.call("setPassword", new_recovery_email_address="first@example.org", **wanted)
    assert state["recovery_email_address_code_info"]["email_address_pattern"] == "f***t@example.org", state
    assert not state["has_password"], state
    assert "recovery_email_address_code_info" not in api.call("cancelRecoveryEmailAddressVerification")
    assert not known(phone)["has_password"]

    api.call("setPassword", new_recovery_email_address="second@example.org", **wanted)
    # TDLib keeps CODE_INVALID to itself, and answers with the state.
    assert not api.call("checkRecoveryEmailAddressCode", code="000000")["has_password"]
    assert api.call("checkRecoveryEmailAddressCode", code=mailed(phone))["has_recovery_email_address"]
    assert known(phone)["has_password"] and known(phone)["recovery_email"] == "second@example.org"
    assert api.call("getRecoveryEmailAddress", password="one")["recovery_email_address"] == "second@example.org"


def temporary():
    api = clients["recovered"]
    refused("PASSWORD_HASH_INVALID", api, "createTemporaryPassword", password="wrong", valid_for=60)
    assert api.call("createTemporaryPassword", password="one", valid_for=60)["has_password"]
    assert api.call("getTemporaryPasswordState")["valid_for"] > 0


def reset():
    api = clients["recovered"]
    assert api.call("resetPassword")["@type"] == "resetPasswordResultPending"
    assert api.call("getPasswordState")["pending_reset_date"]
    api.call("cancelPasswordReset")
    assert not api.call("getPasswordState")["pending_reset_date"]

    # https://core.telegram.org/constructor/account.resetPasswordFailedWait
    for result in "Declined", "Pending", "Ok":
        assert api.call("resetPassword")["@type"] == "resetPasswordResult" + result
        control("POST", "/v1/clock/advance", by="168h")
    assert not known(phones["recovered"])["has_password"]


STORIES = {
    "a password recovered on the way in, and a new one": recovered,
    "a password recovered by a device that is signed in": recovered_inside,
    "a password with an e-mail address: taken back, then proven": with_mailbox,
    "a password confirmed for a while": temporary,
    "a password reset: cancelled, declined, and done after seven days": reset,
}
