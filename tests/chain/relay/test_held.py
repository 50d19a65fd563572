# SPDX-License-Identifier: EUPL-1.2
"""What the service's database holds of a member: told by a command, and erased by a command."""

import base64
import json

import pytest

from tests.support.people import Person
from tests.support.photos import png
from tests.support.service import Service
from tests.support.signed import signer_of


@pytest.fixture
def lived(tmp_path, city, residents):
    """A service in which two residents have handed in and complained; yields it and their numbers."""
    activity = city.open_activity()
    numbers = residents(), residents()
    with Service(tmp_path, city) as service:
        for number in numbers:
            person = Person.of(service, city.member(number))
            claim = person.post(f"/v1/activities/{activity}/claims", {"minutes": 60, "note": f"note of {number}"})
            person.ask("PUT", f"/v1/claims/{claim.body['id']}/photo", png())
            person.post("/v1/complaints", {"about": "other", "text": f"complaint of {number}"})
        body = {"number": numbers[0], "class": "resident", "kind": "replacement"}
        Person.of(service, signer_of("registrar")).post("/v1/invitations", body)
        yield service, numbers


def test_a_command_tells_everything_about_a_member_and_nothing_about_another(lived):
    service, (number, other) = lived
    answer = service.run("member", "show", str(number))
    told = json.loads(answer.stdout)
    assert (told["member"], told["claims"][0]["note"]) == (number, f"note of {number}")
    assert told["complaints"][0]["text"] == f"complaint of {number}"
    assert base64.b64decode(told["claims"][0]["photo"]["content"]).startswith(b"\x89PNG")
    assert (told["invitations"][0]["kind"], "code" in told["invitations"][0]) == ("replacement", False)
    assert f"of {other}" not in answer.stdout


def test_a_command_erases_a_member_while_the_service_runs_and_leaves_the_others(lived, city):
    service, (number, other) = lived
    kept = json.loads(service.run("member", "show", str(other)).stdout)
    answer = service.run("member", "erase", str(number), "--yes")
    assert answer.returncode == 0, answer.stderr
    assert "photos: 1, signUps: 0, claims: 1, invitations: 1, complaints: 1" in answer.stdout
    told = json.loads(service.run("member", "show", str(number)).stdout)
    assert [told[name] for name in ("signUps", "claims", "invitations", "complaints")] == [[], [], [], []]
    assert json.loads(service.run("member", "show", str(other)).stdout) == kept
    assert Person.of(service, city.member(number)).get("/v1/claims").body["items"] == []


def test_nothing_is_erased_without_a_yes_and_where_nothing_is_kept_it_says_so(lived):
    service, (number, _) = lived
    asked = service.run("member", "erase", str(number))
    assert asked.returncode == 1
    assert json.loads(service.run("member", "show", str(number)).stdout)["claims"]
    assert "Nothing is kept of member 4711" in service.run("member", "erase", "4711", "--yes").stdout


def test_a_database_that_is_not_there_is_named(lived, tmp_path):
    service, _ = lived
    answer = service.run("member", "show", "1", "--database", str(tmp_path / "other.sqlite"))
    assert (answer.returncode, "there is no such database" in answer.stderr) == (3, True)
