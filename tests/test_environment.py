"""What a user has set elsewhere changes no figure, and is told where it does not apply."""

import ctypes
import json
import os
import resource
import subprocess
import sys

import pytest

from ytcat import environment, paths, runs

CODE = "import ytcat, os, sys; {code}"
NEEDED = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


def python(code, cwd=None, **more):
    """What a fresh Python prints after `import ytcat`, and its stderr, under the settings of a user."""
    needed = {name: os.environ[name] for name in NEEDED if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", CODE.format(code=code)],
        env=needed | {name: str(value) for name, value in more.items()},
        cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip


@pytest.mark.parametrize("name", environment.PATHS)
def test_a_relative_path_means_the_same_in_every_process(tmp_path, name):
    (tmp_path / "here").mkdir()
    code = f"import subprocess; os.chdir('/'); print(os.environ['{name}'])"
    said = python(code, tmp_path, **{name: "here"})
    assert said.stdout == f"{tmp_path / 'here'}\n"
    assert said.stderr == ""


def test_the_build_folder_is_that_of_the_first_process(tmp_path):
    code = "from ytcat import paths; os.chdir('/'); print(paths.build_folder())"
    assert python(code, tmp_path, YTCAT_BUILD="some/where").stdout == f"{tmp_path / 'some' / 'where'}\n"
    assert python(code, tmp_path, YTCAT_BUILD="~/b", HOME=tmp_path).stdout == f"{tmp_path / 'b'}\n"
    assert python(code, tmp_path, YTCAT_BUILD="").stdout == f"{paths.ROOT / 'build'}\n"


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_another_backend_of_keras_is_not_used_and_that_is_said_once(backend):
    code = "import subprocess; print(os.environ['KERAS_BACKEND'], flush=True);"
    code += "subprocess.run([sys.executable, '-c', 'import ytcat'])"
    said = python(code, KERAS_BACKEND=backend)
    assert said.stdout == "tensorflow\n"
    assert said.stderr == f"note: KERAS_BACKEND={backend} is not used: ytcat computes with tensorflow.\n"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"backend": "jax", "floatx": "float16"}, ["backend = 'jax'", "floatx = 'float16'"]),
        ({"image_data_format": "channels_first"}, ["image_data_format = 'channels_first'"]),
        ({"epsilon": 1e-3}, ["epsilon = 0.001"]),
        ({"floatx": "float31"}, ["floatx = 'float31'"]),  # Keras itself would end with a traceback
        ({"floatx": "float32", "backend": "tensorflow", "epsilon": 1e-7}, []),
        ([1], []),
    ],
)
def test_a_keras_json_is_not_read_and_what_it_would_change_is_said(tmp_path, settings, says):
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text(json.dumps(settings))
    lines = python("", HOME=tmp_path).stderr.splitlines()
    assert len(lines) == len(says)
    for line, words in zip(lines, says, strict=True):
        assert f"keras.json: {words} is not used" in line


def test_keras_computes_as_the_figures_need_it_whatever_the_user_has_set(tmp_path):
    """A real import of Keras; no keras.json is written to the user's home."""
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "keras.json").write_text(
        json.dumps({"floatx": "float16", "image_data_format": "channels_first"})
    )
    code = "from ytcat.quiet_tensorflow import keras; c = keras.config;"
    code += "print(c.backend(), c.floatx(), c.image_data_format(), c.epsilon(), c.max_epochs())"
    said = python(code, HOME=home, KERAS_HOME=tmp_path, KERAS_BACKEND="torch", KERAS_MAX_EPOCHS=1)
    assert said.stdout == "tensorflow float32 channels_last 1e-07 None\n"
    assert "KERAS_MAX_EPOCHS=1 is not used" in said.stderr
    assert not (home / ".keras").exists()


@pytest.mark.parametrize("name", environment.NOT_USED)
def test_a_setting_that_would_change_figures_is_not_used_and_that_is_said(name, monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ | {name: "7"})
    assert environment.settle() == [f"{name}=7 is not used: figures would differ from those elsewhere."]
    assert name not in os.environ
    assert environment.settle() == []


