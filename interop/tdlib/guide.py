"""TDLib, patched by telekey tdlib patch, signs in to the emulator.

    python guide.py NETWORK_FILE FOLDER LIBRARY STORIES...

STORIES is the name of a module here, which has a dictionary STORIES of functions, and
one SLOW of those that wait for TDLib's own timers and are told with SLOW=1 alone. The
stories of a module use each other's instances; another module's have an emulator of
their own.
"""
import importlib
import os
import sys
import traceback

from instances import LIBRARY, TEST


def stories():
    modules = [importlib.import_module(name) for name in sys.argv[4:]]
    for module in modules:
        yield from module.STORIES.items()
        if os.environ.get("SLOW") == "1":
            yield from getattr(module, "SLOW", {}).items()


def main():
    label = f"TDLib {LIBRARY.option('version')}"
    assert LIBRARY.option("commit_hash").startswith("telekey-local"), "the library is not a patched one"
    if TEST:
        label += ", test network"
    for name, story in stories():
        try:
            story()
            unread = LIBRARY.unread()
            assert not unread, unread
        except BaseException:  # a story that fails must not hang on TDLib's threads
            traceback.print_exc()
            print(f"{label}: FAILED: {name}", file=sys.stderr, flush=True)
            return 1
        print(f"{label}: ok: {name}", flush=True)
    return 0


status = main()
sys.stdout.flush()
os._exit(status)  # TDLib takes 10 s and more to close all instances, and there is no more to see
