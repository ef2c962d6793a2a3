"""The log in the state folder."""

import logging
from pathlib import Path

import pytest

from segue.core import log
from segue.core.cli import main
from segue.core.cli.verbs import VERBS


def written() -> str:
    return log.log_path().read_text(encoding="utf-8")


def test_an_expected_error_is_one_line_of_the_log() -> None:
    main(["metrics", "--library", "nowhere"])
    lines = written().splitlines()
    assert lines[0].endswith("metrics --library nowhere")
    assert "ERROR no library is named 'nowhere'" in lines[1]
    assert len(lines) == 2


def test_an_unexpected_error_leaves_its_traceback_in_the_log_and_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_args: object) -> int:
        message = "a\nbug"
        raise ZeroDivisionError(message)

    monkeypatch.setattr("segue.core.cli.kept.run_libraries", fail)
    assert "libraries" in {verb.name for verb in VERBS}
    assert main(["libraries"]) == 1
    shown = capsys.readouterr().err
    assert shown == f"segue: unexpected ZeroDivisionError: a bug ({log.log_path()} has the details)\n"
    assert "Traceback" in written()


def test_only_its_owner_reads_it() -> None:
    log.start_log()
    assert log.log_path().stat().st_mode & 0o077 == 0
    assert log.log_path().parent.stat().st_mode & 0o077 == 0


def test_a_folder_that_was_open_to_others_is_closed_and_the_next_file_is_as_private(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log, "LIMIT", 500)
    folder = log.log_path().parent
    folder.mkdir(parents=True, mode=0o755)
    folder.chmod(0o755)
    log.start_log()
    for number in range(40):
        log.logger.info("line %d of many", number)
    assert folder.stat().st_mode & 0o077 == 0
    assert len(list(folder.iterdir())) == 3
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_no_text_passes_for_a_record_of_its_own() -> None:
    forged = "2026-01-01 00:00:00,000 1 ERROR forged"
    log.start_log()
    log.logger.info("searched %s", f"x\n{forged}")
    log.logger.error("failed", exc_info=ValueError(f"y\n{forged}"))
    assert not [line for line in written().splitlines() if line.startswith("2026-01-01 00:00:00")]
    assert forged in written()


def test_it_turns_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LIMIT", 2_000)
    log.start_log()
    for number in range(200):
        log.logger.info("line %d of many", number)
    files = sorted(path.name for path in log.log_path().parent.iterdir())
    assert files == ["segue.log", "segue.log.1", "segue.log.2"]
    assert all(path.stat().st_size <= 2_000 for path in log.log_path().parent.iterdir())


def test_details_only_with_debug() -> None:
    log.start_log()
    log.logger.debug("detail one")
    log.start_log(debug=True)
    log.logger.debug("detail two")
    assert "detail one" not in written()
    assert "detail two" in written()


def test_without_a_place_for_it_segue_works_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert main(["libraries", "--json"]) == 0
    assert capsys.readouterr().err == ""
    assert not any(isinstance(handler, logging.FileHandler) for handler in log.logger.handlers)
