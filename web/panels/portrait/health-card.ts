/**
 * The number of an electronic health card, as a scanner types it: its identifier, a colon and what
 * kind of code it is, or an opaque number. The centre reads it again and has the last word.
 */
const CODE = /^([0-9A-Za-z]{8,64}):[0-9](?::.*)?$/
const LONGEST = 128

/** The identifier; null: nothing that can be one. */
export function readHealthCard(text: string): string | null {
  const number = text.trim()
  if (number === '' || number.length > LONGEST || /\p{Cc}/u.test(number)) return null
  return CODE.exec(number)?.[1] ?? number
}

interface Detector {
  detect: (image: ImageBitmap) => Promise<{ rawValue: string }[]>
}
type MakesDetectors = new (options: { formats: string[] }) => Detector

/** The browser's own reader of codes; undefined: this browser has none, and a scanner or fingers do. */
const makesDetectors = (): MakesDetectors | undefined =>
  (globalThis as typeof globalThis & { BarcodeDetector?: MakesDetectors }).BarcodeDetector

export const canSeeCodes = (): boolean => makesDetectors() !== undefined

/** What the first code on a picture says; null: there is none that it can read. */
export async function readCode(file: Blob): Promise<string | null> {
  const Makes = makesDetectors()
  if (Makes === undefined) return null
  const found = await new Makes({ formats: ['qr_code'] }).detect(await createImageBitmap(file))
  return found[0]?.rawValue ?? null
}
