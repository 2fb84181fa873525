"""The documents say what is so: links lead somewhere, settings are all there, nothing private."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from bot.settings.documents import env_example, table_of_settings
from bot.settings.fields import words_of_settings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")],
    key=lambda path: path.relative_to(ROOT).as_posix(),
)
NAMES = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]
PACKAGES = ("bot", "scheduling", "web_oauth", "platforms", "integrations", "models")
FOLDERS = (*PACKAGES, "sandbox", "tests", "docs", "deploy")
PUBLIC_TEXTS = [
    *DOCUMENTS,
    *(
        path
        for folder in (*PACKAGES, "sandbox", "tests")
        for path in (ROOT / folder).rglob("*.py")
    ),
    ROOT / ".ci" / "run",
    ROOT / ".env.example",
    ROOT / "docker-compose.yml",
    ROOT / "Makefile",
    ROOT / "pyproject.toml",
    *(ROOT / "deploy").iterdir(),
    *ROOT.glob("*.lock"),
]
START, END = "<!-- settings -->\n", "<!-- /settings -->\n"


def without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def anchors_of(path: Path) -> set[str]:
    """Return what can be linked to in *path*, as the usual viewers name headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading).strip().lower() for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    path = ROOT / name
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(path.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = unquote(link).partition("#")
        found = (path.parent / target).resolve() if target else path
        if not found.exists() or (anchor and anchor not in anchors_of(found)):
            broken.append(link)

    assert not broken


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_a_document_names_exists(name: str) -> None:
    named = re.findall(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`", (ROOT / name).read_text())

    # NAME stands for the one that is to be added.
    assert not [each for each in named if "NAME" not in each if not (ROOT / each).exists()]


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_and_module_that_a_document_names_exists(name: str) -> None:
    text = (ROOT / name).read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)) <= targets
    for module in set(re.findall(r"python -m ([\w.]+)", text)):
        place = ROOT.joinpath(*module.split("."))
        assert place.is_dir() or place.with_suffix(".py").is_file(), module


def test_every_command_that_a_document_names_is_one_of_the_program() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "bot", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    named = {
        command
        for path in DOCUMENTS
        for command in re.findall(r"(?:python -m bot|`postcue) ([a-z][a-z-]*)", path.read_text())
    }

    assert named
    assert not [each for each in named if not re.search(rf"(?<![\w-]){each}(?![\w-])", told)]


def test_the_table_of_settings_is_the_one_in_the_program() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text()

    assert text.partition(START)[2].partition(END)[0] == f"\n{table_of_settings()}\n\n", (
        "write it with: python -m tests.docs.test_docs"
    )


def test_the_example_has_every_setting_and_nothing_is_set_in_it() -> None:
    text = (ROOT / ".env.example").read_text()

    made = "write it with: python -m bot.settings.documents env > .env.example"
    assert text == env_example(), made
    assert set(words_of_settings()) <= set(re.findall(r"^(\w+)=$", text, re.MULTILINE))
    assert not re.findall(r"^\w+=.+$", text, re.MULTILINE)


def test_no_path_of_one_machine_and_no_package_host_is_in_what_we_publish() -> None:
    unwanted = re.compile(
        r"/home/\w|/Users/\w|/ro"
        r"ot/|/wo"
        r"rk/|[A-Z]:\\\\[A-Za-z]"
        r"|py"
        r"pi\.org|python"
        r"hosted|://[\w.-]*(?:artifactory|nexus|registry|mirror)"
        r"|--(?:extra-)?index-url[ =]\S|--find-links[ =]\S"
    )

    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in PUBLIC_TEXTS
        if path != Path(__file__).resolve()
        for match in unwanted.finditer(path.read_text())
    ]

    assert not found


def test_the_original_tables_are_mapped_onto_columns_that_exist() -> None:
    from models import account, inbox, outbox, post, team

    tables = {
        model.Meta.table: set(model._meta.fields_map)
        for module in (account, inbox, outbox, post, team)
        for model in vars(module).values()
        if isinstance(model, type) and model.__module__ == module.__name__
        if hasattr(model, "Meta") and hasattr(model.Meta, "table")
    }
    text = (ROOT / "docs" / "architecture.md").read_text()
    mapping = text.partition("## The original tables")[2]

    named = re.findall(rf"`({'|'.join(tables)})\.(\w+)`", mapping)
    assert len(named) > 40
    assert not [f"{table}.{column}" for table, column in named if column not in tables[table]]


def test_every_word_of_the_code_in_the_glossary_exists() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text()
    code = "\n".join(
        path.read_text() for folder in PACKAGES for path in (ROOT / folder).rglob("*.py")
    )

    classes = set(re.findall(r"`([A-Z][a-zA-Z]+)(?:\.\w+)?`", text))
    assert not [each for each in classes if f"class {each}" not in code]


def write_table() -> None:
    """Put the table of settings into docs/configuration.md."""
    path = ROOT / "docs" / "configuration.md"
    before, _, rest = path.read_text().partition(START)
    after = rest.partition(END)[2]
    path.write_text(f"{before}{START}\n{table_of_settings()}\n\n{END}{after}")


if __name__ == "__main__":
    write_table()
    sys.stdout.write("docs/configuration.md is up to date\n")
