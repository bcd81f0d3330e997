import pytest

from ytcat.atomic_files import atomic_path, atomic_write, sha256_file, sha256_folder

EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of nothing


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_atomic_write_writes_bytes_and_text_and_makes_folders(tmp_path):
    atomic_write(tmp_path / "new" / "text", "grün\r\n")
    atomic_write(tmp_path / "new" / "bytes", b"\xff\0")
    assert (tmp_path / "new" / "text").read_bytes() == "grün\r\n".encode()
    assert (tmp_path / "new" / "bytes").read_bytes() == b"\xff\0"
    assert names(tmp_path / "new") == ["bytes", "text"]


def test_atomic_write_replaces(tmp_path):
    atomic_write(tmp_path / "file", "old")
    atomic_write(tmp_path / "file", "new")
    assert (tmp_path / "file").read_text() == "new"


def test_atomic_path_is_in_the_same_folder_and_leaves_nothing_when_the_body_raises(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(RuntimeError), atomic_path(tmp_path / "file") as temporary:
        temporary.write_text("half")
        assert temporary.parent == tmp_path
        raise RuntimeError
    assert names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_atomic_path_raises_when_nothing_was_made(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "file"):
        pass
    assert names(tmp_path) == []


def test_atomic_path_makes_a_folder_whole_or_not_at_all(tmp_path):
    with atomic_path(tmp_path / "folder") as temporary:
        (temporary / "deep").mkdir(parents=True)
        (temporary / "deep" / "file").write_text("content")
        assert not (tmp_path / "folder").exists()
    assert (tmp_path / "folder" / "deep" / "file").read_text() == "content"
    with pytest.raises(RuntimeError), atomic_path(tmp_path / "other") as temporary:
        (temporary / "deep").mkdir(parents=True)
        raise RuntimeError
    assert names(tmp_path) == ["folder"]


def test_atomic_path_does_not_replace_a_folder_with_content(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("old")
    with pytest.raises(OSError, match="not empty"), atomic_path(tmp_path / "folder") as temporary:
        temporary.mkdir()
    assert names(tmp_path) == ["folder"]
    assert (tmp_path / "folder" / "file").read_text() == "old"


def test_a_long_name_is_fine(tmp_path):
    atomic_write(tmp_path / ("x" * 250), "")
    assert names(tmp_path) == ["x" * 250]


def test_sha256_of_a_file(tmp_path):
    (tmp_path / "empty").touch()
    assert sha256_file(tmp_path / "empty") == EMPTY


def test_sha256_of_a_folder_depends_on_names_and_contents_only(tmp_path):
    for folder, order in (("a", ("x", "y")), ("b", ("y", "x"))):
        (tmp_path / folder).mkdir()
        for name in order:
            (tmp_path / folder / name).write_text(f"content of {name}")
    first = sha256_folder(tmp_path / "a")
    assert sha256_folder(tmp_path / "b") == first
    (tmp_path / "b" / "y").rename(tmp_path / "b" / "z")
    assert sha256_folder(tmp_path / "b") != first
    assert sha256_folder(tmp_path / "b", ["x"]) == sha256_folder(tmp_path / "a", ["x"])
    (tmp_path / "a" / "y").write_text("other")
    assert sha256_folder(tmp_path / "a") != first


def test_sha256_of_a_folder_follows_no_link_out_of_it(tmp_path):
    (tmp_path / "secret").write_text("one")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "link").symlink_to(tmp_path / "secret")
    first = sha256_folder(tmp_path / "folder")
    (tmp_path / "secret").write_text("two")
    assert sha256_folder(tmp_path / "folder") == first
