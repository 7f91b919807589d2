"""Writes pictures.json: small picture files of every kind, each with the pixels that Pillow gives.

Pillow cannot write every kind of PNG and BMP, so these are written here. Where a rule is Convoy's
own (alpha over white, 16 bits of grey, plain Netpbm's rounding), numpy works out the pixels.

    python3 make_fixtures.py > pictures.json
"""

import base64
import ctypes
import io
import json
import struct
import zlib

import numpy
from PIL import Image, ImageOps

random = numpy.random.default_rng(7)
fixtures = []


def add(name, data, pixels, **extra):
    pixels = numpy.asarray(pixels, dtype=numpy.uint8)
    height, width = pixels.shape[:2]
    fixtures.append({
        "name": name, "file": base64.b64encode(bytes(data)).decode(),
        "width": width, "height": height, "channels": 1 if pixels.ndim == 2 else pixels.shape[2],
        "pixels": base64.b64encode(pixels.tobytes()).decode(), **extra})


def pillow(data, mode):
    return numpy.asarray(Image.open(io.BytesIO(bytes(data))).convert(mode))


# PNG

def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data
            + struct.pack(">I", zlib.crc32(kind + data)))


def filtered(rows, size):
    """Filters each row with another of the five filters, the first not always with the same."""
    above = bytes(len(rows[0])) if rows else b""
    result = bytearray()
    for number, row in enumerate(rows):
        kind = (number + len(rows)) % 5
        result.append(kind)
        for i, value in enumerate(row):
            a = row[i - size] if i >= size else 0
            b = above[i]
            c = above[i - size] if i >= size else 0
            p = a + b - c
            nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            result.append((value - [0, a, b, (a + b) // 2, nearest][kind]) % 256)
        above = row
    return bytes(result)


def packed(samples, depth):
    """The bytes of one row of samples."""
    if depth == 16:
        return samples.astype(">u2").tobytes()
    bits = "".join(format(int(v), f"0{depth}b") for v in samples.reshape(-1))
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


GRIDS = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2)]


def png(samples, kind, depth, interlaced=False, before=b"", pieces=1, after=b""):
    height, width = samples.shape[:2]
    size = max(1, depth * samples.shape[2] // 8)
    data = b""
    for x, y, dx, dy in GRIDS if interlaced else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx]
        if part.size:
            data += filtered([packed(row, depth) for row in part], size)
    data = zlib.compress(data, 9)
    cuts = [len(data) * i // pieces for i in range(pieces + 1)]
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced))
            + before + b"".join(chunk(b"IDAT", data[a:b]) for a, b in zip(cuts, cuts[1:]))
            + after + chunk(b"IEND", b""))


def eight(samples, depth):
    return samples >> 8 if depth == 16 else samples * 255 // (2 ** depth - 1)


def over_white(values, alpha):
    values, alpha = values.astype(int), alpha.astype(int)
    return (values * alpha + 255 * (255 - alpha) + 127) // 255


