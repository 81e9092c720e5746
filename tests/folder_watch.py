"""Waits for something new in a folder by the system's own notice (inotify), so that nobody has to look again and again."""

import ctypes
import os
import select

LIBC = ctypes.CDLL(None, use_errno=True)
MOVED_TO, CREATED = 0x80, 0x100  # inotify(7)


class FolderWatch:
    """From its making on: what comes before the first wait() is not missed."""

    def __init__(self, folder):
        self.descriptor = LIBC.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self.descriptor < 0 or LIBC.inotify_add_watch(
                self.descriptor, os.fsencode(folder), MOVED_TO | CREATED) < 0:
            raise OSError(ctypes.get_errno(), "no notice of a folder is to be had", str(folder))
        self.woken = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def wait(self, seconds):
        """Until a name has come, or wake() been called, since the last wait; False when neither
        has in this time."""
        ready = select.select([self.descriptor, self.woken], [], [], seconds)[0]
        for descriptor in ready:
            os.read(descriptor, 1 << 16)
        return bool(ready)

    def wake(self):
        os.eventfd_write(self.woken, 1)

    def close(self):
        os.close(self.descriptor)
        os.close(self.woken)
