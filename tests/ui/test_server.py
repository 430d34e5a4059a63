"""The server: headers that keep the page local, and only its own names."""

import socket

import pytest
from fastapi.testclient import TestClient

from index.engine import Engine
from index.errors import SettingInvalid
from index.library import Library
from index.settings import Settings
from tests.conftest import WordEmbedder
from ui.conversation import Conversation
from ui.server import build_server, check_address


@pytest.fixture
def client(library: Library, settings: Settings) -> TestClient:
    engine = Engine(library, WordEmbedder(), settings, load_reader=lambda _: None)
    server = build_server(Conversation(engine), settings)
    return TestClient(server, base_url="http://127.0.0.1")


def test_the_page_may_reach_nothing_but_its_own_server(client: TestClient) -> None:
    policy = client.get("/").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["connect-src"] == "'self'"
    assert not any("http" in rule or "*" in rule for rule in rules.values())


def test_a_foreign_host_name_is_refused(client: TestClient) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_an_address_in_use_is_named_with_the_remedy() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingInvalid, match=rf"127.0.0.1:{port}: .*choose another with --host and --port"):
            check_address("127.0.0.1", port)
