import type { Content } from '@gh/contract'
import { expect, test } from 'vitest'
import { triageSheet } from './scan-band.tsx'

const sheet = (id: string, ...sections: string[]) => ({
  about: { id },
  sections: sections.map((one) => ({ id: one, zh: '', en: '' })),
})

test('the triage sheet is the one that asks what its score table asks', () => {
  const sheets = [sheet('trauma', 'scene', 'fast'), sheet('start_triage', 'who', 'salt')]
  expect(triageSheet({ sheets } as unknown as Content)?.about.id).toBe('start_triage')
  expect(triageSheet({ sheets: sheets.slice(0, 1) } as unknown as Content)).toBeUndefined()
  expect(triageSheet(undefined)).toBeUndefined()
})
