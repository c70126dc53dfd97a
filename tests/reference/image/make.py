"""Writes the pictures and goldens of this folder: python make.py, beside this file. See README.md."""

import json
import math
import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

DECODE = Path(__file__).parent / "decode"
PREPROCESS = Path(__file__).parent / "preprocess"
RANDOM = np.random.default_rng(20151205)


def scene(width, height, noise):
    """Gradients, disks, lines and strokes like text, and noise; no symmetry."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    u, v = x / max(width - 1, 1), y / max(height - 1, 1)
    rgb = np.stack([255 * u, 255 * (1 - v), 255 * (0.5 + 0.5 * np.sin(9 * u + 5 * v))], -1)
    picture = Image.fromarray(rgb.round().astype(np.uint8), "RGB")
    draw = ImageDraw.Draw(picture)
    draw.ellipse([0.55 * width, 0.1 * height, 0.9 * width, 0.5 * height], fill=(250, 240, 20))
    for i in range(6):
        left = width * (0.05 + 0.07 * i)
        draw.line([left, 0.6 * height, left + 0.1 * width, 0.9 * height], fill=(0, 0, 0) if i % 2 else (255, 255, 255))
    draw.text((0.1 * width, 0.1 * height), "Mixed_5b", fill=(10, 10, 60))
    rgb = np.asarray(picture).astype(np.float64) + noise * RANDOM.standard_normal((height, width, 3))
    return Image.fromarray(rgb.round().clip(0, 255).astype(np.uint8), "RGB")


def static(width, height):
    """Each sample 0 to 255 at random: the hardest case for a resizer's rounding."""
    return Image.fromarray(RANDOM.integers(0, 256, (height, width, 3), dtype=np.uint8), "RGB")


# Resize, crop, normalise

PILLOW = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
PLAIN = dict(
    width=1, height=1, resize="stretch", resizeTo=1, crop="none", order="resize-crop", filter="bilinear",
    channels="rgb", scale=1, mean=[0, 0, 0], std=[1, 1, 1], standardize=False,
)  # fmt: skip
IMAGENET = dict(scale=1 / 255, mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])


def align_corners(samples, width, height):
    """resizeBilinear(x, [height, width], alignCorners=true) as TF.js documents it, in float64."""
    rows, columns, _ = samples.shape
    out = np.empty((height, width, 3))
    row_ratio = (rows - 1) / (height - 1) if height > 1 else rows / height
    column_ratio = (columns - 1) / (width - 1) if width > 1 else columns / width
    for r in range(height):
        row = row_ratio * r
        row0, row1 = max(0, math.floor(row)), min(rows - 1, math.ceil(row))
        for c in range(width):
            column = column_ratio * c
            column0, column1 = max(0, math.floor(column)), min(columns - 1, math.ceil(column))
            t = column - column0
            top = samples[row0, column0] + (samples[row0, column1] - samples[row0, column0]) * t
            bottom = samples[row1, column0] + (samples[row1, column1] - samples[row1, column0]) * t
            out[r, c] = top + (bottom - top) * (row - row0)
    return out


def interpolate(picture, width, height, name):
    if name in PILLOW:
        return np.asarray(picture.resize((width, height), PILLOW[name])).astype(np.float64)
    return align_corners(np.asarray(picture).astype(np.float64), width, height)


def preprocess(picture, p):
    """Samples [height, width, 3] after resize and crop, and the part of the original that they show."""
    w, h = picture.size
    width, height, to = p["width"], p["height"], p["resizeTo"]
    if p["crop"] == "none":
        return interpolate(picture, width, height, p["filter"]), [0, 0, w, h]
    if p["order"] == "resize-crop":
        if p["resize"] == "shortest-side":  # torchvision.transforms.functional.resize
            short, long = min(w, h), max(w, h)
            other = int(to * long / short)
            size = (to, other) if w <= h else (other, to)
        else:  # Caffe's classify: a fixed size first
            ratio = to / min(width, height)
            size = (round(width * ratio), round(height * ratio))
        full = interpolate(picture, *size, p["filter"])
        top = int(round((size[1] - height) / 2.0))  # torchvision.transforms.functional.center_crop
        left = int(round((size[0] - width) / 2.0))
        x, y = w / size[0], h / size[1]
        edges = [left * x, top * y, (left + width) * x, (top + height) * y]
        edges = [math.floor(edge + 0.5) for edge in edges]
        seen = [edges[0], edges[1], max(1, edges[2] - edges[0]), max(1, edges[3] - edges[1])]
        return full[top : top + height, left : left + width], seen
    if p["resize"] == "shortest-side":  # the same fraction of the shorter side, in the input's shape
        columns, rows = (min(side, math.floor(kept * min(w, h) / to + 0.5)) for side, kept in ((w, width), (h, height)))
        left, top = (w - columns) // 2, (h - rows) // 2
        box = (left, top, left + columns, top + rows)
        return interpolate(picture.crop(box), width, height, p["filter"]), [left, top, columns, rows]
    # tf.image.central_crop
    fraction = min(width, height) / to
    top, left = int((h - h * fraction) / 2), int((w - w * fraction) / 2)
    seen = [left, top, w - 2 * left, h - 2 * top]
    box = (left, top, left + seen[2], top + seen[3])
    return interpolate(picture.crop(box), width, height, p["filter"]), seen


