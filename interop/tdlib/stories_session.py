"""What becomes of a login: resumed, listed, ended, frozen, and disturbed on its way."""
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from client import Refused
from instances import CLOSED, CODE, PASSWORD, READY
from instances import LIBRARY, client, clients, first_name, number, refused, reopen, sign_in
from stories import ANN, BOB, BOBS_PASSWORD, DORA
from stories import a_day_later, code_of, control


def account(last, **fields):
    """A new account, whose number ends like that."""
    phone = f"+99966200{last}"
    control("POST", "/v1/users", phone=phone, dc=2, first_name=f"User {last}", **fields)
    return phone


def elsewhere(name):
    """What another process finds in an instance's folder."""
    command = [sys.executable, str(Path(__file__).parent / "resume.py"), *sys.argv[1:4], name]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout.strip()


def resume_code():
    number(client("ann"), ANN)
    clients["ann"].close()
    assert elsewhere("ann") == CODE
    api = reopen("ann")
    api.until(CODE)
    api.call("checkAuthenticationCode", code=code_of(ANN))
    api.until(READY)


def resume_password():
    api = sign_in("bob", BOB, PASSWORD)
    api.close()
    assert elsewhere("bob") == PASSWORD
    api = reopen("bob")
    assert api.until(PASSWORD, READY)["password_hint"] == "a staple"
    api.call("checkAuthenticationPassword", password=BOBS_PASSWORD)
    api.until(READY)


def resume_ready():
    clients["ann"].close()
    assert elsewhere("ann") == f"{READY} Ann"
    assert first_name(reopen("ann")) == "Ann"


def sessions():
    ann = clients["ann"]
    ann.until(READY)
    sign_in("second", ANN)
    new = ann.update(lambda u: u["@type"] == "updateUnconfirmedSession" and u["session"])["session"]["type"]["session_id"]
    found = ann.call("getActiveSessions")["sessions"]
    assert [s["id"] for s in found if s["is_unconfirmed"]] == [new], found
    ann.call("confirmSession", session_id=new)
    a_day_later()
    third = sign_in("third", ANN)
    found = ann.call("getActiveSessions")["sessions"]
    assert len(found) == 3 and not any(s["is_unconfirmed"] for s in found if s["id"] == new), found
    unknown, = [s["id"] for s in found if s["is_unconfirmed"]]
    refused("FRESH_RESET_AUTHORISATION_FORBIDDEN", third, "terminateAllOtherSessions")
    ann.call("terminateSession", session_id=unknown)
    third.until(CLOSED)
    ann.call("terminateAllOtherSessions")
    clients["second"].until(CLOSED)
    assert len(ann.call("getActiveSessions")["sessions"]) == 1


def lifetimes():
    ann = clients["ann"]
    ann.call("setInactiveSessionTtl", inactive_session_ttl_days=90)
    assert ann.call("getActiveSessions")["inactive_session_ttl_days"] == 90
    ann.call("setAccountTtl", ttl={"@type": "accountTtl", "days": 180})
    assert ann.call("getAccountTtl")["days"] == 180


def websites():
    ann = clients["ann"]
    for domain in "one.example.org", "two.example.org", "three.example.org":
        control("POST", "/v1/weblogins", phone=ANN, domain=domain, browser="Firefox", platform="Linux")
    found = ann.call("getConnectedWebsites")["websites"]
    assert sorted(w["domain_name"] for w in found) == ["one.example.org", "three.example.org", "two.example.org"], found
    ann.call("disconnectWebsite", website_id=found[0]["id"])
    assert len(ann.call("getConnectedWebsites")["websites"]) == 2
    ann.call("disconnectAllWebsites")
    assert not ann.call("getConnectedWebsites")["websites"]


def log_out_early():
    api = client("nobody")
    api.call("logOut")
    api.until(CLOSED)
    api = client("halfway")
    number(api, DORA)
    api.call("logOut")
    api.until(CLOSED)


def future_token():
    api = sign_in("dora", DORA)
    api.call("logOut")
    api.until(CLOSED)
    token = api.update(lambda u: u["@type"] == "updateOption" and u["name"] == "authentication_token")["value"]["value"]
    api = client("dora again")
    api.call("setAuthenticationPhoneNumber", phone_number=DORA, settings={
        "@type": "phoneNumberAuthenticationSettings", "authentication_tokens": [token]})
    api.until(READY)
    assert first_name(api) == "Dora"


def ended(reason, last):
    def story():
        phone = account(last)
        api = sign_in(reason, phone)
        control("POST", "/v1/sessions/end", phone=phone, reason=reason)
        api.send("getActiveSessions")
        api.until(CLOSED)
    return story


