"""Hydrogram is a fork of Pyrogram: its guide is Pyrogram's."""
import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parent.parent / "pyrogram" / "guide.py"), run_name="__main__")
