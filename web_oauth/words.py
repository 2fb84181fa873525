"""What the pages say. Short, kind, and always with what to do next."""

from web_oauth.pages import Message, Way

FOREIGN_FORM = Message(
    "Please start on our page",
    (
        "This login was started by another site, so it was not begun.",
        "Open the link in your chat again and press the button there.",
    ),
)

NOT_FOUND = Message(
    "There is nothing here",
    ("The address may be cut short. Open it once more from the chat.",),
)

TOO_MANY = Message(
    "One moment, please",
    ("There were many requests from your network. Try again in a minute.",),
)

BUSY = Message(
    "We cannot do this right now",
    ("Our database did not answer. Nothing was changed. Try again in a minute.",),
)


def our_mistake(reference: str) -> Message:
    """Say that something broke on our side, with the reference it is logged under."""
    return Message(
        "Something went wrong on our side",
        ("It is written down, and nothing of yours was lost. Please try again from the chat.",),
        reference=reference,
    )


def not_possible(status: int) -> Message:
    """Say that a request cannot be taken as it is."""
    titles = {
        403: "This link is not good (any more)",
        405: "That is not possible here",
        413: "That is too large",
        416: "There is no such part",
    }
    return Message(
        titles.get(status, "We could not read that"),
        ("Go back to the chat and try once more from there.",),
    )


_LINK_WORDS = {
    "unknown": (
        "This link is not known",
        "It may be cut short, or newer links took its place.",
    ),
    "used": (
        "This link was used already",
        "Each link connects one account, once.",
    ),
    "expired": (
        "This link has expired",
        "Links are good for ten minutes, so that nobody else can use them later.",
    ),
    "other_browser": (
        "This login was begun in another browser",
        "A login is finished where it was begun: a forwarded link cannot move your account.",
    ),
}


def refused(why: str, chat: str, way: Way | None, command: str = "/connect") -> Message:
    """Say why a link or a login is not taken, and how to get a new link."""
    title, line = _LINK_WORDS[why]
    return Message(
        title,
        (line, "Nothing was connected.", f"For a new link send {command} to the bot in {chat}."),
        way,
    )


def other_team(
    platform: str, username: str, way: Way | None, command: str = "/connect"
) -> Message:
    """Say that an account belongs to another team here."""
    return Message(
        f"@{username} belongs to another team",
        (
            f"A {platform} account can be in one team at a time, and another team has this one.",
            "Nothing was changed. That team has been told that you asked.",
            f"Once they disconnect it, send {command} again.",
        ),
        way,
    )


def nothing_connected(
    why: str,
    platform: str,
    way: Way | None,
    *,
    username: str,
    missing: str,
    meaning: str,
    command: str = "/connect",
) -> tuple[Message, int]:
    """Say why a login came to nothing, with the status the page is answered with."""
    match why:
        case "denied":
            return _denied(platform, way, command), 200
        case "scopes":
            return _scopes(platform, way, missing, meaning, command), 200
        case "personal":
            return _personal_account(platform, way, username, command), 200
        case "code_refused":
            line = f"{platform} says this login was used already or has lapsed."
            return _failed(f"{platform} did not take the login", line, way, command), 400
        case "no_code" | "refused_there":
            line = f"{platform} sent you back without a login."
            return _failed("The login was not finished", line, way, command), 400
        case "platform":
            line = f"{platform} is slow or down at the moment."
            return _failed(f"{platform} did not answer", line, way, command), 502
        case _:
            line = f"{platform} did not let us see which account it is."
            return _failed("The login was refused", line, way, command), 502


def _denied(platform: str, way: Way | None, command: str) -> Message:
    return Message(
        "Nothing was connected",
        (
            f"You did not allow access on {platform}, and that is fine.",
            f"Should you change your mind, send {command} in the chat.",
        ),
        way,
    )


def _scopes(platform: str, way: Way | None, missing: str, meaning: str, command: str) -> Message:
    return Message(
        "A permission is missing",
        (
            f"Not allowed: {missing}. It is needed {_purpose(meaning)}.",
            "Nothing was connected.",
            f"Send {command} again and leave every switch on at {platform}.",
        ),
        way,
    )


def _purpose(meaning: str) -> str:
    """Return a meaning as it reads after "needed": some platforms write "to …" themselves."""
    return meaning if meaning.startswith("to ") else f"to {meaning}"


def _personal_account(platform: str, way: Way | None, username: str, command: str) -> Message:
    return Message(
        f"@{username} is a personal account",
        (
            f"{platform} lets apps publish for professional accounts only. Nothing was connected.",
            f"Switching is free and takes a minute. In the {platform} app open Settings.",
            "There choose “Account type and tools”, then “Switch to professional account”.",
            f"Then send {command} again.",
        ),
        way,
    )


def _failed(title: str, line: str, way: Way | None, command: str) -> Message:
    words = f"Nothing was connected. Send {command} for a new link."
    return Message(title, (line, words), way)


def installed(chat: str, workspace: str, way: Way | None) -> Message:
    """Say that the app is in a workspace now, and what to do next."""
    where = workspace or "your workspace"
    return Message(
        f"Postcue is in {where}",
        (
            f"Open {chat} and send a photo to Postcue with a caption and “tomorrow 9am”.",
            "To post from a channel, invite it there: /invite @Postcue.",
        ),
        way,
        is_good=True,
    )


_NOT_INSTALLED = {
    "denied": ("Nothing was installed", "The consent page was left with a no."),
    "state": (
        "This page was not begun here",
        "It was used already, took longer than ten minutes, or belongs to another browser.",
    ),
    "busy": ("{chat} does not answer", "Nothing was installed. Try again in a minute."),
    "refused": (
        "{chat} did not let us in",
        "The code was refused, or less was allowed than is needed. Nothing was installed.",
    ),
}


def not_installed(why: str, chat: str, way: Way | None) -> Message:
    """Say that the app was not installed, why, and how to begin again."""
    title, line = _NOT_INSTALLED[why]
    return Message(title.format(chat=chat), (line,), way)
