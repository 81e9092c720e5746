"""fastrsi simulate, as a client meets it: what is subscribed to comes byte for byte, and each fault does what it says."""

import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import program
from exchange import Exchange
from websocket_client import BINARY, Closed, Refused, WebSocket

BEGIN_NS = program.BEGIN_NS


def trade(name, number, time_ms, price="10.50000000"):
    return (b'{"e":"trade","E":%d,"s":"%s","t":%d,"p":"%s","q":"0.10000000","T":%d,"m":true,"M":true}'
            % (time_ms + 1, name.encode(), number, price.encode(), time_ms))


def subscribe(*symbols):
    return {"method": "SUBSCRIBE", "params": [s.lower() + "@trade" for s in symbols], "id": 7}


class SimulateCase(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fastrsi-simulate-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    def capture(self, frames, venue="binance"):
        lines = [program.header(venue)]
        lines += [b"%d %s\n" % (time_ns, frame) for time_ns, frame in frames]
        return self.write(f"{venue}.capture", b"".join(lines))

    def exchange(self, *words):
        exchange = Exchange(*words)
        self.addCleanup(exchange.stop)
        return exchange

    def two_symbols(self, count=200):
        """A frame each 100 ms, by turns of two symbols."""
        names = ["AAAUSDT", "BBBUSDT"]
        return [(BEGIN_NS + i * 10**8,
                 trade(names[i % 2], 1000 + i // 2, (BEGIN_NS + i * 10**8) // 10**6, f"{10 + i % 7}.50000000"))
                for i in range(count)]

    def with_faults(self, faults, *words, frames=None, speed="max"):
        self.log_path = self.folder / "faults.log"
        return self.exchange(self.capture(frames or self.two_symbols()), "--speed", speed, "--faults",
                             self.write("faults.txt", faults), "--fault-log", self.log_path, *words)

    def log(self, event):
        lines = [json.loads(line) for line in self.log_path.read_text().splitlines()]
        return [line for line in lines if line["event"] == event]


class Serving(SimulateCase):
    def test_a_subscriber_gets_the_captures_bytes_and_nothing_else(self):
        frames = self.two_symbols()
        exchange = self.exchange(self.capture(frames), "--speed", "max")
        self.assertRegex(exchange.line, r"^binance with 2 symbols in 2 streams: ws://127\.0\.0\.1:\d+ and http://")
        client = exchange.connect()
        self.assertEqual(client.ask(subscribe("AAAUSDT")), {"result": None, "id": 7})
        got, end = client.messages()
        self.assertEqual(got, [frame for _, frame in frames[::2]])
        self.assertEqual((end.code, end.reason), (1000, "the end"))
        code, words = exchange.stop()
        self.assertEqual(code, 0)
        self.assertIn("played 200 frames (0 of no stream that is served), sent 100, kept back 0; 1 connections", words)

    def test_combined_streams_wrap_raw_frames_and_the_url_may_subscribe(self):
        frames = self.two_symbols(20)
        exchange = self.exchange(self.capture(frames), "--speed", "max", "--wait", 2)
        client = exchange.connect("/stream?streams=aaausdt@trade/bbbusdt@trade")
        got, _ = client.messages()
        names = ["aaausdt@trade", "bbbusdt@trade"]
        self.assertEqual(got, [b'{"stream":"%s","data":%s}' % (names[i % 2].encode(), frame)
                               for i, (_, frame) in enumerate(frames)])

    def test_raw_streams_unwrap_combined_frames(self):
        frames = self.two_symbols(20)
        wrapped = [(t, b'{"stream":"aaausdt@trade","data":' + frame + b"}") for t, frame in frames[::2]]
        client = self.exchange(self.capture(wrapped), "--speed", "max").connect("/ws/aaausdt@trade")
        self.assertEqual(client.messages()[0], [frame for _, frame in frames[::2]])

    def test_answers_of_binance(self):
        exchange = self.exchange(self.capture(self.two_symbols()), "--speed", "max", "--wait", 9)
        client = exchange.connect()
        self.assertEqual(client.ask(subscribe("AAAUSDT", "NONEUSDT")), {"result": None, "id": 7})
        self.assertEqual(client.ask({"method": "LIST_SUBSCRIPTIONS", "id": "x"}),
                         {"result": ["aaausdt@trade"], "id": "x"})
        self.assertEqual(client.ask({"method": "UNSUBSCRIBE", "params": ["aaausdt@trade"], "id": 8}),
                         {"result": None, "id": 8})
        self.assertEqual(client.ask({"method": "LIST_SUBSCRIPTIONS", "id": 9}), {"result": [], "id": 9})
        client.close()
        client = exchange.connect()
        for bad, code in (("nonsense", 3), ('{"method":"SUBSCRIBE"}', 2), ('{"method":"X","id":1}', 2),
                          ('{"method":"SUBSCRIBE","params":["AAAUSDT@trade"],"id":1}', 2)):
            client.send(bad)
            self.assertEqual(json.loads(client.message())["error"]["code"], code, bad)

    def test_too_many_messages_in_a_second_close_the_connection(self):
        exchange = self.exchange(self.capture(self.two_symbols()), "--wait", 9)
        client = exchange.connect()
        for number in range(20):
            client.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))
        _, end = client.messages()
        self.assertEqual((end.code, end.reason), (1008, "Too many requests"))

    def test_other_paths_and_other_requests_are_refused(self):
        exchange = self.exchange(self.capture(self.two_symbols()), "--wait", 9)
        with self.assertRaisesRegex(Refused, "404"):
            exchange.connect("/elsewhere")
        raw = socket.create_connection(("127.0.0.1", exchange.port), timeout=20)
        raw.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
        self.assertIn(b" 400 ", raw.recv(1000))
        raw.close()
        raw = socket.create_connection(("127.0.0.1", exchange.port), timeout=20)
        raw.sendall(b"POST /api/v3/order HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertIn(b" 405 ", raw.recv(1000))
        raw.close()

    def test_a_client_that_breaks_the_protocol_is_told(self):
        client = self.exchange(self.capture(self.two_symbols()), "--wait", 9).connect()
        client.socket.sendall(b"\x81\x02{}")  # not masked
        self.assertEqual(client.messages()[1].code, 1002)

    def test_the_history_is_made_of_what_was_played(self):
        frames = self.two_symbols(1300)  # 130 s
        exchange = self.exchange(self.capture(frames), "--speed", "max", "--history", "125s", "--wait", 9)
        answer, rows = exchange.get("/api/v3/klines?symbol=AAAUSDT&interval=1m&limit=5")
        self.assertEqual((answer.status, answer.headers["X-MBX-USED-WEIGHT-1M"]), (200, "2"))
        begin = BEGIN_NS // 10**6
        self.assertEqual([row[0] for row in rows], [begin, begin + 60_000, begin + 120_000])
        first = [json.loads(frame) for time_ns, frame in frames[::2] if time_ns < BEGIN_NS + 60 * 10**9]
        prices = [float(one["p"]) for one in first]
        self.assertEqual([float(text) for text in rows[0][1:5]], [prices[0], max(prices), min(prices), prices[-1]])
        self.assertEqual((rows[0][6], rows[0][8]), (begin + 59_999, len(first)))
        self.assertEqual(rows[2][8], 25)  # so far
        one = exchange.get(f"/api/v3/klines?symbol=AAAUSDT&interval=1m&startTime={begin + 1}&limit=1")[1]
        self.assertEqual([row[0] for row in one], [begin + 60_000])
        self.assertEqual(exchange.get("/api/v3/klines?symbol=X&interval=1m")[0].status, 400)
        self.assertEqual(exchange.get("/api/v3/klines?symbol=AAAUSDT&interval=7m")[1]["code"], -1120)
        listed = exchange.get("/api/v3/exchangeInfo")[1]["symbols"]
        self.assertEqual([one["symbol"] for one in listed], ["AAAUSDT", "BBBUSDT"])

    def test_made_up_trades_are_the_same_for_a_seed_and_recorded_as_sent(self):
        got = []
        for name in ("one", "two"):
            record = self.folder / f"{name}.capture.zst"
            exchange = self.exchange("--generate", "3", "--seed", 5, "--rate", 200, "--length", "20s",
                                     "--speed", "max", "--wait", 3, "--record", record)
            client = exchange.connect("/stream?streams=" + "/".join(f"sim{i:04}usdt@trade" for i in range(3)))
            got.append(client.messages()[0])
            self.assertEqual(exchange.process.wait(20), 0)
            text = subprocess.run(["zstd", "-dcq", record], check=True, stdout=subprocess.PIPE).stdout
            self.assertEqual([line.split(b" ", 1)[1] for line in text.splitlines()[1:]], got[-1])
        self.assertEqual(got[0], got[1])
        self.assertGreater(len(got[0]), 3000)
        ids = {}
        for frame in got[0]:
            one = json.loads(frame)["data"]
            self.assertEqual(one["t"], ids.get(one["s"], one["t"] - 1) + 1)
            ids[one["s"]] = one["t"]
        self.assertEqual(len(ids), 3)

    def test_speed_keeps_exchange_time(self):
        frames = self.two_symbols(11)  # 1 s
        exchange = self.exchange(self.capture(frames), "--speed", "10")
        client = exchange.connect("/ws/aaausdt@trade")
        self.assertEqual(len(client.messages()[0]), 6)

    def test_tls_and_another_certificate(self):
        for name in ("first", "second"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                            "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                            self.folder / f"{name}.key", "-out", self.folder / f"{name}.pem"],
                           check=True, stderr=subprocess.DEVNULL)
        pem = lambda name: str(self.folder / f"{name}.pem")
        key = lambda name: str(self.folder / f"{name}.key")
        frames = self.two_symbols()
        exchange = self.with_faults(f"at 1s certificate {pem('second')} {key('second')}\nat 2s drop\n",
                                    "--tls", pem("first"), key("first"), frames=frames)
        self.assertIn("wss://", exchange.line)
        client = exchange.connect("/ws/aaausdt@trade", ca_file=pem("first"))
        got, end = client.messages()
        self.assertIsNone(end.code)
        self.assertEqual(got, [frame for _, frame in frames[:20:2]])
        client = exchange.connect("/ws/aaausdt@trade", ca_file=pem("second"))
        self.assertEqual(client.messages()[0][-1], frames[-2][1])


class OtherVenues(SimulateCase):
    def test_coinbase(self):
        match = (b'{"type":"match","trade_id":12,"maker_order_id":"a","taker_order_id":"b","side":"buy",'
                 b'"size":"0.1","price":"100.5","product_id":"BTC-USD","sequence":5,'
                 b'"time":"2024-08-09T00:00:00.000000Z"}')
        exchange = self.exchange(self.capture([(BEGIN_NS, match)], "coinbase"), "--speed", "max")
        client = exchange.connect("/")
        ask = lambda *products: {"type": "subscribe", "product_ids": products, "channels": ["matches"]}
        self.assertEqual(client.ask(ask("NO-USD"))["reason"], "NO-USD is not a valid product")
        self.assertEqual(client.ask(ask("BTC-USD")),
                         {"type": "subscriptions", "channels": [{"name": "matches", "product_ids": ["BTC-USD"]}]})
        self.assertEqual(client.message(), match)

    def test_kraken(self):
        update = (b'{"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"buy","price":100.5,'
                  b'"qty":0.1,"ord_type":"limit","trade_id":12,"timestamp":"2024-08-09T00:00:00.000000Z"}]}')
        exchange = self.exchange(self.capture([(BEGIN_NS, update)], "kraken"), "--speed", "max")
        client = exchange.connect("/v2")
        self.assertEqual(client.ask({"method": "ping", "req_id": 3}), {"method": "pong", "req_id": 3})
        client.send(json.dumps({"method": "subscribe", "req_id": 4,
                                "params": {"channel": "trade", "symbol": ["NO/USD", "BTC/USD"]}}))
        first, second = json.loads(client.message()), json.loads(client.message())
        self.assertEqual((first["success"], first["symbol"], first["req_id"]), (False, "NO/USD", 4))
        self.assertEqual((second["success"], second["result"]["symbol"]), (True, "BTC/USD"))
        self.assertEqual(client.message(), update)
        client.close()


class Faults(SimulateCase):
    def all_frames(self):
        return [frame for _, frame in self.two_symbols()]

    def follow(self, exchange):
        client = exchange.connect("/ws/aaausdt@trade/bbbusdt@trade")
        return client.messages()

    def test_swallowed_trades_are_in_the_log_and_nowhere_else(self):
        exchange = self.with_faults("at 5s swallow 3 # and no more\n", "--wait", 2)
        got, _ = self.follow(exchange)
        exchange.stop()
        frames = self.all_frames()
        self.assertEqual(got, frames[:50] + frames[53:])
        lost = [(one["symbol"], number) for one in self.log("lost") for number in one["ids"]]
        self.assertEqual(lost, [(json.loads(f)["s"], json.loads(f)["t"]) for f in frames[50:53]])
        self.assertEqual([one["fault"] for one in self.log("fault")], ["swallow"])

    def test_duplicate_and_reorder_and_mute(self):
        exchange = self.with_faults("at 2s duplicate 2\nat 5s reorder 3\nat 10s mute 1s\n", "--wait", 2)
        got, _ = self.follow(exchange)
        f = self.all_frames()
        self.assertEqual(got, f[:20] + [f[20], f[20], f[21], f[21]] + f[22:50] + f[52:49:-1] + f[53:100] + f[110:])

    def test_every_takes_its_turns(self):
        exchange = self.with_faults("every 4s from 1s until 9s swallow 1 | duplicate 1\n", "--wait", 2)
        got, _ = self.follow(exchange)
        f = self.all_frames()
        self.assertEqual(got, f[:10] + f[11:50] + [f[50]] + f[50:90] + f[91:])

    def test_junk_comes_between(self):
        exchange = self.with_faults("at 5s junk 10\n", "--wait", 2)
        client = exchange.connect("/ws/aaausdt@trade/bbbusdt@trade")
        got = []
        try:
            while True:
                got.append(client.typed_message())
        except Closed:
            pass
        frames = self.all_frames()
        self.assertEqual([payload for _, payload in got[:50] + got[60:]], frames)
        self.assertEqual(got[59][0], BINARY)

    def test_drop_close_and_shutdown_end_connections_their_own_way(self):
        exchange = self.with_faults("at 2s drop\nat 5s close 1001\nat 10s shutdown 2s\n", "--wait", 2)
        got, end = self.follow(exchange)
        self.assertEqual((len(got), end.code), (20, None))
        got, end = self.follow(exchange)
        self.assertEqual((got, end.code), (self.all_frames()[20:50], 1001))
        got, end = self.follow(exchange)
        frames = self.all_frames()
        self.assertEqual(got[:50] + got[51:], frames[50:120])
        self.assertEqual(json.loads(got[50])["e"], "serverShutdown")
        self.assertEqual((end.code, end.reason), (1001, "shutdown"))

    def test_half_of_the_subscriptions_are_dead(self):
        exchange = self.with_faults("at 2s half 5s\nat 2s drop\n", "--wait", 2)
        self.follow(exchange)
        client = exchange.connect()
        client.send(json.dumps(subscribe("AAAUSDT", "BBBUSDT")))
        got, _ = client.messages()
        self.assertEqual(json.loads(got[0]), {"result": None, "id": 7})
        self.assertEqual(got[1:], self.all_frames()[20::2])
        exchange.stop()
        self.assertEqual(self.log("subscribe")[-1]["dead"], ["bbbusdt@trade"])

    def test_a_stale_trade_is_first(self):
        exchange = self.with_faults("at 1s stale 1\nat 2s drop\n", "--wait", 2)
        self.follow(exchange)
        client = exchange.connect("/ws")
        client.send(json.dumps(subscribe("AAAUSDT", "BBBUSDT")))
        got, _ = client.messages()
        frames = self.all_frames()
        self.assertEqual(json.loads(got[0]), {"result": None, "id": 7})
        self.assertEqual(got[1:], [frames[18]] + frames[20:])

    def test_handshakes_fail_while_they_should(self):
        exchange = self.with_faults("at 100ms close-in-handshake 1000s\nat 100ms drop\n", "--wait", 2, speed="1")
        self.follow(exchange)
        with self.assertRaises(Closed):
            exchange.connect()

    def test_silent_connections_are_open_and_say_nothing(self):
        exchange = self.with_faults("at 100ms silent 1000s\nat 100ms drop\n", "--wait", 2, speed="1")
        self.follow(exchange)
        with self.assertRaises(TimeoutError):
            exchange.connect(timeout=1)

    def test_answers_are_slow(self):
        exchange = self.with_faults("at 0s slow 1000s 300ms\n", "--wait", 1, speed="1")
        client = exchange.connect("/ws/aaausdt@trade")
        client.message()
        before = time.monotonic()
        self.assertEqual(exchange.get("/api/v3/ping")[0].status, 200)
        self.assertGreaterEqual(time.monotonic() - before, 0.3)
        client.close()

    def test_refused_connections(self):
        exchange = self.with_faults("at 100ms refuse 1000s\nat 100ms drop\n", "--wait", 2, speed="1")
        self.follow(exchange)
        with self.assertRaises(ConnectionRefusedError):
            exchange.connect()

    def test_rest_says_wait_and_fails(self):
        exchange = self.with_faults("at 0s limit 1000s 7\n", "--wait", 1, speed="1")
        client = exchange.connect("/ws/aaausdt@trade")
        client.message()
        answer, body = exchange.get("/api/v3/ping")
        self.assertEqual((answer.status, answer.headers["Retry-After"], body["code"]), (429, "7", -1003))
        client.close()
        exchange.stop()
        exchange = self.with_faults("at 0s broken 1000s 502\n", "--wait", 1, speed="1")
        client = exchange.connect("/ws/aaausdt@trade")
        client.message()
        self.assertEqual(exchange.get("/api/v3/ping")[0].status, 502)


class BadUse(SimulateCase):
    def expect(self, pattern, *words, code=2):
        result = program.run("simulate", *words)
        self.assertEqual(len(result.errors), 1, result.err)
        self.assertRegex(result.errors[0], pattern)
        self.assertEqual((result.code, result.out), (code, b""))

    def test_faults_that_cannot_be_read_are_named_by_line(self):
        capture = self.capture(self.two_symbols())
        for text, pattern in (
                ("\n# fine\nat 5s swalow 3\n", r"f:3: swalow: is no fault \(did you mean \"swallow\"\?\)"),
                ("sometimes drop\n", r"f:1: sometimes: is no time \(begin with at DURATION or every DURATION\)"),
                ("at five drop\n", r"f:1: five: "),
                ("at 5s\n", r"f:1: a word is missing \(here stands a fault\)"),
                ("at 5s swallow\n", r"f:1: a word is missing"),
                ("at 5s swallow 0\n", r"f:1: 0: is no number that swallow takes \(from 1 to 1000000\)"),
                ("at 5s drop now\n", r"f:1: one word too many: now"),
                ("at 5s drop | close\n", r"f:1: several turns at one time"),
                ("every 0s drop\n", r"f:1: every 0s never ends"),
                ("at 5s certificate a\n", r"f:1: a word is missing \(here stands a file's name\)"),
                ("at 5s close 99\n", r"f:1: 99: is no number that close takes")):
            faults = self.write("f", text)
            self.expect(pattern, "--listen", "127.0.0.1:0", "--faults", faults, capture)
        self.expect(r"nowhere: cannot be read", "--listen", "127.0.0.1:0", "--faults", "nowhere", capture)

    def test_words_that_do_not_go_together(self):
        capture = self.capture(self.two_symbols())
        here = ("--listen", "127.0.0.1:0")
        self.expect(r"--listen is required", capture)
        self.expect(r"nothing to play", *here)
        self.expect(r"--generate makes trades up", *here, "--generate", "5", capture)
        self.expect(r"--listen nowhere: names no port", "--listen", "nowhere", capture)
        self.expect(r"example.org is no address", "--listen", "ws://example.org:80", capture)
        self.expect(r"wants --tls CERT KEY", "--listen", "wss://127.0.0.1:0", capture)
        self.expect(r"is not TLS", "--listen", "ws://127.0.0.1:0", "--tls", "a", "b", capture)
        self.expect(r"certificate 'a' cannot be used", *here, "--tls", "a", "b", capture, code=1)
        self.expect(r"--speed 0: wants a number above 0", *here, "--speed", "0", capture)
        self.expect(r"--generate btc: wants a number of symbols", *here, "--generate", "btc")
        self.expect(r"--generate A,A: wants", *here, "--generate", "A,A")
        self.expect(r"exists already", *here, "--generate", "1", "--record", capture)
        self.expect(r"missing.capture: ", *here, "missing.capture", code=1)
        other = self.capture(self.two_symbols(), "kraken")
        self.expect(r"is a capture of kraken, the first is of binance", *here, capture, other)
        self.expect(r"holds no stream that can be served", *here, other, code=1)

    def test_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            self.expect(r"Address already in use \(name a free port", "--listen", f"127.0.0.1:{port}", "--generate",
                        "1", code=1)


if __name__ == "__main__":
    program.main()
