"""Makes of any image we take the one kind every platform takes: JPEG, sRGB, 8 bit, upright.

Encoding anew also drops what hides in files: EXIF with its places, profiles, a tail of other data.
"""

import asyncio
import io
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps

from integrations.media.probe import (
    BROKEN_PICTURE,
    Reason,
    Source,
    Unusable,
    open_image,
    opened,
    sniff,
)

JPEG_MIME = "image/jpeg"
JPEG_QUALITY = 92
_HEAD_BYTES = 4096
_SIXTEEN_BIT_MODES = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})


@dataclass(frozen=True, slots=True)
class Converted:
    """A JPEG ready to be kept, with its size as shown."""

    body: bytes
    width: int
    height: int


async def jpeg_of(source: Source) -> Converted | Unusable:
    """Convert *source* without holding up the event loop."""
    return await asyncio.to_thread(to_jpeg, source)


def to_jpeg(source: Source) -> Converted | Unusable:
    """Convert an image that was judged usable; blocks. Transparent parts become white."""
    with opened(source) as file:
        head = file.read(_HEAD_BYTES)
        file.seek(0)
        if not head:
            return Unusable(Reason.EMPTY)
        mime = sniff(head)
        if isinstance(mime, Unusable):
            return mime
        if not mime.startswith("image/"):
            return Unusable(Reason.UNSUPPORTED, mime)
        image = open_image(file, mime)
        if isinstance(image, Unusable):
            return image
        try:
            return _encoded(_upright_srgb(image))
        except Image.DecompressionBombError:
            return Unusable(Reason.TOO_MANY_PIXELS)
        except BROKEN_PICTURE:
            return Unusable(Reason.DAMAGED)


def _encoded(image: Image.Image) -> Converted:
    into = io.BytesIO()
    image.save(into, "JPEG", quality=JPEG_QUALITY, optimize=True, icc_profile=None, exif=b"")
    return Converted(into.getvalue(), image.width, image.height)


def _upright_srgb(image: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(image)
    if upright.mode in _SIXTEEN_BIT_MODES:
        return upright.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    if _has_alpha(upright):
        upright = _on_white(upright)
    profile = image.info.get("icc_profile")
    return _by_profile(upright, profile) if profile else upright.convert("RGB")


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info


def _on_white(image: Image.Image) -> Image.Image:
    clear = image.convert("RGBA")
    page = Image.new("RGB", clear.size, "white")
    page.paste(clear, mask=clear.getchannel("A"))
    return page


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Bring colours from the image's own profile to sRGB; a broken or unfit profile is ignored."""
    target = ImageCms.createProfile("sRGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert("RGB")
    return made if made is not None else image.convert("RGB")
