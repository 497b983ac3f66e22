"""What the tests of connectors take from WireMock: answers, their order, broken lines, a journal, and a certificate of its own authority."""

import time

import pytest
import requests

from tests.connectors.wiremock import FAULTS, WireMock, answer, asked

pytestmark = pytest.mark.xdist_group("wiremock")


def post(server: WireMock, path: str, body: object = None, **how):
    with requests.Session() as session:
        session.trust_env = False
        return session.post(how.pop("at", server.url) + path, json=body, timeout=how.pop("timeout", 10), **how)


def test_it_answers_what_is_like_the_stub(wiremock):
    wiremock.stub(asked("POST", "/in", user=("ABC", "word"), body=["$.list[?(@.number == 'N1')]"]), answer(201, {"made": 0.1}))
    body = {"list": [{"number": "N1"}]}
    assert [post(wiremock, "/in", body, auth=("ABC", word)).status_code for word in ("word", "other")] == [201, 404]
    assert post(wiremock, "/in", {"list": [{"number": "N2"}]}, auth=("ABC", "word")).status_code == 404
    assert wiremock.count("POST", "/in") == 3 and wiremock.count("GET") == 0
    assert [(one.method, one.json()["list"][0]["number"]) for one in wiremock.requests()] == [("POST", "N1"), ("POST", "N1"), ("POST", "N2")]


def test_a_scenario_answers_in_its_order(wiremock):
    wiremock.scenario("once", asked("POST", "~/i.*"), answer(200, "good"), answer(400, "duplicate"))
    assert [(found.status_code, found.text) for found in (post(wiremock, "/invoice") for _ in range(3))] == [(200, "good"), (400, "duplicate"), (400, "duplicate")]
    wiremock.forget()
    assert wiremock.count() == 0 and post(wiremock, "/invoice").status_code == 400


@pytest.mark.parametrize("fault", FAULTS)
def test_a_line_that_breaks_has_brought_the_request(wiremock, fault):
    wiremock.stub(asked("POST", "/in"), answer(fault=fault))
    with pytest.raises(requests.RequestException):
        post(wiremock, "/in", {"n": 1}).raise_for_status()
    assert [one.json() for one in wiremock.requests("POST", "/in")] == [{"n": 1}]


def test_a_slow_answer_comes_late(wiremock):
    wiremock.stub(asked("POST", "/in"), answer(200, "late", delay=0.6))
    with pytest.raises(requests.ReadTimeout):
        post(wiremock, "/in", timeout=0.2)
    start = time.monotonic()
    assert post(wiremock, "/in").text == "late" and time.monotonic() - start >= 0.5


def test_its_certificate_is_vouched_for_by_one_authority(wiremock):
    wiremock.stub(asked("POST", "/in"), answer(200, "good"))
    assert post(wiremock, "/in", at=wiremock.secure, verify=str(wiremock.certificates.authority)).text == "good"
    for other in (str(wiremock.certificates.stranger), True):
        with pytest.raises(requests.exceptions.SSLError):
            post(wiremock, "/in", at=wiremock.secure, verify=other)
    assert wiremock.count("POST", "/in") == 1