def samples_of(count, depth, height=9, width=10):
    """Noise on a slope, so that all filters matter."""
    rows, columns = numpy.mgrid[:height, :width]
    slope = (rows * 5 + columns * 3)[:, :, None] * numpy.arange(1, count + 1)
    noise = random.integers(0, 2 ** depth, (height, width, count)) // 4
    return (slope * 2 ** depth // 150 + noise) % 2 ** depth


for interlaced in [False, True]:
    end = " interlaced" if interlaced else ""
    for depth in [1, 2, 4, 8, 16]:
        s = samples_of(1, depth)
        data = png(s, 0, depth, interlaced)
        expected = eight(s, depth)[:, :, 0]
        if depth < 16:
            assert (pillow(data, "L") == expected).all()
        add(f"PNG gray {depth}{end}", data, expected)
        if depth > 8:
            continue
        if depth < 8 or not interlaced:
            colors = random.integers(0, 256, (2 ** depth if depth < 8 else 40, 3), dtype=numpy.uint8)
            s = s % len(colors)
            data = png(s, 3, depth, interlaced, chunk(b"PLTE", colors.tobytes()))
            add(f"PNG palette {depth}{end}", data, pillow(data, "RGB"))
    for depth in [8, 16]:
        s = samples_of(3, depth)
        data = png(s, 2, depth, interlaced, pieces=3)
        add(f"PNG color {depth}{end}", data, pillow(data, "RGB"))
        for kind, count in [(4, 2), (6, 4)]:
            s = samples_of(count, depth)
            e = eight(s, depth)
            pixels = over_white(e[:, :, :-1], e[:, :, -1:])
            add(f"PNG {'gray' if kind == 4 else 'color'} with alpha {depth}{end}",
                png(s, kind, depth, interlaced), pixels[:, :, 0] if kind == 4 else pixels)

for depth in [2, 8, 16]:
    s = samples_of(1, depth)
    s[2, 3] = s[5, 5] = s[0, 0]
    if depth == 16:
        # Another colour with the same upper byte is not transparent.
        s[4, 4] = s[0, 0] ^ 1
    add(f"PNG transparent gray {depth}",
        png(s, 0, depth, before=chunk(b"tRNS", struct.pack(">H", s[0, 0, 0]))),
        numpy.where(s == s[0, 0], 255, eight(s, depth))[:, :, 0])
for depth in [8, 16]:
    s = samples_of(3, depth)
    s[2, 3] = s[5, 5] = s[0, 0]
    s[6, 6] = s[0, 0]
    s[6, 6, 2] ^= 1
    same = (s == s[0, 0]).all(axis=2, keepdims=True)
    add(f"PNG transparent color {depth}",
        png(s, 2, depth, before=chunk(b"tRNS", struct.pack(">HHH", *s[0, 0]))),
        numpy.where(same, 255, eight(s, depth)))
colors = random.integers(0, 256, (16, 3), dtype=numpy.uint8)
alpha = random.integers(0, 256, 9, dtype=numpy.uint8)
s = samples_of(1, 4)
full = numpy.append(alpha, [255] * 7)
add("PNG transparent palette",
    png(s, 3, 4, before=chunk(b"PLTE", colors.tobytes()) + chunk(b"tRNS", alpha.tobytes())),
    over_white(colors, full[:, None])[s[:, :, 0]])
grays = numpy.repeat(random.integers(0, 256, (16, 1), dtype=numpy.uint8), 3, axis=1)
add("PNG palette of grays", png(s, 3, 4, before=chunk(b"PLTE", grays.tobytes())),
    grays[s[:, :, 0], 0])
every = numpy.stack(numpy.meshgrid(numpy.arange(0, 256, 17), numpy.arange(0, 256, 15)), axis=2)
add("PNG all alphas", png(every, 4, 8), over_white(every[:, :, 0], every[:, :, 1]))
for size in [(1, 1), (2, 1), (1, 5), (3, 4), (7, 9)]:
    s = samples_of(3, 8, *size)
    data = png(s, 2, 8, True)
    add(f"PNG interlaced {size[1]}x{size[0]}", data, pillow(data, "RGB"))


def exif(orientation, order="<"):
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return (mark + struct.pack(order + "IH", 8, 2)
            + struct.pack(order + "HHII", 0x0100, 4, 1, 7)
            + struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
            + struct.pack(order + "I", 0))


s = samples_of(3, 8, 3, 4)
for orientation in range(1, 9):
    data = png(s, 2, 8, before=chunk(b"eXIf", exif(orientation, "<>"[orientation % 2])))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    add(f"PNG orientation {orientation}", data, upright, orientation=orientation)
data = png(s, 2, 8, after=chunk(b"eXIf", exif(6)))
add("PNG orientation after the pixels", data,
    ImageOps.exif_transpose(Image.open(io.BytesIO(data))), orientation=6)

# JPEG


def photo(height, width):
    rows, columns = numpy.mgrid[:height, :width]
    base = numpy.stack([rows * 5 + columns, columns * 6, (rows * columns) % 200], axis=2)
    return Image.fromarray(
        ((base + random.integers(0, 40, base.shape)) % 256).astype(numpy.uint8))


def jpeg(image, **options):
    file = io.BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


turbo = ctypes.CDLL("libturbojpeg.so.0")
turbo.tjInitCompress.restype = ctypes.c_void_p


def turbo_jpeg(pixels, pixel_format, sampling):
    """For files that Pillow does not write."""
    pixels = numpy.ascontiguousarray(pixels, dtype=numpy.uint8)
    height, width, count = pixels.shape
    handle = ctypes.c_void_p(turbo.tjInitCompress())
    buffer = ctypes.c_void_p()
    size = ctypes.c_ulong()
    status = turbo.tjCompress2(
        handle, pixels.ctypes.data_as(ctypes.c_void_p), width, width * count, height, pixel_format,
        ctypes.byref(buffer), ctypes.byref(size), sampling, 80, 0)
    assert status == 0
    return ctypes.string_at(buffer, size.value)


def add_jpeg(name, data, mode="RGB", **extra):
    add("JPEG " + name, data, pillow(data, mode), **extra)


for sampling, name in [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")]:
    add_jpeg(name, jpeg(photo(19, 21), quality=85, subsampling=sampling))
    add_jpeg(name + " progressive",
             jpeg(photo(17, 18), quality=70, subsampling=sampling, progressive=True))
add_jpeg("4:4:0", turbo_jpeg(photo(21, 19), 0, 4))
add_jpeg("gray", jpeg(photo(15, 17).convert("L"), quality=85), "L")
add_jpeg("gray progressive", jpeg(photo(15, 17).convert("L"), progressive=True), "L")
add_jpeg("restart markers", jpeg(photo(17, 34), quality=60, restart_marker_blocks=2))
add_jpeg("1x1", jpeg(photo(1, 1)))
add_jpeg("without YCbCr", jpeg(photo(9, 10), keep_rgb=True))
add_jpeg("CMYK", jpeg(Image.fromarray(
    random.integers(0, 256, (9, 10, 4), dtype=numpy.uint8), "CMYK"), quality=90))
add_jpeg("YCCK", turbo_jpeg(random.integers(0, 256, (11, 9, 4)), 11, 0))
for orientation in range(1, 9):
    data = jpeg(photo(5, 9), quality=75, exif=b"Exif\0\0" + exif(orientation))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    add(f"JPEG orientation {orientation}", data, upright, orientation=orientation)
data = jpeg(photo(24, 40), quality=70)
for size in [(40, 24), (20, 12), (19, 12), (10, 6), (5, 3), (1, 1)]:
    image = Image.open(io.BytesIO(data))
    divisor = max(d for d in [1, 2, 4, 8] if 40 // d >= size[0] and 24 // d >= size[1])
    if divisor > 1:
        image.draft("RGB", (40 // divisor, 24 // divisor))
    assert image.size == (40 // divisor, 24 // divisor)
    add(f"JPEG at least {size[0]}x{size[1]}", data, image, atLeast=size)

# Netpbm


def netpbm(name, data, pixels):
    add("Netpbm " + name, data, pixels)


bits = random.integers(0, 2, (5, 11))
gray = random.integers(0, 256, (5, 11))
color = random.integers(0, 256, (4, 3, 3))


def text(values):
    return "\n".join(" ".join(str(v) for v in row.reshape(-1)) for row in values).encode() + b"\n"


def dense(values):
    return b"".join(bytes(48 + v for v in row) + b"\n" for row in values)


data = b"P1\n# a comment\n11 5\n" + dense(bits)
netpbm("P1", data, pillow(data, "L"))
data = b"P4 11 5\n" + numpy.packbits(bits.astype(bool), axis=1).tobytes()
netpbm("P4", data, pillow(data, "L"))
data = b"P2 #\n11 # width\n5\n255\n" + text(gray)
netpbm("P2", data, pillow(data, "L"))
data = b"P3\n3 4\n255\n" + text(color)
netpbm("P3", data, pillow(data, "RGB"))
data = b"P5\n11 5 255\n" + bytes(gray.astype(numpy.uint8))
netpbm("P5", data, pillow(data, "L"))
data = b"P6\n# a comment\n3 4\n255\n" + bytes(color.astype(numpy.uint8))
netpbm("P6", data, pillow(data, "RGB"))
for largest in [1, 6, 100, 254, 256, 1000, 65535]:
    values = random.integers(0, largest + 1, (5, 11))
    values[0, :2] = [0, largest]
    expected = (values * 510 + largest) // (2 * largest)
    netpbm(f"P2 to {largest}", b"P2 11 5 %d\n" % largest + text(values), expected)
    netpbm(f"P5 to {largest}", b"P5 11 5 %d\n" % largest
           + values.astype(">u2" if largest > 255 else ">u1").tobytes(), expected)

# BMP


def bmp(width, height, bits, body, palette=b"", size=40, compression=0, masks=b"", used=0):
    if size == 12:
        header = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        header = struct.pack("<IiiHHIIiiII", size, width, height, 1, bits, compression, 0, 0, 0,
                             used, 0) + masks
        header += bytes(max(0, size - len(header)))
    start = 14 + len(header) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + header + palette + body


def rows_of(values, bits):
    """Bottom up, each row filled up to four bytes."""
    rows = [packed(row, bits) for row in values[::-1]]
    return b"".join(row + bytes(-len(row) % 4) for row in rows)


for bits in [1, 4, 8]:
    colors = random.integers(0, 256, (2 ** bits, 4), dtype=numpy.uint8)
    colors[:, 3] = 0
    values = random.integers(0, 2 ** bits, (7, 9))
    body = rows_of(values, bits)
    data = bmp(9, 7, bits, body, colors.tobytes())
    add(f"BMP {bits}", data, pillow(data, "RGB"))
    data = bmp(9, 7, bits, body, colors[:, :3].tobytes(), size=12)
    add(f"BMP {bits} OS/2", data, pillow(data, "RGB"))
values = random.integers(0, 20, (7, 9))
data = bmp(9, 7, 8, rows_of(values, 8), colors[:20].tobytes(), used=20)
add("BMP few colors", data, pillow(data, "RGB"))
ramp = numpy.repeat(numpy.arange(256, dtype=numpy.uint8)[:, None], 4, axis=1)
values = random.integers(0, 256, (7, 9))
data = bmp(9, 7, 8, rows_of(values, 8), ramp.tobytes())
add("BMP gray", data, pillow(data, "L"))
for bits in [16, 24, 32]:
    values = random.integers(0, 256, (7, 9, bits // 8))
    body = rows_of(values, 8)
    data = bmp(9, 7, bits, body)
    add(f"BMP {bits}", data, pillow(data, "RGB"))
    data = bmp(9, -7, bits, body)
    add(f"BMP {bits} top down", data, pillow(data, "RGB"))
    for size in [40, 56, 108, 124]:
        if bits == 24 or (size == 56 and bits == 16):
            continue
        masks = (0xF800, 0x7E0, 0x1F) if bits == 16 else (0xFF0000, 0xFF00, 0xFF)
        data = bmp(9, 7, bits, body, size=size, compression=3,
                   masks=struct.pack("<IIII", *masks, 0)[:12 if size == 40 else 16])
        add(f"BMP {bits} fields {size}", data, pillow(data, "RGB"))
data = bmp(9, 7, 24, body=rows_of(random.integers(0, 256, (7, 9, 3)), 8), size=12)
add("BMP 24 OS/2", data, pillow(data, "RGB"))
colors = random.integers(0, 256, (256, 4), dtype=numpy.uint8)
body = bytes([9, 3, 0, 0, 4, 7, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0, 2, 8, 0, 0, 0, 2, 3, 1, 5, 200, 0, 0,
              9, 7, 0, 1])
data = bmp(9, 6, 8, body, colors.tobytes(), compression=1)
add("BMP run lengths 8", data, pillow(data, "RGB"))
body = bytes([9, 0x31, 0, 0, 4, 0x70, 0, 5, 0x12, 0x34, 0x50, 0, 0, 0, 3, 0xA5, 0, 2, 2, 1, 2, 0x88, 0, 0,
              9, 0x12, 0, 1])
data = bmp(9, 5, 4, body, colors[:16].tobytes(), compression=2)
add("BMP run lengths 4", data, pillow(data, "RGB"))

print("[" + ",\n".join(json.dumps(fixture) for fixture in fixtures) + "]")
