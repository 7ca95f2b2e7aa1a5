"""A TCP proxy that cuts, stalls and delays what passes through it."""
import selectors
import socket
import threading


class TcpProxy:
    """Forwards 127.0.0.1:`port` to another port there, until told otherwise.

    cut()          resets every connection; new ones are taken
    refuse()       resets every connection and takes none
    swallow()      takes connections and bytes and forwards nothing, as a cable that was pulled
    refuse_after(n)  forwards n more bytes, then refuse()
    delay          seconds that every piece waits
    rewrite        function of the bytes that go to the client: what it gets instead
    forward()      back to normal; what was swallowed stays lost, so connections of then are cut
    """

    def __init__(self, target):
        self.target = target
        self.delay = 0.0
        self.rewrite = None
        self._mode = "forward"
        self._left = None
        self._pairs = set()
        self._lock = threading.Lock()
        self._never = threading.Event()  # what a delayed piece waits for
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Resets every connection."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for end in pair:
                self._reset(end)

    def refuse(self):
        """Takes no connections."""
        self._mode = "refuse"
        self.cut()

    def refuse_after(self, count):
        """Forwards that many more bytes, then takes no connections."""
        self._left = count

    def swallow(self):
        """Forwards nothing."""
        self._mode = "swallow"

    def forward(self):
        """Back to normal."""
        swallowed = self._mode == "swallow"
        self._mode = "forward"
        if swallowed:
            self.cut()

    def close(self):
        """Ends."""
        self._mode = "refuse"
        self._listener.close()
        self.cut()

    @staticmethod
    def _reset(end):
        try:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        end.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._mode == "refuse":
                self._reset(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                self._reset(near)
                continue
            for end in (near, far):
                end.settimeout(None)
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._pairs.add((near, far))
            threading.Thread(target=self._pump, args=(near, far), daemon=True).start()

    def _pump(self, near, far):
        other = {near: far, far: near}
        try:
            with selectors.DefaultSelector() as ready:
                for end in other:
                    ready.register(end, selectors.EVENT_READ)
                while ready.get_map():
                    for key, _ in ready.select():
                        rewrite = self.rewrite if key.fileobj is far else None
                        self._pass_on(ready, key.fileobj, other[key.fileobj], rewrite)
        except (OSError, ValueError, KeyError):
            pass
        with self._lock:
            self._pairs.discard((near, far))
        self._reset(near)
        self._reset(far)

    def _pass_on(self, ready, source, sink, rewrite):
        piece = source.recv(65536)
        if self._mode == "swallow":
            if not piece:
                ready.unregister(source)
            return
        if self._left is not None:
            self._left -= len(piece)
            if self._left < 0:
                self.refuse()
                raise OSError
        if self.delay:
            self._never.wait(self.delay)
        if piece:
            sink.sendall(rewrite(piece) if rewrite else piece)
        else:
            ready.unregister(source)
            sink.shutdown(socket.SHUT_WR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
