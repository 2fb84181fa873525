"""Put the pretend Instagram on an application, behind the addresses that the real hosts have."""

from aiohttp import web

from sandbox.instagram.box import InstagramSandbox
from sandbox.instagram.door import Door

PREFIX = "/instagram"


def mount(box: InstagramSandbox, app: web.Application) -> None:
    """Add what the product calls to *app*, and let *box* live as long as it does."""

    async def start(_app: web.Application) -> None:
        await box.start()

    async def shut(_app: web.Application) -> None:
        box.shut()

    async def close(_app: web.Application) -> None:
        await box.close()

    Door(box, PREFIX).register(app)
    app.on_startup.append(start)
    app.on_shutdown.append(shut)
    app.on_cleanup.append(close)