def normalize(samples, p):
    if p["channels"] == "bgr":
        samples = samples[:, :, ::-1]
    x = (samples * p["scale"] - np.array(p["mean"])) / np.array(p["std"])
    if p["standardize"]:  # facenet: prewhiten
        x = (x - x.mean()) / np.maximum(x.std(), 1.0 / np.sqrt(x.size))
    return x.astype("<f4")


def write_preprocess():
    sources = {
        "scene": scene(157, 113, 6),
        "tall": scene(61, 97, 0),
        "small": scene(21, 13, 3),
        "static": static(64, 47),
        "row": static(40, 1),
        "column": static(1, 33),
    }
    for name, picture in sources.items():
        picture.save(PREPROCESS / f"{name}.png", optimize=True)

    plain = [  # image, width, height, filter
        ("scene", 64, 47, "bilinear"), ("scene", 64, 47, "bicubic"), ("scene", 31, 101, "bicubic"),
        ("scene", 171, 40, "bilinear"), ("tall", 30, 30, "bilinear"), ("tall", 30, 30, "bicubic"),
        ("static", 96, 71, "bilinear"), ("static", 96, 71, "bicubic"), ("static", 29, 23, "bilinear"),
        ("static", 29, 23, "bicubic"), ("static", 17, 90, "bicubic"), ("static", 128, 20, "bicubic"),
        ("static", 64, 20, "bicubic"), ("static", 30, 47, "bilinear"), ("static", 64, 47, "bicubic"),
        ("small", 75, 75, "bicubic"), ("small", 1, 1, "bilinear"), ("row", 20, 20, "bicubic"),
        ("column", 20, 20, "bilinear"),
    ]  # fmt: skip
    cases = [
        (f"{image}-{width}x{height}-{name}", image, dict(width=width, height=height, filter=name))
        for image, width, height, name in plain
    ]
    cropped = dict(resize="shortest-side", crop="center")
    cases += [
        ("torchvision-scene", "scene", cropped | IMAGENET | dict(width=31, height=31, resizeTo=36)),
        ("torchvision-tall", "tall", cropped | IMAGENET | dict(width=31, height=31, resizeTo=36)),
        ("torchvision-small", "small", cropped | IMAGENET | dict(width=31, height=31, resizeTo=34)),
        ("torchvision-row", "row", cropped | IMAGENET | dict(width=31, height=31, resizeTo=36)),
        ("torchvision-column", "column", cropped | IMAGENET | dict(width=31, height=31, resizeTo=36)),
        ("torchvision-oblong", "static", cropped | IMAGENET | dict(width=28, height=19, resizeTo=33)),
        ("timm-scene", "scene", cropped | dict(width=31, height=31, resizeTo=35, filter="bicubic", scale=1 / 255,
                                               mean=[0.5, 0.5, 0.5], std=[0.5, 0.5, 0.5])),
        ("timm-static", "static", cropped | dict(width=31, height=31, resizeTo=34, filter="bicubic", scale=1 / 255,
                                                 mean=[0.5, 0.5, 0.5], std=[0.5, 0.5, 0.5])),
        ("caffe-scene", "scene", dict(width=28, height=28, resizeTo=32, crop="center", channels="bgr",
                                      mean=[104, 117, 123])),
        ("caffe-oblong", "tall", dict(width=28, height=21, resizeTo=33, crop="center", channels="bgr",
                                      mean=[104, 117, 123])),
        ("slim-scene", "scene", dict(width=28, height=28, resizeTo=32, crop="center", order="crop-resize",
                                     mean=[127.5, 127.5, 127.5], std=[127.5, 127.5, 127.5])),
        ("slim-static", "static", dict(width=33, height=33, resizeTo=37, crop="center", order="crop-resize",
                                       filter="bicubic", mean=[127.5, 127.5, 127.5], std=[127.5, 127.5, 127.5])),
        ("central-square", "scene", cropped | dict(width=28, height=28, resizeTo=31, order="crop-resize")),
        ("central-oblong", "tall", cropped | dict(width=20, height=30, resizeTo=35, order="crop-resize")),
        ("facenet-scene", "scene", dict(width=32, height=32, standardize=True)),
        ("facenet-static", "static", dict(width=31, height=31, filter="bicubic", standardize=True)),
        ("nsfwjs-scene", "scene", dict(width=29, height=29, filter="bilinear-align-corners", scale=1 / 255)),
        ("nsfwjs-small", "small", dict(width=30, height=31, filter="bilinear-align-corners", scale=1 / 255)),
        ("nsfwjs-row", "row", dict(width=13, height=7, filter="bilinear-align-corners", scale=1 / 255)),
        ("nsfwjs-pixel", "static", dict(width=1, height=1, filter="bilinear-align-corners", scale=1 / 255)),
        ("align-corners-cropped", "tall", cropped | dict(width=20, height=20, resizeTo=24, channels="bgr",
                                                         filter="bilinear-align-corners")),
        ("align-corners-slim", "tall", dict(width=20, height=20, resizeTo=23, crop="center", order="crop-resize",
                                            filter="bilinear-align-corners")),
    ]  # fmt: skip
    rows = []
    for name, image, options in cases:
        p = PLAIN | dict(resizeTo=max(options["width"], options["height"])) | options
        samples, seen = preprocess(sources[image], p)
        levels = {key: p[key] for key in ("channels", "scale", "mean", "std", "standardize")}
        if all(PLAIN[key] == value for key, value in levels.items()) and p["filter"] in PILLOW:
            expected = f"{name}.png"
            Image.fromarray(samples.astype(np.uint8), "RGB").save(PREPROCESS / expected, optimize=True)
        else:
            expected = f"{name}.f32"
            (PREPROCESS / expected).write_bytes(normalize(samples, p).tobytes())
        rows.append(dict(name=name, image=f"{image}.png", expected=expected, seen=seen, preprocess=p))
    write_rows(PREPROCESS, rows)


