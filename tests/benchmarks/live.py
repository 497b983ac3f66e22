"""A click in a notebook while a million rows are being imported: how long the kernel takes to answer it.

A real kernel runs the wizard; the messages of a button's click are sent to it as the browser sends them, one after the other, until the
import is done.
"""

import statistics
import tempfile
import time
from pathlib import Path

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

from tests.benchmarks.harness import ROOT, Limit
from tests.benchmarks.receivables import write

ROWS = 1_000_000
PATIENCE = 300

_BEGIN = """
import ipywidgets
from invoice_rules.notebook import ImportWizard

wizard = ImportWizard({store!r}, source={path!r}, rules="paystand.receivables", limit_mb=2000, folder={folder!r})
clicked = []
button = ipywidgets.Button()
button.on_click(lambda _: clicked.append(1))
"""


def _told(client: BlockingKernelClient, code: str) -> str:
    """What the code prints. Raises RuntimeError where it fails."""
    lines: list[str] = []

    def hear(message: dict) -> None:
        if message["msg_type"] == "stream":
            lines.append(message["content"]["text"])

    reply = client.execute_interactive(code, output_hook=hear, timeout=PATIENCE)
    if reply["content"]["status"] != "ok":
        raise RuntimeError("\n".join(reply["content"]["traceback"])[-3000:])
    return "".join(lines).strip()


def _until(client: BlockingKernelClient, what: str) -> None:
    """Wait until this is so; the kernel must not wait itself, for it has messages to answer."""
    end = time.monotonic() + PATIENCE
    while _told(client, f"print(bool({what}))") != "True":
        if time.monotonic() > end:
            raise RuntimeError(f"The wizard did not get so far: {what}. It says: {_told(client, 'print(wizard.frame.messages)')}")
        time.sleep(0.2)


def _click(client: BlockingKernelClient, model: str) -> float:
    """Seconds from sending a click to the kernel's word that it is done with it."""
    data = {"method": "custom", "content": {"event": "click"}}
    message = client.session.msg("comm_msg", {"comm_id": model, "data": data})
    began = time.perf_counter()
    client.shell_channel.send(message)
    while True:
        said = client.get_iopub_msg(timeout=PATIENCE)
        idle = said["msg_type"] == "status" and said["content"]["execution_state"] == "idle"
        if idle and said["parent_header"].get("msg_id") == message["header"]["msg_id"]:
            return time.perf_counter() - began


def measured(rows: int) -> list[float]:
    """The seconds of every click during one import."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "receivables.csv", rows)
        manager, client = start_new_kernel(cwd=str(ROOT))
        try:
            _told(client, _BEGIN.format(store=str(Path(folder) / "store.sqlite"), path=str(path), folder=folder))
            for step in range(1, 5):
                _until(client, f"wizard.state.step == {step} and not wizard.worker.busy")
                time.sleep(0.5)
                _told(client, "wizard.next.click()")
            _until(client, "wizard.state.step == 5 and not wizard.confirm.commit.disabled")
            model = _told(client, "print(button.model_id)")
            _told(client, "wizard.confirm.commit.click()")
            answered: list[float] = []
            while _told(client, "print(wizard.receipt is None, wizard.frame.messages)") == "True []":
                for _ in range(5):
                    answered.append(_click(client, model))
                    time.sleep(0.05)
            stored, clicks = map(int, _told(client, "print(sum(dict(wizard.receipt.counts).values()), len(clicked))").split())
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    if stored != rows or clicks != len(answered):
        raise RuntimeError(f"{stored:,} of {rows:,} rows were imported, and {clicks} of {len(answered)} clicks arrived.")
    return answered


def main(rows: int = 0, times: int = 1) -> list[Limit]:
    """The median of all clicks of one import."""
    rows = rows or ROWS
    answered = measured(rows)
    work = f"A click in the notebook while {rows:,} rows are imported, median of {len(answered)} (slowest {max(answered) * 1000:,.0f} ms)"
    figure = Limit("live", work, statistics.median(answered) * 1000, 200, "ms")
    print(figure, flush=True)
    return [figure]
