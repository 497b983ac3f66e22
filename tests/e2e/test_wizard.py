"""The import wizard in a browser: upload, mapping by drag and by select, the grid, the import, and what may happen in between."""

import statistics
import time

import pytest

from tests.e2e import browsing
from tests.e2e.browsing import run_notebook, shoot, show_app, violations, written
from tests.notebook.importing import ATTACK, BAD, GOOD, HEAD, line, put

CELLS = ("from invoice_rules.notebook import ImportWizard", "ImportWizard()")
RECEIVABLES = "Paystand receivables (paystand.receivables)"
UNMAPPED = GOOD.replace("Customer name", "Wer").replace("Canceled", "Flag X")


def opened(page, server, folder):
    """The wizard's page, ready for the first click."""
    notebook = folder / "wizard.ipynb"
    if not notebook.exists():
        written(notebook, *CELLS)
    (run_notebook if server.kind == "lab" else show_app)(page, server, notebook)
    heading(page, "Step 1 of 5: Choose the file")
    return page


def heading(page, text):
    page.get_by_role("heading", name=text).wait_for(timeout=60_000)


def rules(page, title=RECEIVABLES):
    page.get_by_label("What is in the file?").select_option(title)


def upload(page, path):
    page.locator(".ir-upload input[type=file]").set_input_files(path)
    status = page.locator(".ir-upload-status")
    status.filter(has_text=path.name).or_(page.locator(".ir-upload-status.ir-wrong")).wait_for()
    page.wait_for_function("() => !document.querySelector('.ir-upload-status').textContent.startsWith('Uploading')", timeout=120_000)
    assert status.inner_text().startswith(f"{path.name} is here"), status.inner_text()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def go_on(page, *titles):
    """Press Next until the step with the last of these titles is there."""
    for title in titles:
        page.get_by_role("button", name=f"Next: {title}", exact=True).click()
        page.get_by_role("heading", name=f": {title}").wait_for(timeout=120_000)


def quiet(page):
    """Wait until nothing is being done."""
    page.wait_for_function("() => !document.querySelector('.ir-working.ir-on')", timeout=120_000)


def looked_at(page, server, name, in_dark=False):
    """No violation of accessibility, and a picture; in the dark theme too."""
    quiet(page)
    assert violations(page, server, ".ir-wizard") == []
    shoot(page, f"wizard-{name}", full_page=True)
    if in_dark:
        browsing.dark(page)
        assert violations(page, server, ".ir-wizard") == []
        shoot(page, f"wizard-{name}-dark", full_page=True)
        browsing.dark(page, on=False)


def test_a_good_file_from_drop_to_receipt_mapped_by_drag_and_by_select(lab, page, workspace):  # S3-18, S0-7
    opened(page, lab, workspace)
    looked_at(page, lab, "1-empty")
    rules(page)
    drop(page, "good.csv", UNMAPPED)
    page.get_by_text("good.csv · Paystand receivables · 2 rows").wait_for()
    looked_at(page, lab, "1-source", in_dark=True)
    go_on(page, "Match columns")
    still(page, "Still to map: Customer name, Canceled.")
    looked_at(page, lab, "2-columns", in_dark=True)
    map_columns(page)
    go_on(page, "Settings")
    looked_at(page, lab, "3-settings", in_dark=True)
    go_on(page, "Check")
    page.get_by_text("All 2 invoices are ready").wait_for()
    go_on(page, "Confirm")
    looked_at(page, lab, "5-confirm", in_dark=True)
    press(page, "Import 2 invoices")
    page.get_by_text("Batch 1 of main").wait_for()
    looked_at(page, lab, "5-receipt")
    assert browsing.cell_errors(page) == []


def map_columns(page):
    """By drag and by select; one is taken off, and everything undone and done again."""
    name, flag = page.locator("[data-field=customerName]"), page.get_by_label("Field for column I, Flag X")
    name.drag_to(page.get_by_role("row", name="E Wer"))
    still(page, "Still to map: Canceled.")
    flag.focus()
    flag.select_option("isCanceled")
    still(page, "All required fields")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Field for column I, Flag X"
    page.get_by_label("Take Customer name off column E, Wer").click()
    still(page, "Still to map: Customer name.")
    press(page, "Undo my changes")
    still(page, "Still to map: Customer name, Canceled.")
    name.drag_to(page.get_by_role("row", name="E Wer"))
    flag.select_option("isCanceled")
    still(page, "All required fields")


