#!/usr/bin/env python3
"""Makes the files of the typeface Literata in themes/salon/static/literata.

    npm pack @fontsource-variable/literata && tar xzf fontsource-variable-literata-*.tgz
    pip install fonttools brotli
    python tools/literata.py package/files themes/salon/static/literata

Each file is one script in one style, with the weights 400 to 700 and the design for texts of 18 points. Its name ends with the
beginning of its hash: a new file has a new address, which literata.css and templates/icons.html then have to name. The ranges
here are exact; those of `unicode-range` in literata.css are rounded, and of two that overlap the later one counts.
"""

import sys
from hashlib import sha256
from pathlib import Path

from fontTools.subset import Options, Subsetter, parse_unicodes
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

PARTS = {
    "latin": "0-FF,131,152-153,2BB-2BC,2C6,2DA,2DC,2000-206F,20AC,2122,2212",
    "latin-ext": "100-130,132-151,154-17F,18F,192,1CD-1DC,1E6-1E7,1EA-1EB,218-21B,237,259,2C7,2D8-2D9,2DB,2DD,304,308,1E80-1E85,"
    "1E9E,20A0-20AA,20AD-20C0,2113",
    "cyrillic": "301,400-45F,490-491,4B0-4B1,2116",
    "greek": "370-377,37A-37F,384-38A,38C-3FF",
    "vietnamese": "1A0-1A1,1AF-1B0,1EA0-1EF9,20AB",
}


def make(source: Path, target: Path, codes: str) -> None:
    font = instantiateVariableFont(TTFont(source, recalcTimestamp=False), {"opsz": 18, "wght": (400, 400, 700)})
    for glyph in font.getGlyphOrder():
        font["gvar"].variations.setdefault(glyph, [])
    options = Options(
        flavor="woff2",
        hinting=False,
        notdef_outline=True,
        layout_features=["kern", "liga", "locl", "ccmp", "mark", "mkmk", "rvrn"],
        name_IDs=[0, 1, 2, 4, 5, 6, 13, 14],
    )
    options.drop_tables += ["vhea", "vmtx", "VVAR"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=parse_unicodes(codes.replace(",", " ")))
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(target)
    target.rename(target.with_stem(f"{target.stem}-{sha256(target.read_bytes()).hexdigest()[:8]}"))


source, target = Path(sys.argv[1]), Path(sys.argv[2])
for part, codes in PARTS.items():
    for style, suffix in [("normal", ""), ("italic", "-italic")]:
        make(source / f"literata-{part}-opsz-{style}.woff2", target / f"{part}{suffix}.woff2", codes)