def test_a_drawing_backend_of_jupyter_stays_and_another_goes(monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ | {"MPLBACKEND": "TkAgg"})
    assert environment.settle() == [] and "MPLBACKEND" not in os.environ
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    assert environment.settle() == [] and "MPLBACKEND" in os.environ


def test_the_heaps_of_the_c_library_are_left_to_a_user_who_has_chosen(monkeypatch):
    monkeypatch.setenv("MALLOC_ARENA_MAX", "4")
    assert environment.settle() == [] and os.environ["MALLOC_ARENA_MAX"] == "4"
    monkeypatch.delenv("MALLOC_ARENA_MAX")
    assert environment.settle() == [] and os.environ["MALLOC_ARENA_MAX"] == "1"


def test_flags_of_the_compiler_are_ours_or_the_user_s_and_then_recorded(monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ | {"XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2"})
    assert environment.settle() == []
    assert environment.recorded()["XLA_FLAGS"] == "--xla_cpu_max_isa=SSE4_2"
    del os.environ["XLA_FLAGS"]
    assert environment.settle() == [] and ("XLA_FLAGS" in os.environ) == environment.X86
    assert "XLA_FLAGS" not in environment.recorded()


def test_threads_are_left_to_the_user_and_recorded(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert environment.settle() == []
    assert environment.recorded()["OMP_NUM_THREADS"] == "3"


def test_chapters_side_by_side_share_the_cores(monkeypatch):
    monkeypatch.setattr(os, "environ", os.environ | {"OPENBLAS_NUM_THREADS": "4"})
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    environment.share_cores(10_000)
    assert os.environ["OPENBLAS_NUM_THREADS"] == "4"
    del os.environ["OPENBLAS_NUM_THREADS"]
    environment.share_cores(1)
    code = "import numpy, threadpoolctl; pools = threadpoolctl.threadpool_info();"
    code += "print({pool['num_threads'] for pool in pools})"
    assert python(code, **environment.recorded()).stdout.strip() == "{1}"
    assert os.environ["TF_NUM_INTRAOP_THREADS"] == "1"  # set already
    del os.environ["TF_NUM_INTRAOP_THREADS"]
    environment.share_cores(1)
    assert os.environ["TF_NUM_INTRAOP_THREADS"] == str(os.cpu_count())


def test_git_tells_of_this_repository_or_of_none(tmp_path, monkeypatch):
    def git(*arguments):
        clean = environment.without_git() | {"HOME": str(tmp_path)}
        command = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        return subprocess.run(command, env=clean, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "-m", "another repository")
    own = runs.git_state()
    monkeypatch.setenv("GIT_DIR", str(tmp_path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    assert runs.git_state() == own
    assert own["commit"] != git("rev-parse", "HEAD")
    # A copy without its own repository, unpacked inside another one.
    inside = tmp_path / "ytcat"
    inside.mkdir()
    monkeypatch.setattr(paths, "ROOT", inside.resolve())
    assert runs.git_state() == {"commit": None, "dirty": None}


def test_people_can_read_about_every_setting():
    page = (paths.BOOK / "reproduce.md").read_text(encoding="utf-8")
    settings = environment.SET | environment.SET_UNLESS_GIVEN
    names = (*environment.PATHS, *settings, *environment.NOT_USED, *environment.RECORDED, "MPLBACKEND")
    assert [name for name in names if f"`{name}`" not in page] == []


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="another C library than GNU's")
def test_memory_that_a_training_step_frees_is_used_again_by_the_next():
    """Else the system hands each page out anew, zeroed, which took more time than the training itself."""
    code = "import resource; from ytcat.quiet_tensorflow import tf;"
    code += "step = lambda: tf.reduce_sum(tf.ones(16 * 2**20) + 1.0).numpy();"  # tensors of 64 MB
    code += "faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt;"
    code += "[step() for _ in range(30)]; before = faults();"  # the heap grows in the first steps
    code += "[step() for _ in range(20)]; print(faults() - before)"
    pages_of_a_tensor = 64 * 2**20 // resource.getpagesize()
    # The steps make 40 tensors; beside other work the heap may grow a few times more.
    assert int(python(code, MALLOC_ARENA_MAX=1).stdout) < 10 * pages_of_a_tensor
