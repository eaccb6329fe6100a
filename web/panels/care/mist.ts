/**
 * The crew's summary of a pre-alert: one line a letter (mechanism, injuries or findings, signs,
 * treatment), so that both sides read it in the same order. Any other text stays free text.
 */

export const LETTERS = ['M', 'I', 'S', 'T'] as const
export type Letter = (typeof LETTERS)[number]
export type Mist = Readonly<Record<Letter, string>>
export const EMPTY_MIST: Mist = { M: '', I: '', S: '', T: '' }

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()

export function writeMist(mist: Mist): string {
  return LETTERS.filter((l) => oneLine(mist[l]) !== '')
    .map((l) => `${l} ${oneLine(mist[l])}`)
    .join('\n')
}

export function readMist(text: string): { mist: Mist; free: string } {
  const mist = { ...EMPTY_MIST }
  const free: string[] = []
  for (const line of text.split('\n')) {
    const letter = LETTERS.find((l) => line.startsWith(`${l} `))
    if (letter !== undefined && mist[letter] === '') mist[letter] = line.slice(2).trim()
    else if (line.trim() !== '') free.push(line.trim())
  }
  return { mist, free: free.join(' ') }
}
