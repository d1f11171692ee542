"""The predecessor of hello-server, Istio's helloserver sample: python3 hello.py PORT."""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.log_message("path: %s, headers: %s", self.path, self.headers)
        self.send_response(200)
        self.send_header("Content-type", "text/html")
        self.end_headers()
        self.wfile.write(f"Hello World! {self.path}".encode())


HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
