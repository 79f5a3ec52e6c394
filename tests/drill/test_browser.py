"""The page of a drill as a real browser draws it, from a file and without a network."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

from drill.reports import failed, passed
from sparekey.drill.page import page
from sparekey.drill.report import Delivery, DrillReport

ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=900,900"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
OUTSIDE = """
const box = document.querySelector("svg").getBoundingClientRect();
return [...document.querySelectorAll("svg text")].filter(text => {
    const at = text.getBoundingClientRect();
    return at.left < box.left || at.right > box.right || at.top < box.top || at.bottom > box.bottom;
}).map(text => text.textContent);
"""
LINE = 'return getComputedStyle(document.querySelector("h1")).borderBottomStyle'

pytestmark = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")), reason="chromium is not installed"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    options = ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in (*ARGUMENTS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(argument)
    browser = Chrome(options, ChromeService(shutil.which("chromedriver")))
    yield browser
    browser.quit()


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "report",
    [passed(), failed(), passed(deliveries=(Delivery("an outlet with a long name", 29.7),))],
    ids=["passed", "failed", "slow"],
)
def test_a_browser_draws_the_whole_page(browser: Chrome, report: DrillReport, tmp_path: Path) -> None:
    file = tmp_path / "drill.html"
    file.write_text(page(report), encoding="utf-8")
    browser.get(file.as_uri())
    assert browser.title == report.title
    shown = browser.find_element("tag name", "body").text
    assert all(mark.text in shown for mark in report.marks)
    assert browser.execute_script(LINE) == "solid", "its own style does not apply"
    assert browser.execute_script(OUTSIDE) == []
    assert browser.execute("getLog", {"type": "browser"})["value"] == []
