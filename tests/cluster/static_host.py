#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Serves a folder over HTTPS: static_host.py ADDRESS FOLDER CERTIFICATE KEY."""
import functools
import http.server
import ssl
import sys

if __name__ == "__main__":
    address, folder, certificate, key = sys.argv[1:]
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    server = http.server.ThreadingHTTPServer((address, 443), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()
