/** Tones and the metronome by WebAudio. A browser is silent until the page was touched once. */
import { useEffect, useSyncExternalStore } from 'react'

let context: AudioContext | undefined
const listeners = new Set<() => void>()

function tell(): void {
  for (const listener of listeners) listener()
}

export function unlockAudio(): void {
  try {
    if (context === undefined) {
      context = new AudioContext()
      context.onstatechange = tell
    }
    // Refused, it is asked for again at the next touch.
    if (context.state !== 'running') context.resume().catch(() => {})
  } catch {
    // No sound device: the boards show everything that a sound would say.
  }
}
if (typeof window !== 'undefined') {
  // A finger counts as a touch when it is lifted, and a system may silence a page at any time.
  for (const kind of ['pointerdown', 'pointerup', 'keydown']) {
    window.addEventListener(kind, unlockAudio, { capture: true })
  }
}

/** Whether a tone would be heard; show a hint where not. */
export const useAudioReady = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => context?.state === 'running',
  )

function beep(at: number, hz: number, seconds: number, gain: number, type: OscillatorType): void {
  if (context?.state !== 'running') return
  const oscillator = context.createOscillator()
  const volume = context.createGain()
  oscillator.type = type
  oscillator.frequency.value = hz
  volume.gain.setValueAtTime(0, at)
  volume.gain.linearRampToValueAtTime(gain, at + 0.01)
  volume.gain.setValueAtTime(gain, at + seconds - 0.02)
  volume.gain.linearRampToValueAtTime(0, at + seconds)
  oscillator.connect(volume).connect(context.destination)
  oscillator.start(at)
  oscillator.stop(at + seconds + 0.05)
}

export type Tone =
  | 'alarm'
  | 'notice'
  | 'silence'
  | 'worse'
  | 'task'
  | 'called_off'
  | 'ring'
  | 'prealert'
  | 'not_coming'

/** Frequency, start and length of each beep: every kind is told apart by rhythm and pitch. */
const TONES: Record<Tone, { every_ms: number; beeps: [number, number, number][] }> = {
  alarm: {
    every_ms: 2_000,
    beeps: [
      [880, 0, 0.16],
      [660, 0.2, 0.16],
      [880, 0.4, 0.16],
    ],
  },
  notice: {
    every_ms: 0,
    beeps: [
      [520, 0, 0.12],
      [520, 0.2, 0.12],
    ],
  },
  // IEC 60601-1-8, low priority: two low beeps, seldom.
  silence: {
    every_ms: 15_000,
    beeps: [
      [392, 0, 0.25],
      [330, 0.35, 0.25],
    ],
  },
  // Medium priority: three equal beeps, slower and seldomer than an alarm of the first priority.
  worse: {
    every_ms: 7_500,
    beeps: [
      [660, 0, 0.2],
      [660, 0.3, 0.2],
      [660, 0.6, 0.2],
    ],
  },
  task: {
    every_ms: 1_600,
    beeps: [
      [988, 0, 0.1],
      [988, 0.14, 0.1],
      [1318, 0.28, 0.3],
    ],
  },
  // Falls where a new task rises.
  called_off: {
    every_ms: 5_000,
    beeps: [
      [784, 0, 0.15],
      [587, 0.2, 0.15],
      [440, 0.4, 0.4],
    ],
  },
  ring: {
    every_ms: 3_000,
    beeps: [
      [440, 0, 0.4],
      [480, 0, 0.4],
    ],
  },
  prealert: {
    every_ms: 2_500,
    beeps: [
      [740, 0, 0.2],
      [988, 0.24, 0.3],
    ],
  },
  // The pre-alert the other way round, and slower: nobody is in danger by it.
  not_coming: {
    every_ms: 5_000,
    beeps: [
      [988, 0, 0.2],
      [740, 0.24, 0.3],
    ],
  },
}

export function playTone(tone: Tone): void {
  if (context?.state !== 'running') return
  for (const [hz, start, length] of TONES[tone].beeps) {
    beep(context.currentTime + start, hz, length, 0.18, 'triangle')
  }
}

/** How many want each tone now: two at once would beat against each other and be no known tone. */
const wanted = new Map<Tone, { by: number; timer: ReturnType<typeof setInterval> }>()

function begin(tone: Tone): void {
  const known = wanted.get(tone)
  if (known !== undefined) {
    known.by += 1
    return
  }
  playTone(tone)
  wanted.set(tone, { by: 1, timer: setInterval(() => playTone(tone), TONES[tone].every_ms) })
}

function end(tone: Tone): void {
  const known = wanted.get(tone)
  if (known === undefined) return
  known.by -= 1
  if (known.by > 0) return
  clearInterval(known.timer)
  wanted.delete(tone)
}

/** Repeats while `active`, in one rhythm with whoever else wants the same tone. */
export function useTone(tone: Tone, active: boolean): void {
  useEffect(() => {
    if (!active) return
    if (TONES[tone].every_ms === 0) {
      playTone(tone)
      return
    }
    begin(tone)
    return () => end(tone)
  }, [tone, active])
}

const AHEAD_S = 0.3
/** Clicks scheduled on the audio clock, so that a busy page does not make the rate uneven. */
export function useMetronome(perMinute: number, active: boolean): void {
  useEffect(() => {
    if (!active) return
    unlockAudio()
    let next = 0
    const timer = setInterval(() => {
      if (context?.state !== 'running') return
      if (next < context.currentTime) next = context.currentTime + 0.05
      while (next < context.currentTime + AHEAD_S) {
        beep(next, 1_000, 0.06, 0.3, 'square')
        next += 60 / perMinute
      }
    }, 100)
    return () => clearInterval(timer)
  }, [perMinute, active])
}
