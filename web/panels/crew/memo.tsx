/** A spoken note: recorded on the tablet, heard again, then kept or discarded. */
import { t } from '@gh/i18n'
import { serverNow } from '@gh/live'
import { useEffect, useRef, useState } from 'react'
import { Sound } from '../record/files.tsx'

/** What browsers of tablets record; the server takes nothing else. */
const FORMAT = 'audio/webm;codecs=opus'
const TICK_MS = 200

export interface Memo {
  blob: Blob
  /** Where the page can play it; lives as long as the memo is on the screen. */
  url: string
  taken_ms: number
}

type Phase = 'idle' | 'recording' | 'denied'

interface Recording {
  recorder: MediaRecorder
  timer: ReturnType<typeof setInterval>
}

function end(recording: Recording | null): void {
  if (recording === null) return
  clearInterval(recording.timer)
  if (recording.recorder.state !== 'inactive') recording.recorder.stop()
  for (const track of recording.recorder.stream.getTracks()) track.stop()
}

export function MemoCapture({
  most_s,
  busy,
  onKeep,
}: {
  most_s: number
  busy: boolean
  /** Tells whether it is kept; only then it leaves the screen. */
  onKeep: (memo: Memo) => Promise<boolean>
}) {
  const [phase, setPhase] = useState<Phase>('idle')
  const [seconds, setSeconds] = useState(0)
  const [memo, setMemo] = useState<Memo | null>(null)
  const running = useRef<Recording | null>(null)
  const undecided = useRef<Memo | null>(null)
  const gone = useRef(false)
  const keeper = useRef(onKeep)
  const url = memo?.url
  useEffect(() => {
    keeper.current = onKeep
  })
  useEffect(() => {
    gone.current = false
    return () => {
      // The vehicle moves off and the page closes: what was spoken is kept unless discarded.
      gone.current = true
      if (running.current !== null) end(running.current)
      else if (undecided.current !== null) void keeper.current(undecided.current)
    }
  }, [])
  useEffect(
    () => () => {
      if (url !== undefined) URL.revokeObjectURL(url)
    },
    [url],
  )

  async function start() {
    if (!MediaRecorder.isTypeSupported(FORMAT)) {
      setPhase('denied')
      return
    }
    let stream: MediaStream
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true })
    } catch {
      setPhase('denied')
      return
    }
    if (gone.current) {
      for (const track of stream.getTracks()) track.stop()
      return
    }
    const pieces: Blob[] = []
    const taken_ms = Math.round(serverNow())
    const recorder = new MediaRecorder(stream, { mimeType: FORMAT })
    recorder.ondataavailable = (event) => pieces.push(event.data)
    recorder.onstop = () => {
      const blob = new Blob(pieces, { type: FORMAT })
      if (gone.current) {
        void keeper.current({ blob, url: '', taken_ms })
        return
      }
      decide({ blob, url: URL.createObjectURL(blob), taken_ms })
      setPhase('idle')
    }
    const begun = performance.now()
    const timer = setInterval(() => {
      const passed = (performance.now() - begun) / 1000
      setSeconds(Math.floor(passed))
      if (passed >= most_s) stop()
    }, TICK_MS)
    running.current = { recorder, timer }
    setSeconds(0)
    setPhase('recording')
    recorder.start()
  }

  function stop() {
    end(running.current)
    running.current = null
  }

  /** What waits for the word of whoever spoke it. */
  function decide(next: Memo | null) {
    undecided.current = next
    setMemo(next)
  }

  async function keep() {
    if (memo !== null && (await onKeep(memo))) decide(null)
  }

  if (phase === 'recording')
    return (
      <div className="fl-memo" data-testid="memo-recording">
        <p data-recording role="status">
          ● {t('files.recording', { seconds, most: most_s })}
        </p>
        <button type="button" className="tap primary" onClick={stop} data-testid="memo-stop">
          {t('files.stop')}
        </button>
      </div>
    )
  if (memo !== null)
    return (
      <div className="fl-memo">
        <Sound url={memo.url} />
        <button
          type="button"
          className="tap primary"
          disabled={busy}
          onClick={() => void keep()}
          data-testid="memo-keep"
        >
          {t('files.keep')}
        </button>
        <button
          type="button"
          className="tap"
          disabled={busy}
          onClick={() => decide(null)}
          data-testid="memo-discard"
        >
          {t('files.discard')}
        </button>
      </div>
    )
  return (
    <div className="fl-memo">
      <button
        type="button"
        className="tap"
        disabled={busy}
        onClick={() => void start()}
        data-testid="memo-start"
      >
        {t('files.memo')}
      </button>
      {phase === 'denied' && (
        <p className="un" role="alert">
          {t('files.no_microphone')}
        </p>
      )}
    </div>
  )
}