def still(page, text):
    """Wait until the line above the columns begins so."""
    page.wait_for_function("(text) => document.querySelector('.ir-still').textContent.startsWith(text)", arg=text)


def drop(page, name, text):
    """Drop a file on the place for it, as a mouse would."""
    transfer = page.evaluate_handle("([name, text]) => { const t = new DataTransfer(); t.items.add(new File([text], name)); return t; }", [name, text])
    page.locator(".ir-drop").dispatch_event("drop", {"dataTransfer": transfer})


def test_a_bad_file_is_looked_at_mended_and_imported(lab, page, workspace, tmp_path):
    opened(page, lab, workspace)
    rules(page)
    upload(page, put(tmp_path, BAD + line(4, canceled="N") + line(5, amount="12.345"), "bad.csv"))
    go_on(page, "Match columns", "Settings", "Check")
    wrong = page.locator(".ir-grid td.ir-error[data-column]")
    wrong.first.wait_for()
    assert "Amount due (60.00) is more than the amount (50.00)" in wrong.first.get_attribute("title")
    assert wrong.first.get_attribute("aria-description") == wrong.first.get_attribute("title")
    looked_at(page, lab, "4-bad", in_dark=True)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download as CSV: within-amount").click()
    assert saved.value.suggested_filename == "bad - within-amount.csv"
    assert "more than the amount" in saved.value.path().read_text(encoding="utf-8-sig")
    with page.expect_download() as saved:
        press(page, "Download the error workbook")
    assert saved.value.path().read_bytes()[:2] == b"PK"
    edit_by_keyboard(page)
    wrong.first.dblclick()
    page.locator(".ir-editor").fill("50.00")
    page.keyboard.press("Enter")
    page.get_by_text("Take 1 edit back").wait_for()
    page.get_by_label("Rows that are shown").select_option("edited")
    page.wait_for_function("() => document.querySelectorAll('.ir-grid tbody tr[data-at]').length === 1")
    page.get_by_role("button", name="Apply 2 safe fixes").click()
    page.get_by_role("button", name="Take the safe fixes back").wait_for()
    looked_at(page, lab, "4-mended")
    go_on(page, "Confirm")
    looked_at(page, lab, "5-confirm-bad")
    page.get_by_role("button", name="Import 4 invoices").click()
    page.get_by_text("bad.csv (1 cell edited)").wait_for()
    assert len(list(workspace.glob("bad - to fix*.xlsx"))) == 1
    looked_at(page, lab, "5-receipt-bad")


def edit_by_keyboard(page):
    """To the wrong cell by arrows, its message, an edit given up, an edit made, and the edit taken back."""
    page.locator(".ir-grid td[data-column='0']").first.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert "Amount due (60.00) is more" in page.locator(".ir-detail").inner_text()
    page.keyboard.press("F2")
    page.keyboard.type("55.00")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("45.00")
    page.keyboard.press("Enter")
    page.get_by_text("Take 1 edit back").wait_for()
    page.wait_for_function("() => document.activeElement.classList.contains('ir-edited')")
    page.keyboard.press("Delete")
    page.get_by_text("Take 1 edit back").wait_for(state="hidden")


