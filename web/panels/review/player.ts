/** Decodes a segment up to the moment that is wanted, and paints what comes out. */
import { feedOf, type Picture } from './cabin.ts'

/** Older pictures are only on the way to the one that is wanted. */
const CATCH_UP_US = 500_000

export const hasDecoder = (): boolean => 'VideoDecoder' in window

/** Of H.265 many browsers that decode H.264 say no. */
export async function canDecode(codec: string): Promise<boolean> {
  if (!hasDecoder()) return false
  try {
    return (await VideoDecoder.isConfigSupported({ codec })).supported === true
  } catch {
    return false // no codec that it has a name for
  }
}

export class CabinPlayer {
  readonly #codec: string
  readonly #pictures: readonly Picture[]
  readonly #paint: (frame: VideoFrame) => void
  readonly #fail: () => void
  #decoder: VideoDecoder | null = null
  /** How many pictures the decoder has; null: none. */
  #fed: number | null = null
  /** After a flush, which brings out the last picture, a decoder takes a key frame only. */
  #flushed: number | null = null
  #wanted_us = 0

  constructor(
    codec: string,
    pictures: readonly Picture[],
    paint: (frame: VideoFrame) => void,
    fail: () => void,
  ) {
    this.#codec = codec
    this.#pictures = pictures
    this.#paint = paint
    this.#fail = fail
  }

  show(at_ms: number, playing: boolean): void {
    const fed = this.#flushed === null ? this.#fed : null
    const feed = feedOf(this.#pictures, fed, at_ms)
    if (feed === null || feed.to === this.#flushed) return
    try {
      const decoder = this.#ready(feed.again)
      for (const picture of this.#pictures.slice(feed.from, feed.to)) {
        this.#wanted_us = this.#time(picture)
        decoder.decode(
          new EncodedVideoChunk({
            type: picture.key ? 'key' : 'delta',
            timestamp: this.#wanted_us,
            data: picture.data,
          }),
        )
      }
      this.#fed = feed.to
      this.#flushed = null
      if (!playing || feed.to === this.#pictures.length) {
        this.#flushed = feed.to
        decoder.flush().catch(() => undefined) // the next picture was wanted before this one came
      }
    } catch {
      this.#broken()
    }
  }

  close(): void {
    const decoder = this.#decoder
    this.#decoder = null
    if (decoder?.state !== 'closed') decoder?.close()
  }

  #ready(again: boolean): VideoDecoder {
    if (this.#decoder !== null && !again) return this.#decoder
    this.#decoder ??= new VideoDecoder({
      output: (frame) => this.#came(frame),
      error: () => this.#broken(),
    })
    this.#decoder.reset()
    this.#decoder.configure({ codec: this.#codec, optimizeForLatency: true })
    return this.#decoder
  }

  /** In microseconds from the segment's first picture. */
  #time(picture: Picture): number {
    return (picture.at_ms - (this.#pictures[0]?.at_ms ?? 0)) * 1_000
  }

  #came(frame: VideoFrame): void {
    if (frame.timestamp >= this.#wanted_us - CATCH_UP_US) this.#paint(frame)
    frame.close()
  }

  /** The next moment begins with its key frame again. */
  #broken(): void {
    this.close()
    this.#fed = null
    this.#flushed = null
    this.#fail()
  }
}
