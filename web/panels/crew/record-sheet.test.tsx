import type { Content, PatientRow } from '@gh/contract'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it, vi } from 'vitest'
import { SignRecord } from './record-sheet.tsx'

vi.mock('@gh/session', () => ({ useSession: () => null }))

const content = { record: { sections: [], forms: [] } } as unknown as Content
const patient = (signed_ms: number | null) =>
  ({ id: 'p', record: { missing: [], signed_by: '李', signed_ms } }) as unknown as PatientRow

it.each([null, 1_800_000_000_000])(
  'a record is printed before and after it is signed',
  (signed_ms) => {
    const shown = renderToStaticMarkup(
      <SignRecord content={content} patient={patient(signed_ms)} />,
    )
    expect(shown).toContain('href="/record/p"')
    expect(shown.includes('data-testid="record-sign"')).toBe(signed_ms === null)
  },
)
