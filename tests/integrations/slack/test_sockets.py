"""A socket is opened on a host of Slack's, whatever the answer says."""

import pytest

from integrations.slack.sockets import is_slacks, is_slacks_hook

API = "https://slack.com/api"


@pytest.mark.parametrize(
    "address",
    [
        "wss://wss-primary.slack.com/link/?ticket=x&app_id=A1",
        "wss://cerberus-xxxx.lb.slack.com:443/x",
    ],
)
def test_slacks_own_sockets_are_opened(address: str) -> None:
    assert is_slacks(address, API)


@pytest.mark.parametrize(
    "address",
    [
        "ws://wss-primary.slack.com/x",
        "wss://slack.com.evil.example/x",
        "wss://evilslack.com/x",
        "wss://x.slack.com@evil.example/x",
        "wss://x.slack.com:444/x",
        "wss://127.0.0.1/x",
        "https://wss-primary.slack.com/x",
        "wss://[::1",
        "",
    ],
)
def test_s1_other_sockets_are_not(address: str) -> None:
    assert not is_slacks(address, API)


def test_a_stand_in_is_its_own_host() -> None:
    assert is_slacks(
        "ws://127.0.0.1:8080/slack/link/?ticket=x", "http://127.0.0.1:8080/slack/api/"
    )
    assert not is_slacks("ws://127.0.0.1:8081/slack/link/", "http://127.0.0.1:8080/slack/api/")
    assert not is_slacks("wss://wss-primary.slack.com/x", "http://127.0.0.1:8080/slack/api/")


def test_s1_answers_go_to_slacks_own_hosts_alone() -> None:
    assert is_slacks_hook("https://hooks.slack.com/actions/T1/2/x", API)
    assert not is_slacks_hook("http://hooks.slack.com/actions/T1/2/x", API)
    assert not is_slacks_hook("https://hooks.slack.com.evil.example/actions/", API)
    assert not is_slacks_hook("", API)
