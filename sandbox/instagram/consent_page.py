"""The page on which a pretend person lets the product in, or does not."""

from html import escape

from sandbox.instagram.accounts import BASIC_SCOPE, SCOPE_WORDS, PretendAccount
from sandbox.instagram.oauth import Consent

_KIND_WORDS = {
    "BUSINESS": "Business account",
    "MEDIA_CREATOR": "Creator account",
    "PERSONAL": "Personal account",
}


def consent_page(
    consent: Consent, accounts: list[PretendAccount], base: str, signed_in: str
) -> str:
    """Return the page; its form posts back to the same address, query and all."""
    people = "".join(_person(account, base, signed_in) for account in accounts)
    scopes = "".join(_scope(scope) for scope in consent.scopes)
    return _page(
        "Let Postcue in?",
        f"""<h1>Postcue asks for access</h1>
<p>This is the sandbox Instagram. Nothing here leaves your machine.</p>
<form method="post">
<fieldset><legend>Which account is yours?</legend>{people}</fieldset>
<fieldset class="scopes"><legend>Postcue may</legend>{scopes}</fieldset>
<div class="row"><button name="decision" value="deny">Cancel</button>
<button class="yes" name="decision" value="allow">Allow</button></div>
</form>
<p class="note">Instagram lets apps publish for business and creator accounts only.
Choose the personal one to see what happens then.</p>""",
        base,
    )


def refusal_page(reason: str, base: str) -> str:
    """Return what Instagram shows when the address itself is wrong."""
    body = f"<h1>Sorry, this page is not available</h1><p>{escape(reason)}</p>"
    return _page("Error", body, base)


def _person(account: PretendAccount, base: str, signed_in: str) -> str:
    checked = " checked" if account.username == signed_in else ""
    name = escape(account.username)
    return (
        f'<label><input type="radio" name="account" value="{name}"{checked} required>'
        f'<img src="{base}/avatar/{name}.svg" width="40" height="40" alt="">'
        f"<span>{name}<small>{_KIND_WORDS[account.account_type]}</small></span></label>"
    )


def _scope(scope: str) -> str:
    is_basic = scope == BASIC_SCOPE
    lock = ' onclick="return false" aria-disabled="true"' if is_basic else ""
    words = escape(SCOPE_WORDS[scope]) + (" (always)" if is_basic else "")
    return (
        f'<label><input type="checkbox" name="scope" value="{scope}" checked{lock}>'
        f"<span>{words}</span></label>"
    )


def _page(title: str, body: str, base: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} · Sandbox Instagram</title>"
        f'<link rel="stylesheet" href="{base}/consent.css"></head>'
        f"<body><main>{body}</main></body></html>"
    )


def avatar(account: PretendAccount) -> str:
    """Draw the account's picture, as SVG."""
    first, second = account.colours
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">'
        f'<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop stop-color="{first}"/>'
        f'<stop offset="1" stop-color="{second}"/></linearGradient></defs>'
        '<rect width="96" height="96" fill="url(#g)"/>'
        f'<path d="{account.glyph}" fill="none" stroke="#fffaf0" stroke-width="5" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
