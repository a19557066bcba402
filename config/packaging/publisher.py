# SPDX-License-Identifier: Apache-2.0
"""Who publishes the packages: written down here, once, and put into the .deb, the .rpm and the offer of source code.

usage: publisher.py FILE...    fills in these files
"""
import pathlib
import re
import sys

# A publisher sets both. NAME <ADDRESS>: who answers for the packages, and gives the source code to whoever asks.
MAINTAINER = "regcred maintainers <maintainers@regcred.example>"
HOMEPAGE = ""  # https://...; the fields are left out where it is empty


def is_placeholder():
    """Whether nobody is named: domains that end in .example belong to no one (RFC 2606)."""
    return MAINTAINER.endswith(".example>")


def filled_in(text):
    """TEXT with the values; a line whose value is empty goes."""
    for mark, value in (("@MAINTAINER@", MAINTAINER), ("@HOMEPAGE@", HOMEPAGE)):
        text = text.replace(mark, value) if value else re.sub(rf"^.*{mark}.*\n", "", text, flags=re.MULTILINE)
    return text


if __name__ == "__main__":
    for name in sys.argv[1:]:
        path = pathlib.Path(name)
        path.write_text(filled_in(path.read_text()))
