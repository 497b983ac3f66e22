"""A workbook's zip written anew: parts that did not change are copied as they lie there, byte for byte, and only the others are packed."""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

_LEVEL = 2
_BLOCK = 1 << 21
_LAST_BLOCK = b"\x03\x00"
_DESCRIBED_LATER = 1 << 3
_LOCAL, _LOCAL_NAMES = 30, slice(26, 30)

Content = Iterable[bytes | memoryview]
"""What a part holds, in pieces."""


def repacked(data: bytes, archive: zipfile.ZipFile, parts: Mapping[str, Content], target: Path) -> None:
    """Write the zip `data`, opened as `archive`, with these parts in the place of its own or behind them.

    Raises OSError where the target cannot be written, BadZipFile where a part's own header does not fit the list of parts.
    """
    infos = archive.infolist()
    with target.open("wb") as out:
        listed = [
            _kept(out, data, archive, info) if info.filename not in parts else _made(out, info, parts[info.filename]) for info in infos
        ]
        own = {info.filename for info in infos}
        listed += [_made(out, zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), parts[name]) for name in parts if name not in own]
        start = out.tell()
        for entry in listed:
            out.write(entry)
        size = out.tell() - start
        out.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, len(listed), len(listed), size, start, 0))


def _kept(out: IO[bytes], data: bytes, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Copy a part as it is packed; its entry in the list of parts."""
    archive.open(info).close()  # looks that its header is one, and names it
    names = struct.unpack("<2H", data[info.header_offset :][:_LOCAL][_LOCAL_NAMES])
    start = info.header_offset + _LOCAL + sum(names)
    return _written(out, info, [data[start : start + info.compress_size]])


def _made(out: IO[bytes], like: zipfile.ZipInfo, content: Content) -> bytes:
    """Pack a part; its entry in the list of parts."""
    info = zipfile.ZipInfo(like.filename, like.date_time)
    info.compress_type = zipfile.ZIP_DEFLATED
    packed, info.CRC, info.file_size = deflated(content)
    info.compress_size = sum(map(len, packed))
    return _written(out, info, packed)


def _written(out: IO[bytes], info: zipfile.ZipInfo, packed: Iterable[bytes]) -> bytes:
    name = info.filename.encode()
    flags = info.flag_bits & ~_DESCRIBED_LATER | (0 if name.isascii() else 0x800)
    year, month, day, hour, minute, second = info.date_time
    day, time = (max(year, 1980) - 1980) << 9 | month << 5 | day, hour << 11 | minute << 5 | second // 2
    facts = struct.pack("<5H3L2H", 20, flags, info.compress_type, time, day, info.CRC, info.compress_size, info.file_size, len(name), 0)
    start = out.tell()
    out.write(b"PK\x03\x04" + facts + name)
    for block in packed:
        out.write(block)
    return b"PK\x01\x02" + struct.pack("<H", 20) + facts + struct.pack("<3H2L", 0, 0, 0, info.external_attr, start) + name


def deflated(content: Content) -> tuple[list[bytes], int, int]:
    """(packed blocks, CRC-32, size): each block packed on its own, so that several are at work at once."""
    blocks = [memoryview(piece)[start : start + _BLOCK] for piece in content for start in range(0, len(piece), _BLOCK)]
    with ThreadPoolExecutor(2) as pool:
        packed = list(pool.map(_deflated, blocks))
    crc = 0
    for block in blocks:
        crc = zlib.crc32(block, crc)
    return [*packed, _LAST_BLOCK], crc, sum(map(len, blocks))


def _deflated(block: memoryview) -> bytes:
    pack = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15)
    return pack.compress(block) + pack.flush(zlib.Z_FULL_FLUSH)