def test_a_narrow_window_keeps_buttons_and_receipt_in_view_whatever_the_cells_say(lab, page, workspace, tmp_path):
    page.set_viewport_size({"width": 700, "height": 900})
    opened(page, lab, workspace)
    browsing.command(page, "application:toggle-left-area")
    rules(page)
    upload(page, put(tmp_path, HEAD + line(1) + line(2, canceled="W" + "ö" * 400), "long.csv"))
    go_on(page, "Match columns", "Settings", "Check")
    for name in ("Show the rows: yes-no, Canceled", "Download as CSV: yes-no, Canceled"):
        button, table = page.get_by_role("button", name=name).bounding_box(), page.locator(".ir-tally .ir-scroll").bounding_box()
        assert table["x"] <= button["x"] and button["x"] + button["width"] <= table["x"] + table["width"], name
    looked_at(page, lab, "4-narrow", in_dark=True)
    go_on(page, "Confirm")
    press(page, "Import 1 invoice")
    page.locator(".ir-facts").wait_for()
    assert len(set(page.locator(".ir-facts dt").evaluate_all("all => all.map(one => one.getBoundingClientRect().x)"))) == 1


def test_signs_that_nobody_touched_stay_where_a_cell_is_edited(lab, page, workspace, tmp_path):
    odd = "Caf\u00e9\u00a0Studoi\nBranch 2"
    opened(page, lab, workspace)
    rules(page)
    upload(page, put(tmp_path, HEAD + line(1, name=f'"{odd}"') + line(2), "odd.csv"))
    go_on(page, "Match columns", "Settings", "Check")
    cell = page.locator(".ir-grid td[data-column='4']")
    cell.first.wait_for()
    cell.first.dblclick()
    editor = page.locator("textarea.ir-editor")
    editor.wait_for()
    assert editor.input_value() == odd
    looked_at(page, lab, "4-lines")
    page.keyboard.press("Escape")
    cell.first.dblclick()
    editor.fill(odd.replace("Studoi", "Studio"))
    page.keyboard.press("End")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Melbourne")
    page.keyboard.press("Enter")
    page.get_by_text("Take 1 edit back").wait_for()
    page.locator(".ir-grid td.ir-edited").dblclick()
    assert editor.input_value() == odd.replace("Studoi", "Studio") + "\nMelbourne"


def test_a_page_that_is_loaded_anew_and_a_kernel_that_is_started_anew_go_on(lab, page, workspace, tmp_path):  # S0-24
    opened(page, lab, workspace)
    rules(page)
    upload(page, put(tmp_path, BAD, "bad.csv"))
    go_on(page, "Match columns", "Settings")
    page.get_by_label("Sender", exact=True).fill("Miller")
    page.keyboard.press("Enter")
    go_on(page, "Check")
    browsing.save(page)
    page.reload()
    browsing.ready(page)
    heading(page, "Step 4 of 5: Check")
    page.locator(".ir-grid td.ir-error").first.wait_for()
    press(page, "Back")
    heading(page, "Step 3 of 5: Settings")
    browsing.restart_kernel(page)
    browsing.command(page, "notebook:run-all-cells")
    heading(page, "Step 3 of 5: Settings")
    page.get_by_text("Here you left off: bad.csv.").wait_for()
    assert page.get_by_label("Sender", exact=True).input_value() == "Miller"
    go_on(page, "Check", "Confirm")
    page.get_by_role("button", name="Import 1 invoice", exact=True).click()
    page.get_by_text("Batch 1 of main").wait_for()


@pytest.fixture
def large(tmp_path):
    """100,000 rows, one in fifty with an error."""
    rows = (line(n, due="900.00" if n % 50 == 0 else "40.00") for n in range(100_000))
    return put(tmp_path, HEAD + "".join(rows), "large.csv")


def test_a_hundred_thousand_rows_in_the_grid_and_an_import_that_is_stopped(lab, page, workspace, large):
    opened(page, lab, workspace)
    rules(page)
    upload(page, large)
    go_on(page, "Match columns", "Settings")
    page.get_by_role("button", name="Next: Check", exact=True).click()
    page.get_by_text("100,000 rows").first.wait_for(timeout=120_000)
    page.locator(".ir-grid tbody tr[data-at]").first.wait_for()
    quiet(page)
    first = int(page.locator(".ir-grid").get_attribute("data-milliseconds"))
    jumps = page.evaluate(JUMPS)
    print(f"first paint {first} ms, jumps {sorted(jumps)} ms")
    assert first <= 1000
    assert statistics.median(jumps) <= 600  # 200 on a quiet machine, which a benchmark shows
    page.get_by_label("Go to row").first.fill("99,001".replace(",", ""))
    page.get_by_role("button", name="Go to row").click()
    page.get_by_role("rowheader", name="99,001").wait_for()
    page.get_by_label("Rows that are shown").select_option("wrong")
    page.get_by_text("2,000 rows", exact=True).wait_for()
    shoot(page, "wizard-4-large", full_page=True)
    go_on(page, "Confirm")
    press(page, "Import 98,000 invoices")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("The import was stopped. Nothing was written.").wait_for(timeout=60_000)
    shoot(page, "wizard-5-stopped", full_page=True)
    page.get_by_role("button", name="Import 98,000 invoices").click()
    page.get_by_text("Batch 1 of main").wait_for(timeout=120_000)


