"""Answers as servers_test.go says, on the standard library's http.server."""
import http.server
import socketserver
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def whole(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status, body, *fields):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in fields:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_POST(self):
        if self.path == "/early":
            self.close_connection = True
            return self.answer(413, b"too large", ("Connection", "close"))
        if self.path == "/slow":
            return time.sleep(60)
        body = self.whole()
        if self.path == "/chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for byte in body:
                self.wfile.write(b"1\r\n%c\r\n" % byte)
            return self.wfile.write(b"0\r\nX-Length: %d\r\n\r\n" % len(body))
        if self.path == "/close":
            self.close_connection = True
            self.send_response(200)
            self.end_headers()
            return self.wfile.write(body)
        if self.path == "/empty":
            self.send_response(204)
            return self.end_headers()
        return self.answer(200, body)

    def do_GET(self):
        self.protocol_version = "HTTP/1.0"
        self.close_connection = True
        self.answer(200, b"old")

    do_PUT = do_HEAD = do_POST


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
