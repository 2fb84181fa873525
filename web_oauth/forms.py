"""Whether a form comes from a page of ours."""

from urllib.parse import urlsplit

from aiohttp import web


def is_our_form(request: web.Request, public_url: str) -> bool:
    """Refuse a form that another site sends for a person who did not look at our page.

    Our pages send no referrer, so browsers name our own form's origin "null".
    """
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", "null")
    return site in {"same-origin", "none"} and origin in {"null", origin_of(public_url)}


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address, as browsers write an origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
