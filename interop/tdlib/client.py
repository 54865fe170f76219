"""TDLib by ctypes: one library in the process, and clients of it that tell their
stories in the order in which TDLib's updates come.

https://core.telegram.org/tdlib/getting-started#using-json-interface
"""
import ctypes
import json
import os
import queue
import re
import threading
import time

# Seconds for one step of TDLib's, whose own timers take up to a minute.
PATIENCE = 100 if os.environ.get("SLOW") == "1" else 20


class Refused(Exception):
    """An error that TDLib answers."""

    def __init__(self, error):
        super().__init__(f"{error['code']} {error['message']}")
        self.code, self.message = error["code"], error["message"]


# What TDLib writes of an answer, an update and a packet that it cannot read.
# https://github.com/tdlib/td/blob/master/td/telegram/net/NetQuery.h
# https://github.com/tdlib/td/blob/master/td/telegram/Td.cpp
UNREAD = re.compile(r"[Cc]an't parse|Failed to (parse|fetch update|uncompress)|Wrong constructor|Receive unknown")


def unread(text):
    """Lines of a log that say that TDLib could not read something."""
    return [line for line in text.splitlines() if UNREAD.search(line)]


class Library:
    """A patched libtdjson. Its log, at level 2, is kept for the check of each story."""

    def __init__(self, path, log):
        self.c = ctypes.CDLL(str(path))
        self.c.td_create_client_id.restype = ctypes.c_int
        self.c.td_send.argtypes = ctypes.c_int, ctypes.c_char_p
        self.c.td_receive.argtypes, self.c.td_receive.restype = (ctypes.c_double,), ctypes.c_char_p
        self.c.td_execute.argtypes, self.c.td_execute.restype = (ctypes.c_char_p,), ctypes.c_char_p
        self.log, self.checked, self.clients = log, 0, {}
        stream = {"@type": "logStreamFile", "path": str(log), "max_file_size": 1 << 28, "redirect_stderr": False}
        self.execute({"@type": "setLogStream", "log_stream": stream})
        self.execute({"@type": "setLogVerbosityLevel", "new_verbosity_level": 2})
        threading.Thread(target=self.receive, daemon=True).start()

    def execute(self, request):
        result = json.loads(self.c.td_execute(json.dumps(request).encode()))
        if result["@type"] == "error":
            raise Refused(result)
        return result

    def option(self, name):
        return self.execute({"@type": "getOption", "name": name})["value"]

    def receive(self):
        """Hands each answer and update to its client."""
        while True:
            text = self.c.td_receive(1.0)
            if text:
                answer = json.loads(text)
                self.clients[answer["@client_id"]].arrived.put(answer)

    def unread(self):
        """Lines of the log, since the last call, that say that TDLib could not read an answer."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        begin, self.checked = self.checked, len(text)
        return unread(text[begin:])


class Client:
    """One instance of TDLib, with a folder of its own."""

    def __init__(self, library, folder, test=False, pfs=False):
        self.library, self.arrived, self.last = library, queue.Queue(), 0
        self.answers, self.updates, self.state, self.connection = {}, [], {"@type": "none"}, ""
        self.id = library.c.td_create_client_id()
        library.clients[self.id] = self
        if pfs:
            # It is answered when the parameters are there.
            self.send("setOption", name="use_pfs", value={"@type": "optionValueBoolean", "value": True})
        # Without it TDLib opens three connections in eight seconds at most.
        self.send("setOption", name="online", value={"@type": "optionValueBoolean", "value": True})
        self.call(
            "setTdlibParameters", use_test_dc=test, database_directory=str(folder), files_directory=str(folder),
            api_id=12345, api_hash="0123456789abcdef0123456789abcdef", system_language_code="en",
            device_model="interop", application_version="1")

    def send(self, method, **fields):
        self.last += 1
        request = {"@type": method, "@extra": self.last, **fields}
        self.library.c.td_send(self.id, json.dumps(request).encode())
        return self.last

    def step(self, deadline, waiting):
        """Takes one answer or update."""
        try:
            answer = self.arrived.get(timeout=max(0, deadline - time.monotonic()))
        except queue.Empty:
            raise AssertionError(f"got nothing more in the state {self.state['@type']}, "
                                 f"connection {self.connection}, want {waiting}") from None
        if "@extra" in answer:
            self.answers[answer["@extra"]] = answer
            return
        self.updates.append(answer)
        if answer["@type"] == "updateAuthorizationState":
            self.state = answer["authorization_state"]
        if answer["@type"] == "updateConnectionState":
            self.connection = answer["state"]["@type"]

    def result(self, number, patience=PATIENCE):
        deadline = time.monotonic() + patience
        while number not in self.answers:
            self.step(deadline, f"an answer to request {number}")
        answer = self.answers.pop(number)
        if answer["@type"] == "error":
            raise Refused(answer)
        return answer

    def call(self, method, patience=PATIENCE, **fields):
        return self.result(self.send(method, **fields), patience)

    def until(self, *states, patience=PATIENCE):
        """Waits for one of these authorization states."""
        deadline = time.monotonic() + patience
        while self.state["@type"] not in states:
            self.step(deadline, " or ".join(states))
        return self.state

    def close(self):
        """Closes the instance, whose folder another may then open."""
        self.call("close")
        self.until("authorizationStateClosed")

    def ready(self):
        """Waits until the connection is, without which a passkey's request has no key."""
        deadline = time.monotonic() + PATIENCE
        while self.connection != "connectionStateReady":
            self.step(deadline, "connectionStateReady")

    def update(self, wanted, patience=PATIENCE):
        """Waits for an update that is as wanted, and takes it."""
        deadline = time.monotonic() + patience
        while True:
            for i, update in enumerate(self.updates):
                if wanted(update):
                    return self.updates.pop(i)
            self.step(deadline, "an update")
