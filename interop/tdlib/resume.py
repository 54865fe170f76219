"""Opens an instance that another process has closed, and prints its state and name.

    python resume.py NETWORK_FILE FOLDER LIBRARY INSTANCE
"""
import os
import sys

from instances import CODE, PASSWORD, READY, first_name, reopen

api = reopen(sys.argv[4])
api.until(CODE, PASSWORD, READY)
print(api.state["@type"], first_name(api) if api.state["@type"] == READY else "", flush=True)
api.close()
os._exit(0)
