"""The check of TDLib's log, without TDLib: python -m unittest discover interop/tdlib"""
import unittest

from client import unread

# The first line of BAD and the first two of GOOD were copied from logs; the others use
# the words of the libraries.
BAD = """\
[ 1][t 3][1796096337.263708114][NetQuery.h:347][#1][!Td]\tCan't parse:
[ 1][t 3][1796096337.263708114][Td.cpp:1200][#1][!Td]\tFailed to fetch update: Not enough data to read
[ 1][t 3][1796096337.263708114][Session.cpp:900][#1][!Session:2:main]\tFailed to parse mtproto_api::rpc_result: Wrong vector
[ 1][t 3][1796096337.263708114][Session.cpp:900][#1][!Session:2:main]\tFailed to uncompress attach
[ 2][t 3][1796096337.263708114][UserManager.cpp:1][#1][!Td]\tReceive error for GetFullUserQuery: [Error : 500 : Wrong constructor 1 found instead of 2]
[ 1][t 3][1796096337.263708114][ChatManager.cpp:1][#1][!Td]\tReceive unknown group 5
"""
GOOD = """\
[ 1][t 1][1796096337.263708114][NetQuery.cpp:130][#1][!Session:2:main]\tReceive INPUT_METHOD_INVALID for query
[ 2][t 3][1796096337.263861179][StickersManager.cpp:831][#1][!Td]\tReceive error for ReloadSpecialStickerSetQuery: [Error : 400 : STICKERSET_INVALID]
[ 2][t 1][1796096337.263861179][Session.cpp:1417][#1][!Session:2:main]\tUpdate auth key in session_id 484367214333107805 to 6347592618642976101
"""


class Log(unittest.TestCase):
    def test_each_kind_of_unread_answer_is_found(self):
        self.assertEqual(unread(BAD), BAD.splitlines())

    def test_refusals_and_notes_are_no_unread_answers(self):
        self.assertEqual(unread(GOOD), [])


if __name__ == "__main__":
    unittest.main()
