"""Writing files whole or not at all, and hashing them."""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; the file or folder made there is renamed to `path` at the end.

    It is synced to disk before. If the body raises, it is removed and `path` stays unchanged. A missing
    parent folder is created. A folder can only replace an empty folder (OSError otherwise).
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        yield temporary
        if temporary.is_dir():
            for entry in sorted(temporary.rglob("*")):
                _sync(entry)
        _sync(temporary)
        temporary.replace(path)
        _sync(path.parent)
    finally:
        if temporary.is_dir():
            shutil.rmtree(temporary)
        else:
            temporary.unlink(missing_ok=True)


def atomic_write(path: str | Path, data: bytes | str) -> None:
    """Write `data` (text as UTF-8, newlines untouched) to `path`, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_bytes(data.encode() if isinstance(data, str) else data)


def remove_leftovers(folder: Path, name: str = "") -> None:
    """Remove what killed processes have left of `atomic_path` in a folder: all, or that of one `name`.

    Nobody may be writing there.
    """
    leftover = re.compile(rf"\.{re.escape(name[:100]) or '.+'}\.[0-9a-f]{{12}}\.tmp")
    for entry in [entry for entry in folder.iterdir() if leftover.fullmatch(entry.name)]:
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def sha256_file(path: str | Path) -> str:
    """The SHA-256 of the content of a file, 64 hexadecimal digits."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_folder(folder: str | Path, patterns: Iterable[str] = ("**/*",)) -> str:
    """The SHA-256 of the names and contents of the files in `folder` that match one of the glob `patterns`.

    It does not depend on the order in which the file system lists them. A link out of the folder is not
    followed: only the name and the target count. Pipes and devices are not opened, and files of the operating
    system do not count.
    """
    folder = Path(folder)
    inside = folder.resolve()
    place = cache(Path.resolve)  # of a folder: to resolve each file would take as long as to hash it
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern)}):
        if of_the_system(path):
            continue
        real = path.resolve() if path.is_symlink() else place(path.parent) / path.name
        if not real.is_relative_to(inside):
            content = f"link out of the folder: {real}"
        elif path.is_file():
            content = sha256_file(path)
        else:
            continue
        # A file name cannot contain NUL, so different lists of files give different streams.
        digest.update(os.fsencode(f"{path.relative_to(folder).as_posix()}\0{content}\0"))
    return digest.hexdigest()


def of_the_system(path: Path) -> bool:
    """Whether macOS has put a file beside those of the user: `._name`, or `.DS_Store`."""
    return path.name.startswith("._") or path.name == ".DS_Store"


def _sync(path: Path) -> None:
    if path.is_dir() and os.name != "posix":
        return  # only POSIX can open a folder to sync its entries
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