def frozen():
    phone = account("30")
    api = sign_in("frozen", phone)
    # TDLib asks for it again when a call is refused, but not while it asks already.
    api.call("getApplicationConfig")
    control("PATCH", f"/v1/users/{phone[1:]}", frozen={"until": "2037-01-01T00:00:00Z", "appeal_url": "https://t.me/SpamBot"})
    refused("FROZEN_METHOD_INVALID", api, "setAccountTtl", ttl={"@type": "accountTtl", "days": 180})
    news = api.update(lambda u: u["@type"] == "updateFreezeState" and u["is_frozen"])
    assert news["appeal_link"] == "https://t.me/SpamBot" and news["deletion_date"] == 2114380800, news


@contextmanager
def rule(fires, **fields):
    """A rule that the emulator obeys meanwhile, so often at least."""
    control("POST", "/v1/rules", **fields)
    yield
    fired = control("GET", "/v1/rules")[0].get("fired", 0)
    assert fired >= fires, f"the rule fired {fired} times, want {fires}"
    control("DELETE", "/v1/rules")


def disturbed(name, last, fires=1, **fields):
    """A rule about the first calls of auth.sendCode, under which a login succeeds."""
    def story():
        phone = account(last)
        with rule(fires, method="auth.sendCode", phone=phone, **fields):
            sign_in(name, phone)
    return story


def every_answer_packed():
    with rule(3, method="*", do="gzip"):
        assert first_name(sign_in("gzip", account("40"))) == "User 40"


def salt_in_container():
    """TDLib forgets a container at its first answer, so none may have come when it is refused."""
    ann = clients["ann"]
    with rule(1, method="account.getAccountTTL", nth=1, do="bad_salt"):
        asked = [ann.send(method) for method in ("getActiveSessions", "getAccountTtl", "getConnectedWebsites")]
        assert [ann.result(n)["@type"] for n in asked] == ["sessions", "accountTtl", "connectedWebsites"]


def unreadable():
    """The check of TDLib's log, which follows every story, finds what it is for."""
    with rule(1, method="account.getAccountTTL", nth=1, do="unknown_constructor"):
        try:
            answer = clients["ann"].call("getAccountTtl")
        except Refused as error:
            assert "Wrong constructor" in error.message, error
        else:
            raise AssertionError(f"got {answer}, want an error")
    assert LIBRARY.unread(), "the log does not show an answer that TDLib could not read"


def service_account():
    """TDLib asks for it by itself; the check of its log follows every story."""
    api = clients["ann"]
    info = api.call("getUserFullInfo", user_id=777000)
    assert info["@type"] == "userFullInfo", info


def forgotten_key():
    """TDLib gives no key up that is younger than a minute, and then ends what waits for it."""
    phone = account("48")
    api = client("key")
    with rule(1, method="auth.sendCode", phone=phone, nth=1, do="forget_key"):
        refused("Unauthorized", api, "setAuthenticationPhoneNumber", phone_number=phone)
    api.until(CLOSED)
    sign_in("another key", phone)


def lost(do, when):
    """A call of a session that is signed in, whose answer does not come."""
    def story():
        with rule(1, method="account.getAccountTTL", nth=1, do=do, when=when):
            assert clients["ann"].call("getAccountTtl")["days"] == 180
    return story


# Told with SLOW=1 alone: each takes a minute.
SLOW = {
    "a call that is lost": lost("drop", "before"),
    "an answer that is lost": lost("drop", "after"),
    "a key that the server forgets": forgotten_key,
}

STORIES = {
    "a login resumed that waits for the code, in another process too": resume_code,
    "a login resumed that waits for the password, in another process too": resume_password,
    "a session resumed, in another process too": resume_ready,
    "sessions listed, confirmed and ended, one and all": sessions,
    "how long sessions and the account live unused": lifetimes,
    "websites listed and disconnected": websites,
    "log-out before a login and halfway": log_out_early,
    "a login without a code by the token of a log-out": future_token,
    "a session that has expired": ended("expired", "21"),
    "a session that the server does not know": ended("unregistered", "22"),
    "an account that is banned": ended("banned", "23"),
    "an account that is deleted": ended("deleted", "24"),
    "a key that is used twice": ended("duplicated", "25"),
    "an account that is frozen": frozen,
    "a flood wait of 3 s": disturbed("flood", "41", nth=1, do="error", code=420, message="FLOOD_WAIT_3"),
    "the connection cut four times": disturbed("cut", "42", fires=4, **{"from": 1}, times=4, do="cut", when="before"),
    "a transport error": disturbed("transport", "43", nth=1, do="transport_error", code=-429),
    "an answer that is late": disturbed("delay", "44", nth=1, do="delay", delay="400ms"),
    "a salt that is not the server's": disturbed("salt", "45", nth=1, do="bad_salt"),
    "a salt that is not the server's, in a container": salt_in_container,
    "a call before the login that is lost": disturbed("drop", "46", nth=1, do="drop", when="before"),
    "sessions that the server forgets": disturbed("forgotten", "47", nth=1, do="forget_session", when="before"),
    "a session that the server forgets before a call": lost("forget_session", "before"),
    "a session that the server forgets after a call": lost("forget_session", "after"),
    "every answer packed": every_answer_packed,
    "an answer of an unknown type": unreadable,
    "the full information of Telegram's own account": service_account,
}
