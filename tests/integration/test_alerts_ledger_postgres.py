"""The ledger's contract on PostgreSQL."""

from __future__ import annotations

import pytest

from tests.contracts.alerts_ledger import LedgerContract


@pytest.mark.real
class TestLedgerOnPostgres(LedgerContract):
    @pytest.fixture
    def url(self, postgres_server):
        return postgres_server.fresh_database()
