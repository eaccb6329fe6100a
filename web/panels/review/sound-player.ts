/** Plays blocks of sound at the moments at which they were taken, while the play head runs at life speed. */
import { dueIn, RATE_HZ, type Sound } from './cabin-sound.ts'

/** So far ahead of the play head blocks are handed over. */
const AHEAD_MS = 1_500
/** The play head jumped, or the page stood still: begin anew. */
const DRIFT_MS = 200

export class SoundPlayer {
  readonly #context = new AudioContext()
  readonly #sounds: readonly Sound[]
  readonly #going = new Set<AudioBufferSourceNode>()
  /** The context's time at the vehicle's time zero; null: silent. */
  #zero_s: number | null = null
  #through_ms = 0

  constructor(sounds: readonly Sound[]) {
    this.#sounds = sounds
  }

  play(at_ms: number): void {
    void this.#context.resume()
    const now_s = this.#context.currentTime
    const heard_ms = this.#zero_s === null ? null : (now_s - this.#zero_s) * 1_000
    if (heard_ms === null || Math.abs(heard_ms - at_ms) > DRIFT_MS) {
      this.stop()
      this.#zero_s = now_s - at_ms / 1_000
      this.#through_ms = at_ms
    }
    const until_ms = at_ms + AHEAD_MS
    for (const sound of dueIn(this.#sounds, this.#through_ms, until_ms)) this.#hand(sound)
    this.#through_ms = Math.max(this.#through_ms, until_ms)
  }

  stop(): void {
    for (const source of this.#going) source.stop()
    this.#going.clear()
    this.#zero_s = null
  }

  close(): void {
    this.stop()
    void this.#context.close()
  }

  #hand(sound: Sound): void {
    const buffer = this.#context.createBuffer(1, Math.max(1, sound.samples.length), RATE_HZ)
    buffer.copyToChannel(sound.samples, 0)
    const source = this.#context.createBufferSource()
    source.buffer = buffer
    source.connect(this.#context.destination)
    source.onended = () => this.#going.delete(source)
    this.#going.add(source)
    source.start(Math.max(0, (this.#zero_s ?? 0) + sound.at_ms / 1_000))
  }
}
