"""The words of the settings as documents: `python -m bot.settings.documents table|env`."""

import sys
import textwrap

from bot.settings.fields import words_of_settings

_ENV_HEAD = """\
# Copy this file to .env and fill in what you need.
# The environment wins over it. All about the settings: docs/configuration.md
"""


_ENV_FOOT = """\
# Only docker-compose.yml reads these: the name under which the site is reached, and two passwords
# (make each with: openssl rand -hex 24). It sets DATABASE_URL, REDIS_URL and PUBLIC_URL from them.
PUBLIC_HOST=
POSTGRES_PASSWORD=
REDIS_PASSWORD=
"""


def env_example() -> str:
    """Return the text of `.env.example`."""
    blocks = [_ENV_HEAD]
    for name, words in words_of_settings().items():
        empty = words.default or words.default_words
        told = [words.purpose, f"Needed by: {words.needed_by}. Example: {words.example}"]
        told += [f"Empty means: {empty}"] if empty else []
        comment = "\n".join(
            textwrap.fill(each, 97, initial_indent="# ", subsequent_indent="#   ") for each in told
        )
        blocks.append(f"{comment}\n{name}=\n")
    return "\n".join([*blocks, _ENV_FOOT])


def table_of_settings() -> str:
    """Return the settings as the table in docs/configuration.md."""
    lines = [
        "| Setting | What it is for | Empty means | Example | Needed by |",
        "|---|---|---|---|---|",
    ]
    for name, words in words_of_settings().items():
        default = f"`{words.default}`" if words.default else words.default_words or "none"
        lines.append(
            f"| `{name}` | {words.purpose} | {default} | `{words.example}` | {words.needed_by} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(env_example() if "env" in sys.argv else table_of_settings() + "\n")
