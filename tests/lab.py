"""Servers that a test looks at with a real browser, JupyterLab among them."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import psutil

from ytcat import paths

PATIENCE = 90  # seconds for a kernel to start and to reach the widget


class Site:
    """A server that a test starts, and a browser that looks at it."""

    def __init__(self, browser, folder):
        self.browser, self.folder = browser, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "YTCAT_BUILD": str(folder / "build"),
        }

    def start(self, command):
        self.log = (self.folder / "log").open("w")
        self.server = subprocess.Popen(
            command, env=self.environment, stdout=self.log, stderr=subprocess.STDOUT, cwd=self.folder
        )

    def __exit__(self, *_):
        self.browser.get("about:blank")
        self.server.terminate()
        self.server.wait(30)
        self.log.close()

    def wait(self, condition, what, seconds=PATIENCE):
        """Until the condition gives something true; elements that are just being replaced are asked again."""
        from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException

        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if found := condition():
                    return found
            except (NoSuchElementException, StaleElementReferenceException):
                pass
            time.sleep(0.1)
        self.browser.save_screenshot(str(self.folder / "failed.png"))
        raise AssertionError(f"waited {seconds} s for {what}; see {self.folder}/failed.png and log")

    def script(self, code, *arguments):
        return self.browser.execute_script(code, *arguments)

    def press(self, key):
        """A key, to whatever has the focus."""
        from selenium.webdriver import ActionChains

        ActionChains(self.browser).send_keys(key.lower()).perform()

    def kernels(self):
        """The processes of the server's kernels, by their number, the oldest first."""
        children = psutil.Process(self.server.pid).children(recursive=True)
        kernels = [child for child in children if any("kernel-" in part for part in child.cmdline())]
        return sorted(kernels, key=lambda kernel: kernel.create_time())


class Lab(Site):
    """A JupyterLab server on a copy of the notebooks, and what a person does in it."""

    def __init__(self, browser, folder):
        super().__init__(browser, folder)
        shutil.copytree(paths.NOTEBOOKS, folder / "notebooks")
        settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True)
        no_news = {"fetchNews": "false", "checkForUpdates": False}
        (settings / "notification.jupyterlab-settings").write_text(json.dumps(no_news))
        self.environment |= {
            "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        }

    def __enter__(self):
        self.start([sys.executable, "-m", "jupyter", "lab", self.folder / "notebooks", "--no-browser",
                    "--allow-root", "--ip=127.0.0.1", f"--port={self.port}", "--ServerApp.port_retries=0",
                    f"--LabApp.app_settings_dir={self.folder / 'notebooks' / '.jupyterlab'}",
                    "--IdentityProvider.token=", "--ServerApp.password=",
                    "--expose-app-in-browser"])  # fmt: skip
        self.wait(self.answers, "JupyterLab to start")
        return self

    def answers(self):
        """Whether the server is there."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/status", timeout=5) as answer:
                return json.load(answer)
        except OSError:
            return None

    def command(self, name, **arguments):
        """Run one of JupyterLab's commands, as its menus do."""
        self.script("window.jupyterapp.commands.execute(arguments[0], arguments[1])", name, arguments)

    def open_and_run_all(self, notebook):
        self.browser.get(f"http://127.0.0.1:{self.port}/lab/tree/{notebook}")
        self.run_all()

    def run_all(self):
        idle = (
            "const panel = window.jupyterapp?.shell?.currentWidget, session = panel?.sessionContext;"
            "return !!session?.isReady && panel.content.widgets.length > 3"
            " && session.session?.kernel?.status === 'idle'"
        )
        self.wait(lambda: self.script(idle), "the kernel")
        self.command("notebook:run-all-cells")


class Sitting:
    """What a person does in the labelling experiment; of a `Site`."""

    def widget(self):
        return self.browser.find_element("css selector", ".ytcat-experiment")

    def find(self, selector):
        return self.widget().find_element("css selector", selector)

    def kind(self, kind):
        """Wait until the widget shows this kind of screen."""
        return self.wait(lambda: self.widget().get_attribute("data-kind") == kind, f"the screen {kind}")

    def sit(self, participant):
        self.wait(
            lambda: self.script("return !!document.querySelector('.ytcat-experiment input')"), "the widget"
        )
        self.script("document.querySelector('.ytcat-experiment').scrollIntoView()")
        code = self.find("input")
        code.click()
        code.send_keys(participant + "\n")

    def shown(self, trial):
        """Wait until the video of that trial is visible."""
        self.kind("trial")
        self.wait(lambda: self.widget().get_attribute("data-shown") == str(trial), f"trial {trial}")
        assert f"Trial {trial} of 60" in self.find(".ytcat-status").text

    def click(self, category_id):
        self.find(f"[data-category='{category_id}']").click()
