"""The one place that reads the clock and draws randomness."""

import os
import time

from goldenhour.kernel.ids import Entropy


class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


entropy: Entropy = os.urandom
