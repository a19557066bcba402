# SPDX-License-Identifier: Apache-2.0
"""A file of htpasswd, with bcrypt as docker-registry wants it, by the libcrypt of every Debian: Python 3.13 has no crypt."""
import ctypes


def htpasswd(username, password):
    """Its one line."""
    library = ctypes.CDLL("libcrypt.so.1")
    for function in (library.crypt, library.crypt_gensalt):
        function.restype = ctypes.c_char_p
    salt = library.crypt_gensalt(b"$2y$", ctypes.c_ulong(5), None, 0)
    return f"{username}:{library.crypt(password.encode(), salt).decode()}\n"
