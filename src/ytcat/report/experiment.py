"""The labelling experiment as a page of its own, for people without JupyterLab, served by Voilà.

Everyone who opens the link gets a kernel, so that nobody waits for, or ends with, somebody else. Memory is
bounded by the number of kernels: whoever comes when `people` are there is asked to come back. A closed page
ends its kernel; one whose page is gone without a word makes way for the next person, and one that nobody has
used for `IDLE` seconds is ended. Answers are on disk before the next video shows, in the files of chapter 02,
so an ended kernel loses nothing.
"""

import asyncio
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat

from ytcat import paths, runs
from ytcat.exceptions import YtcatError
from ytcat.human.widget import Experiment
from ytcat.report.profiles import RunSettings
from ytcat.views import VIEWS

CHAPTER = "02_human_baseline"
IDLE = 30 * 60  # seconds
LOCAL = "127.0.0.1"
TEMPLATES = Path(__file__).with_name("voila")  # a folder of Jupyter's data: Voilà's template of the page
# Characters of a socket's path: what Voilà and Jupyter add to the folder for temporary files, and the most
# that macOS allows (Linux allows four more): `sun_path` in `sys/un.h`.
SOCKET_NAME = len("/voila_12345678/kernel-12345678-1234-1234-1234-123456789012-ipc-1")
SOCKET_PATH = 103


def page(namespace: Mapping[str, Any]) -> Experiment:
    """The experiment, its results beside the finished runs of the models; `namespace` as for `runs.begin`."""
    run = runs.begin(CHAPTER, namespace)
    models = {}
    # Without runs of the models, or with runs of other videos, no model is beside the person.
    with suppress(YtcatError):
        models = {
            VIEWS[key].slides_model: runs.correct(finished.predictions)
            for key, finished in run.read_models().items()
        }
    plan_settings = [run.parameters[name] for name in ("split", "fold", "limit", "plan_seed", "length")]
    return Experiment(run.corpus, run.part_of_videos, *plan_settings, models=models, alone=True)


def serve(run: RunSettings, host: str, port: int, people: int, say: Callable[[str], None] = print) -> None:
    """Serve the page until it is interrupted; at most `people` at a time.

    On another host than this machine's own address the link holds a token, without which nobody gets in.
    Raises YtcatError if the port is taken.
    """
    _check_port(host, port)
    token = "" if host == LOCAL else secrets.token_urlsafe(16)
    query = f"?token={token}" if token else ""
    say(f"the experiment: http://{_address(host)}:{port}/{query}    (Ctrl+C ends it)")
    if token:
        say(
            "warning: whoever on this network has this link can answer, and nothing is encrypted. Give it to "
            "people whom you know, and end it afterwards."
        )
    with tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder) / "experiment.ipynb"
        nbformat.write(_notebook(run.parameters[CHAPTER]), notebook)
        _voila(notebook, host, port, token, people)


def _check_port(host: str, port: int) -> None:
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            free.bind((host, port))
        except OSError as error:
            raise YtcatError(
                f"Nothing can be served at {host}:{port} ({error.strerror}): give another PORT or HOST."
            ) from error


def _address(host: str) -> str:
    """The address for others on the network, if the host is all of this machine's addresses."""
    if host != "0.0.0.0":
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: it only chooses the way out
            return probe.getsockname()[0]
        except OSError:
            return socket.gethostname()


def _notebook(parameters: Mapping[str, Any]) -> nbformat.NotebookNode:
    """What a kernel runs: the chapter's cell of parameters, their values in this run, the page."""
    chapter = nbformat.read(paths.NOTEBOOKS / f"{CHAPTER}.ipynb", as_version=4)
    declared = next(cell for cell in chapter.cells if "parameters" in cell.metadata.get("tags", []))
    values = "".join(f"{name} = {value!r}\n" for name, value in parameters.items())
    shown = "from ytcat.report.experiment import page\n\npage(globals())"
    cells = [nbformat.v4.new_code_cell(source) for source in (declared.source, values, shown)]
    metadata = {"kernelspec": chapter.metadata["kernelspec"], "title": "Which category is this video in?"}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def _voila(notebook: Path, host: str, port: int, token: str, people: int) -> None:
    """Run Voilà on the notebook, in this process, until it is interrupted."""
    os.environ["JUPYTER_PATH"] = os.pathsep.join(
        [str(TEMPLATES), *filter(None, [os.environ.get("JUPYTER_PATH")])]
    )
    from tornado.web import HTTPError
    from traitlets.config import Config
    from voila.app import Voila

    ending: list[asyncio.Future] = []  # asyncio itself forgets what nobody holds

    def admit(handler: Any, **_: Any) -> None:
        """Called for everyone who comes, before a kernel is started."""
        kernels = handler.kernel_manager.list_kernels()
        left = [k for k in kernels if not k["connections"] and k["execution_state"] == "idle"]
        if len(kernels) - len(left) >= people:
            raise HTTPError(503, reason=f"{people} people are answering: come back in some minutes")
        for kernel in left if len(kernels) >= people else []:
            ending.append(asyncio.ensure_future(handler.kernel_manager.shutdown_kernel(kernel["id"])))
        # This sets a cookie, without which a page that is closed cannot end its kernel.
        handler.xsrf_token  # noqa: B018

    config = Config()
    config.VoilaConfiguration.prelaunch_hook = admit
    config.VoilaConfiguration.template = "ytcat"
    config.VoilaConfiguration.allow_template_override = "NO"
    config.Voila.ip, config.Voila.port, config.Voila.port_retries = host, port, 0
    config.Voila.open_browser, config.Voila.log_level = False, "ERROR"
    config.Voila.token = token
    config.MappingKernelManager.cull_idle_timeout = IDLE
    config.MappingKernelManager.cull_interval = 60
    config.MappingKernelManager.cull_connected = config.MappingKernelManager.cull_busy = True
    config.KernelManager.autorestart = False  # a new kernel knows nothing of the page of a dead one
    if os.name == "posix" and len(tempfile.gettempdir()) + SOCKET_NAME <= SOCKET_PATH:
        # Files, which nobody else can take or read. A port that Jupyter has chosen for a kernel may be taken
        # before the kernel has it; whoever came then waited a minute for nothing.
        config.KernelManager.transport = "ipc"
    Voila.launch_instance([str(notebook)], config=config)
