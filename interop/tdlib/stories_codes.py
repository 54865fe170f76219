"""The ways in which codes come, and what may be asked for while one is awaited."""
import time

from instances import CODE, READY, account, client, clients, refused
from stories import code_of, control

SENT = {
    "app": "TelegramMessage",
    "sms": "Sms",
    "call": "Call",
    "flash_call": "FlashCall",
    "missed_call": "MissedCall",
    "fragment": "Fragment",
    "sms_word": "SmsWord",
    "sms_phrase": "SmsPhrase",
    "firebase": "Sms",  # TDLib takes Firebase on Android and iOS alone
}


def sent(phone):
    """The newest code to a number."""
    return control("GET", f"/v1/codes?phone={phone[1:]}")[-1]


def asked(api, last, *channels):
    """Asks for the code of a new account, which comes by the first channel."""
    phone = account(last, channels=list(channels))
    api.call("setAuthenticationPhoneNumber", phone_number=phone)
    info = api.update(lambda u: u["@type"] == "updateAuthorizationState" and phone[1:] in str(u))
    return phone, info["authorization_state"]


def kinds():
    api = client("kinds")
    for last, (channel, kind) in enumerate(SENT.items(), 301):
        phone, state = asked(api, last, channel, "call" if channel == "sms" else "sms")
        got = state["code_info"]["type"]
        assert got["@type"] == f"authenticationCodeType{kind}", f"{channel}: got {got}"
        if channel != "firebase":  # it is sent when the application has proven itself
            described(got, sent(phone))


def described(kind, code):
    """Wants what TDLib shows of a code to fit the code that was sent."""
    assert code["code"].startswith(kind.get("first_letter", "") or kind.get("first_word", "")), (kind, code)
    if "pattern" in kind:
        assert code["code"].startswith(kind["pattern"].rstrip("*")), (kind, code)
    elif "length" in kind:
        assert len(code["code"]) == kind["length"], (kind, code)


def entered(name, last, channel):
    """Signs in with a code that came that way."""
    api = client(name)
    phone, _ = asked(api, last, channel, "sms")
    refused("PHONE_CODE_INVALID", api, "checkAuthenticationCode", code="wrong")
    api.call("checkAuthenticationCode", code=sent(phone)["code"])
    api.until(READY)


def word():
    entered("word", 321, "sms_word")


def phrase():
    entered("phrase", 322, "sms_phrase")


def paid():
    api = client("paid")
    phone = account(323, channels=["payment", "sms"])
    api.call("setAuthenticationPhoneNumber", phone_number=phone)
    api.until("authorizationStateWaitPremiumPurchase")
    assert control("POST", f"/v1/users/{phone[1:]}/pay")["paid"] == 1
    api.until(CODE)
    api.call("checkAuthenticationCode", code=code_of(phone))
    api.until(READY)


def resent():
    api = clients["kinds"]
    phone, state = asked(api, 324, "sms", "call")
    refused("SEND_CODE_UNAVAILABLE", api, "resendAuthenticationCode", reason={"@type": "resendCodeReasonUserRequest"})
    control("POST", "/v1/clock/advance", seconds=state["code_info"]["timeout"])
    api.call("resendAuthenticationCode", reason={"@type": "resendCodeReasonUserRequest"})
    api.update(lambda u: phone[1:] in str(u) and "authenticationCodeTypeCall" in str(u))
    assert sent(phone)["channel"] == "call"


def reported():
    api, method = clients["kinds"], "auth.reportMissingCode"
    rule = control("POST", "/v1/rules", method=method, nth=1, do="gzip")["id"]
    asked(api, 325, "sms", "call")
    api.send("reportAuthenticationCodeMissing", mobile_network_code="01")  # TDLib never answers it
    for _ in range(100):
        if any(r["id"] == rule and r.get("fired") for r in control("GET", "/v1/rules")):
            break
        time.sleep(0.01)
    else:
        raise AssertionError(f"got no {method} in a second")
    control("DELETE", f"/v1/rules/{rule}")


STORIES = {
    "codes of all kinds": kinds,
    "a code that is a word": word,
    "a code that is a phrase": phrase,
    "a code that is paid for": paid,
    "a code sent again after a minute, no sooner": resent,
    "a missing code reported": reported,
}
