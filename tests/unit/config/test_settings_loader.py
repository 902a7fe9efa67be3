"""Settings: who wins, what is refused and how it is said, and that secrets stay unsaid."""

from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, SecretStr, field_validator, model_validator

from services.whole import TocsinSettings
from shared.config.keys import leaves
from shared.config.loader import load_settings, read_settings
from shared.config.sections import Section
from shared.errors import BadSettings


class Http(Section):
    host: str = "127.0.0.1"
    port_base: int = Field(default=80, ge=1)


class Hook(Section):
    url: str
    secret: SecretStr | None = None


class Alerts(Section):
    http: Http = Field(default_factory=lambda: Http(port_base=90))
    api_token: SecretStr | None = None
    database: str = "sqlite:///x"
    hooks: dict[str, Hook] = Field(default_factory=dict)
    channels: tuple[str, ...] = ("console",)
    dwell: dict[str, float] = Field(default_factory=dict)
    policy: Path | None = None
    quick: bool = False

    @field_validator("database")
    @classmethod
    def _known(cls, url: str) -> str:
        if not url.startswith(("sqlite", "postgresql")):
            raise ValueError(f"{url} is no database")
        return url


class City(Section):
    alerts: Alerts = Field(default_factory=Alerts)
    level: Literal["quiet", "loud"] = "quiet"
    version: Literal[3, 5] = 3
    limit: float = Field(default=1.0, gt=0)

    @model_validator(mode="after")
    def _agree(self) -> "City":
        token = self.alerts.api_token
        if self.level == "loud" and token is not None:
            raise ValueError(f"loud with {token.get_secret_value()} is not done")
        return self


class Strict(Section):
    name: str


def write(tmp_path, text):
    path = tmp_path / "city.yaml"
    path.write_text(text)
    return path


def faults(model, *, file=None, env=None):
    with pytest.raises(BadSettings) as caught:
        load_settings(model, file=file, env=env or {})
    return caught.value.lines


def test_nothing_set_is_all_defaults():
    assert load_settings(City, file=None, env={"PATH": "/bin", "TOCSINX": "1"}) == City()


def test_the_file_wins_over_defaults_and_the_environment_over_the_file(tmp_path):
    file = write(tmp_path, "alerts:\n  http:\n    host: a\n    port_base: 1\nlimit: 2\n")

    settings = load_settings(City, file=file, env={"TOCSIN_ALERTS_HTTP_PORT_BASE": "7"})

    assert (settings.alerts.http.host, settings.alerts.http.port_base) == ("a", 7)
    assert settings.limit == 2.0
    assert settings.level == "quiet"


def test_an_empty_file_and_an_empty_section_are_defaults(tmp_path):
    assert load_settings(City, file=write(tmp_path, "# nothing\n"), env={}) == City()


def test_the_environment_spells_every_kind_of_value():
    settings = load_settings(
        City,
        file=None,
        env={
            "TOCSIN_VERSION": "5",
            "TOCSIN_ALERTS_QUICK": "true",
            "TOCSIN_ALERTS_CHANNELS": "console, webhook",
            "TOCSIN_ALERTS_DWELL": '{"gas": 3}',
            "TOCSIN_ALERTS_HOOKS": '{"crew": {"url": "http://x"}}',
            "TOCSIN_ALERTS_POLICY": "p.yaml",
            "TOCSIN_ALERTS_API_TOKEN": "12345",
            "TOCSIN_LEVEL": "",
        },
    )

    assert settings.version == 5
    assert settings.alerts.quick is True
    assert settings.alerts.channels == ("console", "webhook")
    assert settings.alerts.dwell == {"gas": 3.0}
    assert settings.alerts.hooks["crew"].url == "http://x"
    assert settings.alerts.policy == Path("p.yaml")
    assert settings.alerts.api_token.get_secret_value() == "12345"
    assert settings.level == "quiet"


def test_a_list_may_also_be_json_and_null_may_be_said():
    env = {"TOCSIN_ALERTS_CHANNELS": '["a,b"]', "TOCSIN_ALERTS_POLICY": "null"}

    settings = load_settings(City, file=None, env=env)

    assert settings.alerts.channels == ("a,b",)
    assert settings.alerts.policy is None


def test_variables_that_others_read_are_no_settings():
    env = {"TOCSIN_REQUIRE_REAL": "1", "TOCSIN_DATA_DIR": "/data", "TOCSIN_NETWORKS": "/nets"}

    assert load_settings(City, file=None, env=env) == City()


URL = "alerts.hooks.crew.url"


