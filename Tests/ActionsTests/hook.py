"""A web server for tests: what it does is in the path, and what it was sent goes to a file, a line of JSON each.

hook.py DIRECTORY [CERTIFICATE KEY]: the port is written to DIRECTORY/port, requests to DIRECTORY/requests.
"""
import hashlib, hmac, http.server, json, os, ssl, sys, threading, time

directory = sys.argv[1]
secret = b"s3cret"
failures = {}
lock = threading.Lock()


def is_signed(headers, body):
    moment = headers.get("X-Outpost-Timestamp", "")
    expected = hmac.new(secret, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    is_fresh = moment.isdigit() and abs(time.time() - int(moment)) < 300
    return is_fresh and hmac.compare_digest(headers.get("X-Outpost-Signature", ""), "sha256=" + expected)


class Hook(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        words = self.path.strip("/").split("/")
        seen = {
            "path": self.path, "peer": self.client_address[1], "signed": is_signed(self.headers, body),
            "headers": {name.lower(): value for name, value in self.headers.items()}, "body": body.decode(),
        }
        with lock:
            with open(directory + "/requests", "a") as file:
                file.write(json.dumps(seen) + "\n")
            times = failures[self.path] = failures.get(self.path, 0) + 1
        if words[0] == "fail" and times <= int(words[2]):
            return self.answer(int(words[1]), b"not now")
        if words[0] == "status":
            return self.answer(int(words[1]), b"no \x1b[31mway")
        if words[0] == "redirect":
            return self.answer(302, Location="/ok")
        if words[0] == "hang" or words[0] == "warning" and b'"level":"warning"' in body:
            while not os.path.exists(directory + "/go"):
                time.sleep(0.01)
        if words[0] == "large":
            return self.answer(200, b"x" * 10_000_000)
        if words[0] == "drip":
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            time.sleep(1000)
        self.answer(200)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", 0), Hook)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
with open(directory + "/port.new", "w") as file:
    file.write(str(server.server_address[1]))
os.rename(directory + "/port.new", directory + "/port")
server.serve_forever()
