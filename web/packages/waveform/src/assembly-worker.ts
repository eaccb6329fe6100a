/** The arithmetic of the live ECG beside the page: a finger never waits for it. */
import { Assembly } from './assembly.ts'

const assembly = new Assembly()
addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
  const assembled = assembly.take(new Uint8Array(data))
  if (assembled !== null) postMessage(assembled)
})
