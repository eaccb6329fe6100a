/** Decodes pictures as they come and paints each one; after whatever went wrong from a key frame on. */
import type { Picture } from '../review/cabin.ts'
import { codecOf } from './cabin.ts'

/** A computer that is so many pictures behind goes on from the next key frame. */
const MOST_WAITING = 30

export class LivePlayer {
  readonly #paint: (frame: VideoFrame) => void
  readonly #fail: () => void
  #decoder: VideoDecoder | null = null
  #codec = ''
  #needsKey = true

  constructor(paint: (frame: VideoFrame) => void, fail: () => void) {
    this.#paint = paint
    this.#fail = fail
  }

  show(picture: Picture): void {
    if ((this.#decoder?.decodeQueueSize ?? 0) > MOST_WAITING) this.#needsKey = true
    if (this.#needsKey && !picture.key) return
    try {
      const codec = picture.key ? codecOf(picture.data) : ''
      if (this.#needsKey || (codec !== '' && codec !== this.#codec)) this.#begin(codec)
      this.#decoder?.decode(
        new EncodedVideoChunk({
          type: picture.key ? 'key' : 'delta',
          timestamp: picture.at_ms * 1_000,
          data: picture.data,
        }),
      )
    } catch {
      this.#broken()
    }
  }

  close(): void {
    const decoder = this.#decoder
    this.#decoder = null
    if (decoder?.state !== 'closed') decoder?.close()
  }

  /** Some cameras tell their parameters once: an empty codec is the one before. */
  #begin(codec: string): void {
    if (codec !== '') this.#codec = codec
    this.#decoder ??= new VideoDecoder({
      output: (frame) => {
        this.#paint(frame)
        frame.close()
      },
      error: () => this.#broken(),
    })
    this.#decoder.reset()
    this.#decoder.configure({ codec: this.#codec, optimizeForLatency: true })
    this.#needsKey = false
  }

  #broken(): void {
    this.close()
    this.#needsKey = true
    this.#fail()
  }
}