def test_everything_wrong_is_said_at_once_with_line_or_variable(tmp_path):
    file = write(
        tmp_path,
        "alerts:\n"
        "  http:\n"
        "    port_base: many\n"
        "    hots: x\n"
        "  databse: sqlite\n"
        "  hooks:\n"
        "    crew: {secret: s3cr3t}\n"
        "  channels: 5\n"
        "level: lowd\n"
        "limit: 0\n"
        "nothing: 1\n",
    )
    env = {"TOCSIN_ALERT_QUICK": "1", "TOCSIN_VERSION": "4", "TOCSIN_ALERTS_DWELL": "{"}

    assert faults(City, file=file, env=env) == (
        f"{file}:3: alerts.http.port_base: must be a whole number, got 'many'; write it in digits",
        f"{file}:4: alerts.http.hots: is not a setting; did you mean 'host'?",
        f"{file}:5: alerts.databse: is not a setting; did you mean 'database'?",
        f"{file}:7: {URL}: is not set and has no default; set {URL}",
        f"{file}:8: alerts.channels: must be a list, got '5'; write it as [one, two]",
        f"{file}:9: level: must be quiet or loud, got 'lowd'; did you mean 'loud'?",
        f"{file}:10: limit: must be greater than 0, got '0'; correct the value",
        f"{file}:11: nothing: is not a setting; known are alerts, level, version, limit",
        "TOCSIN_ALERTS_DWELL: alerts.dwell: is not valid JSON; quote it as JSON",
        "TOCSIN_ALERT_QUICK: is not a setting; did you mean 'TOCSIN_ALERTS_QUICK'?",
        "TOCSIN_VERSION: version: must be 3 or 5, got '4'; choose one of them",
    )


def test_what_must_be_set_says_how():
    assert faults(Strict) == (
        "settings: name: is not set and has no default; set name in the file, or TOCSIN_NAME",
    )


def test_a_section_that_is_none_is_named(tmp_path):
    file = write(tmp_path, "alerts: 5\n")

    assert faults(City, file=file, env={"TOCSIN_ALERTS_QUICK": "1"}) == (
        f"{file}:1: alerts: must be a section of keys, got '5'; indent its keys below it",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no such file; create it or name another"),
        ("- 1\n", "1: is not a mapping of sections; start with a section such as bus:"),
        ("a: [\n", "is not valid YAML"),
        ("alerts:\n\tquick: true\n", ":2: a tab is used as indentation; indent with spaces"),
        ("limit: 1\nlimit: 2\n", ":2: key 'limit' stands twice, first at line 1; keep one"),
    ],
    ids=["missing", "list", "broken", "tab", "duplicate"],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(tmp_path, text, said):
    file = tmp_path / "gone.yaml" if text is None else write(tmp_path, text)

    (line,) = faults(City, file=file)

    assert line.startswith(str(file))
    assert said in line


SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f"alerts:\n  api_token: [{SECRET}]\n",
        f"alerts:\n  api_token: {SECRET}\nlevel: loud\n",
        f"alerts:\n  hooks:\n    crew: {{url: 5, secret: [{SECRET}]}}\n",
        f"alerts:\n  hooks:\n    crew: {{url: {{}}, secret: {SECRET}}}\n",
        f"alerts:\n  database: mysql://root:{SECRET}@db/x\n",
        f"alerts:\n  policy: [http://x/?token={SECRET}]\n",
        f"alerts:\n  api_tokne: {SECRET}\n",
    ],
)
def test_a_secret_is_never_repeated(tmp_path, text):
    lines = faults(City, file=write(tmp_path, text))

    assert lines
    assert SECRET not in "\n".join(lines)


def test_a_secret_in_a_variable_is_never_repeated_either():
    env = {"TOCSIN_ALERTS_API_TOKEN": SECRET, "TOCSIN_LEVEL": "loud", "TOCSIN_TOKEN": SECRET}

    lines = faults(City, env=env)

    assert len(lines) >= 1
    assert SECRET not in "\n".join(lines)


@given(st.dictionaries(st.sampled_from([leaf.env for leaf in leaves(City)]), st.text(max_size=9)))
def test_no_environment_can_do_worse_than_complain(env):
    settings, complaints = read_settings(City, file=None, env=env)

    assert (settings is None) == bool(complaints)
    assert all(one.file in env or one.file == "settings" for one in complaints)


def test_every_setting_of_the_product_can_be_set_by_its_variable():
    names = [leaf.env for leaf in leaves(TocsinSettings)]

    assert len(set(names)) == len(names) > 20
    assert "TOCSIN_ALERTS_HTTP_PORT" in names
    whole = load_settings(TocsinSettings, file=None, env={"TOCSIN_ALERTS_HTTP_PORT": "9"})
    assert whole.alerts.http.port == 9