JUMPS = """async () => {
  const grid = document.querySelector('.ir-grid'), box = grid.querySelector('.ir-box'), taken = [];
  for (let n = 0; n < 20; n++) {
    const before = grid.dataset.first, start = performance.now();
    box.scrollTop = ((n * 7919) % 97 + 1) / 99 * (box.scrollHeight - box.clientHeight);
    while (grid.dataset.first === before && performance.now() - start < 5000) await new Promise(r => requestAnimationFrame(r));
    taken.push(Math.round(performance.now() - start));
  }
  return taken;
}"""


LOSE_A_MESSAGE = """() => {
  const send = WebSocket.prototype.send;
  window.lost = 0;
  WebSocket.prototype.send = function (data) {
    if (data.byteLength > 1000000 && !window.lost) window.lost = 1; else send.call(this, data);
  };
}"""


def test_forty_megabytes_arrive_and_more_than_the_limit_is_refused_in_the_browser(lab, page, workspace, tmp_path):  # S3-1
    opened(page, lab, workspace)
    rules(page)
    row = line(1) * 10
    path = put(tmp_path, HEAD + row * (40 * 1_048_576 // len(row)), "forty.csv")
    page.locator(".ir-upload input[type=file]").set_input_files(path)
    page.get_by_text("These rules take files up to 10 MB").wait_for()
    page.get_by_label("What is in the file?").select_option("Spectra invoices (spectra.invoices)")
    page.wait_for_function("() => !document.querySelector('.ir-drop small').textContent.includes('10 MB')")
    page.evaluate(LOSE_A_MESSAGE)
    start = time.monotonic()
    upload(page, path)
    assert page.evaluate("() => window.lost") == 1
    print(f"40 MB in {time.monotonic() - start:.1f} s")
    arrived = list((workspace / "store-wizard" / "uploads").glob("*/forty.csv"))
    assert [one.stat().st_size for one in arrived] == [path.stat().st_size]


def test_a_file_that_attacks_is_text_on_a_page_without_cells_that_goes_on_when_loaded_anew(app, app_page, app_workspace, tmp_path):
    head = HEAD.replace("Contact e-mail", f"Contact e-mail,{ATTACK},=cmd|' /C calc'!A0")
    ends = (f",{ATTACK},=1+1\n", ",</td><script>window.hurt=1</script>,x\n", ",a,b\n")
    rows = [line(1, name=ATTACK), line(2), line(3, canceled=ATTACK)]
    page = opened(app_page, app, app_workspace)
    page.add_init_script("window.alert = () => { window.hurt = 1; };")
    rules(page)
    upload(page, put(tmp_path, head + "".join(row.rstrip("\n") + end for row, end in zip(rows, ends, strict=True)), "a'<b>&.csv"))
    go_on(page, "Match columns", "Settings", "Check")
    page.locator(".ir-grid td.ir-error[data-column]").first.wait_for()
    looked_at(page, app, "app-4-attack")
    page.reload()
    heading(page, "Step 4 of 5: Check")
    page.get_by_text(ATTACK).first.wait_for()
    go_on(page, "Confirm")
    press(page, "Import 2 invoices")
    page.get_by_text("Batch 1 of main").wait_for()
    looked_at(page, app, "app-5-receipt")
    assert page.evaluate("() => window.hurt === undefined && !document.querySelector('.ir-wizard img, .ir-wizard script')")