# Decode

def png(color, samples, interlaced=False):
    """A PNG file of uint8 or big-endian uint16 samples [height, width, channels], for layouts that Pillow does not write."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = samples.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 8 * samples.itemsize, color, 0, 0, interlaced)
    adam7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    passes = [samples[y::dy, x::dx] for y, x, dy, dx in adam7] if interlaced else [samples]
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for part in passes for row in part if row.size), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def saved(picture, **options):
    out = BytesIO()
    picture.save(out, **options)
    return out.getvalue()


def over_white(picture):
    rgba = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def opened(data):
    return Image.open(BytesIO(data))


def adobe_transform(data, transform):
    """A JPEG with another colour transform in its Adobe segment, or without that segment."""
    at = data.index(b"\xff\xee\x00\x0eAdobe")
    if transform is None:
        return data[:at] + data[at + 16 :]
    return data[: at + 15] + bytes([transform]) + data[at + 16 :]


def write_decode():
    base = scene(27, 18, 0)
    width, height = base.size
    y, x = np.mgrid[0:height, 0:width]
    alpha = Image.fromarray((255 * x / (width - 1)).round().astype(np.uint8), "L")
    rgba = base.copy()
    rgba.putalpha(alpha)
    grey_alpha = Image.merge("LA", [base.convert("L"), alpha])
    palette = base.quantize(12, dither=Image.NONE)
    levels16 = RANDOM.integers(0, 65536, (height, width, 4)).astype(">u2")
    levels16[0, 0] = [255, 0x7FFF, 0x80FF, 0x00FF]  # where rounding and truncation differ
    files = {}  # name: (bytes, upright RGB by Pillow)

    def add(name, data, expected=None):
        files[name] = (data, expected or opened(data).convert("RGB"))

    add("rgb-444.jpg", saved(base, format="JPEG", quality=95, subsampling=0))
    add("rgb-420.jpg", saved(base, format="JPEG", quality=90))
    add("rgb-restart.jpg", saved(base, format="JPEG", quality=90, subsampling=1, restart_marker_blocks=1))
    add("rgb-progressive.jpg", saved(base, format="JPEG", quality=90, progressive=True))
    add("grey.jpg", saved(base.convert("L"), format="JPEG", quality=90))
    black = np.asarray(base.convert("L")) // 3
    cmyk = Image.merge("CMYK", [*base.point(lambda v: 255 - v).split(), Image.fromarray(black)])
    adobe_cmyk = saved(cmyk, format="JPEG", quality=95, subsampling=0)
    add("cmyk-adobe.jpg", adobe_cmyk)
    add("cmyk-bare.jpg", adobe_transform(adobe_cmyk, None))
    ycc = base.point(lambda v: 255 - v).convert("YCbCr").point(lambda v: 255 - v)
    ycck = Image.merge("CMYK", [*ycc.split(), Image.fromarray(black)])
    add("ycck-adobe.jpg", adobe_transform(saved(ycck, format="JPEG", quality=95, subsampling=0), 2))

    add("rgb.png", saved(base, format="PNG"))
    add("grey.png", saved(base.convert("L"), format="PNG"))
    add("bits-1.png", saved(base.convert("1"), format="PNG"))
    add("palette.png", saved(palette, format="PNG", bits=4))
    transparent = saved(palette, format="PNG", transparency=bytes(range(0, 240, 20)))
    add("palette-alpha.png", transparent, over_white(opened(transparent)))
    add("rgba.png", saved(rgba, format="PNG"), over_white(rgba))
    add("grey-alpha.png", saved(grey_alpha, format="PNG"), over_white(grey_alpha))
    high = (levels16 >> 8).astype(np.uint8)
    grey16 = Image.fromarray(high[:, :, 0], "L")
    add("grey-16.png", png(0, levels16[:, :, :1]), grey16.convert("RGB"))
    add("rgb-16.png", png(2, levels16[:, :, :3]))
    rgba16 = png(6, levels16)
    add("rgba-16.png", rgba16, over_white(opened(rgba16)))
    la16 = Image.merge("LA", [grey16, Image.fromarray(high[:, :, 3], "L")])
    add("grey-alpha-16.png", png(4, levels16[:, :, [0, 3]]), over_white(la16))

    add("interlaced.png", png(2, np.asarray(base), interlaced=True))

    add("lossy.webp", saved(base, format="WEBP", quality=80))
    add("lossless.webp", saved(base, format="WEBP", lossless=True))
    lossy_alpha = saved(rgba, format="WEBP", quality=80)
    add("lossy-alpha.webp", lossy_alpha, over_white(opened(lossy_alpha)))
    add("lossless-alpha.webp", saved(rgba, format="WEBP", lossless=True, exact=True), over_white(rgba))
    frames = saved(rgba, format="WEBP", quality=80, save_all=True, append_images=[ImageOps.mirror(rgba)])
    assert b"ANMF" in frames and b"ALPH" in frames and b"VP8 " in frames
    add("lossy-alpha-animated.webp", frames, over_white(opened(frames)))
    second = ImageOps.mirror(base)
    add("animated.webp", saved(base, format="WEBP", lossless=True, save_all=True, append_images=[second]))

    add("still.gif", saved(palette, format="GIF"))
    animated = saved(palette, format="GIF", save_all=True, append_images=[ImageOps.mirror(palette)], duration=50)
    add("animated.gif", animated)
    holes = saved(palette, format="GIF", transparency=3)
    add("transparent.gif", holes, over_white(opened(holes)))

    add("rgb.bmp", saved(base, format="BMP"))
    add("palette.bmp", saved(palette, format="BMP"))
    add("bits-1.bmp", saved(base.convert("1"), format="BMP"))
    add("grey.bmp", saved(base.convert("L"), format="BMP"))

    kinds = [("jpg", dict(format="JPEG", quality=95, subsampling=0), range(1, 9)),
             ("png", dict(format="PNG"), [6, 7]), ("webp", dict(format="WEBP", lossless=True), [5, 8])]  # fmt: skip
    for suffix, options, orientations in kinds:
        for orientation in orientations:
            exif = Image.Exif()
            exif[0x0112] = orientation
            data = saved(base, exif=exif, **options)
            add(f"exif-{orientation}.{suffix}", data, ImageOps.exif_transpose(opened(data)).convert("RGB"))

    rows = []
    for name, (data, expected) in files.items():
        (DECODE / name).write_bytes(data)
        golden = f"{name}.rgb.png"
        expected.save(DECODE / golden, optimize=True)
        rows.append(dict(file=name, expected=golden))
    write_rows(DECODE, rows)


def write_rows(folder, rows):
    lines = ",\n".join(json.dumps(row) for row in rows)
    (folder / "cases.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    for folder in (DECODE, PREPROCESS):
        folder.mkdir(exist_ok=True)
    write_preprocess()
    write_decode()
