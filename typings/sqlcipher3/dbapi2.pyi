# The library is the standard library's module over another SQLite, and ships no types.
from sqlite3 import *  # noqa: F403
from sqlite3 import SQLITE_FULL as SQLITE_FULL
