"""The ledger's contract on SQLite."""

from __future__ import annotations

import pytest

from services.alerts.adapters.ledger.database import parse_url
from shared.errors import BadSettings
from tests.contracts.alerts_ledger import LedgerContract
from tests.support.alerts_bench import Bench, open_ledger
from tests.support.make_events import raised


class TestLedgerOnSqlite(LedgerContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path}/new folder/alerts.sqlite"


async def test_what_was_saved_is_there_after_a_restart(tmp_path):
    url = f"sqlite:///{tmp_path}/alerts.sqlite"
    async with open_ledger(url) as ledger:
        await Bench(ledger).hear(raised())
    async with open_ledger(url) as ledger:
        (card,) = await Bench(ledger).cards()
        assert card["phase"] == "calling"


@pytest.mark.parametrize("given", ["mysql://host/name", "alerts.sqlite"])
def test_another_database_is_refused_by_name_and_without_its_password(given):
    with pytest.raises(BadSettings, match="sqlite:///FILE"):
        parse_url(given)


def test_people_write_short_urls():
    assert parse_url("sqlite:///a.sqlite").drivername == "sqlite+aiosqlite"
    assert parse_url("postgresql://u:p@h/n").drivername == "postgresql+asyncpg"
    with pytest.raises(BadSettings) as caught:
        parse_url("mysql://user:secret@host/name")
    assert "secret" not in str(caught.value)
