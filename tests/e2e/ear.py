"""What a page sounds like: the pitches of everything that it sends to the loudspeaker."""

from collections.abc import Sequence

from playwright.sync_api import BrowserContext, Page

# A second way out of whatever goes to the loudspeaker, looked at 25 times a second. A pitch is a
# peak of the spectrum within 10 dB of the loudest one; below -50 dB nobody hears it in a room.
_LISTEN = """
(() => {
  const SIZE = 8192, QUIET_DB = -50, BESIDE_DB = 10
  const ears = new Map()
  window.heard = new Set()
  const connect = AudioNode.prototype.connect
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode) connect.call(this, earOf(this.context))
    return connect.call(this, to, ...rest)
  }
  function earOf(context) {
    if (!ears.has(context)) {
      const ear = new AnalyserNode(context, { fftSize: SIZE, smoothingTimeConstant: 0 })
      ears.set(context, ear)
      setInterval(() => listen(ear, context.sampleRate / SIZE), 40)
    }
    return ears.get(context)
  }
  function listen(ear, step) {
    const db = new Float32Array(ear.frequencyBinCount)
    ear.getFloatFrequencyData(db)
    const least = Math.max(QUIET_DB, Math.max(...db) - BESIDE_DB)
    db.forEach((at, n) => {
      if (at >= least && at >= db[n - 1] && at >= db[n + 1]) window.heard.add(n * step)
    })
  }
})()
"""
_NEAR_HZ = 10.0
"""Twice the width of one line of the spectrum."""
_HEARD = (
    "([wanted, near]) => wanted.every((hz) => [...heard].some((one) => Math.abs(one - hz) < near))"
)


def listen(context: BrowserContext) -> None:
    """From the next page on."""
    context.add_init_script(_LISTEN)


def hears(page: Page, pitches: Sequence[int], within_ms: float) -> None:
    """Wait until each of these has sounded since the page was opened or `forget`."""
    page.wait_for_function(_HEARD, arg=[list(pitches), _NEAR_HZ], timeout=within_ms, polling=100)


def forget(page: Page) -> None:
    page.evaluate("() => heard.clear()")


def touch(page: Page) -> None:
    """A browser is silent until somebody has touched the page."""
    page.locator("body").click(position={"x": 2, "y": 2})
