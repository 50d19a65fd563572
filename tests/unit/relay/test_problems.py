# SPDX-License-Identifier: EUPL-1.2
from heitje.problems import MEANINGS, Code, Problem, documentation


def test_every_code_has_a_meaning_and_stands_in_the_documentation():
    assert set(MEANINGS) == set(Code)
    assert all(f"| `{code}` |" in documentation() for code in Code)


def test_every_problem_says_what_happened_to_the_money_and_what_to_do_next():
    for code in Code:
        meaning = code.meaning
        body = Problem(code, "About this request.").body()
        assert body["code"] == code
        assert body["status"] == meaning.status
        assert meaning.money in body["detail"]
        assert meaning.next in body["detail"]
        assert 400 <= meaning.status < 600
