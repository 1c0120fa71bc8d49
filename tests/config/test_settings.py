"""A wrong setting stops the run with one line that names it."""

from pathlib import Path

import pytest

from config.settings import SettingsError, load_settings

pytestmark = pytest.mark.usefixtures("clean_environment")


def test_without_any_setting_the_defaults_hold() -> None:
    settings = load_settings()

    assert (settings.data_dir, settings.user_id, settings.timezone) == (Path("data"), "me", "UTC")
    assert settings.allow_synthetic
    assert settings.feature_preference == ("real", "synthetic", "kaggle")
    assert not settings.has_credentials


@pytest.mark.parametrize("prefix", ["", "SPOTIFY_"])
def test_both_spellings_of_the_credentials_work(
    monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    monkeypatch.setenv(f"{prefix}CLIENT_ID", "an-id")
    monkeypatch.setenv(f"{prefix}CLIENT_SECRET", "a-secret")

    settings = load_settings()

    assert settings.has_credentials
    assert "a-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "TIMEZONE",
            "Europe/Berln",
            "TIMEZONE='Europe/Berln' is wrong: no IANA time zone (did you",
        ),
        ("ALLOW_SYNTHETIC", "perhaps", "ALLOW_SYNTHETIC='perhaps' is wrong"),
        ("FEATURE_PREFERENCE", "real,guess", "FEATURE_PREFERENCE"),
        ("FEATURE_PREFERENCE", "real,real", "at most once"),
        ("INGEST_INTERVAL_HOURS", "0", "INGEST_INTERVAL_HOURS='0' is wrong"),
        ("USER_ID", "a/b", "USER_ID='a/b' is wrong"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL='LOUD' is wrong"),
        ("MARKET", "Germany", "MARKET='Germany' is wrong: no ISO 3166-1 alpha-2 code; write two"),
        ("MARKET", "uk", "code (did you mean GB?); write two letters such as DE"),
        ("MARKET", "D", "MARKET='D' is wrong"),
        ("SPOTIFY_API_URL", "http://[", "SPOTIFY_API_URL='http://[' is wrong"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_misspelt_setting_in_the_file_is_named_with_what_was_meant(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ALLOW_SYNTETIC=false\n", encoding="utf-8")

    with pytest.raises(SettingsError, match=r"ALLOW_SYNTETIC.*did you mean ALLOW_SYNTHETIC"):
        load_settings()


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEZONE", "")

    assert load_settings().timezone == "UTC"


@pytest.mark.parametrize(("given", "market"), [("", ""), ("de", "DE"), (" Xk ", "XK")])
def test_a_country_is_written_in_capitals(
    monkeypatch: pytest.MonkeyPatch, given: str, market: str
) -> None:
    monkeypatch.setenv("MARKET", given)

    assert load_settings().market == market


def test_a_flag_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER_ID", "from-environment")

    assert load_settings(user_id="from-flag").user_id == "from-flag"
    assert load_settings(user_id=None).user_id == "from-environment"
