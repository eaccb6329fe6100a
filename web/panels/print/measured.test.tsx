import type { Content, EcgRead, EntryRow, Numeric, WholeRecord } from '@gh/contract'
import { t } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it, vi } from 'vitest'
import { clockTime } from '../care/format.ts'
import { cutText } from '../record/ecg-reading.tsx'
import { Ecgs } from './care.tsx'
import { measuredText, Vitals } from './measured.tsx'

vi.mock('./writer.ts', () => ({ useWriter: () => (actor: string) => `<${actor}>` }))

const AT_MS = 1_800_000_000_000
const numeric = (value: number | null, age_ms: number, note = ''): Numeric => ({
  sign: 'nibp_sys',
  value,
  note,
  age_ms,
})

describe('a value on paper', () => {
  it('has a clock of its own from a minute on', () => {
    expect(measuredText(numeric(120, 59_999), AT_MS)).toBe('120')
    expect(measuredText(numeric(120, 60_000), AT_MS)).toBe(`120 (${clockTime(AT_MS - 60_000)})`)
  })

  it('has none where nothing was measured, or the server tells no age', () => {
    expect(measuredText(numeric(null, 90_000, 'empty'), AT_MS)).toBe('')
    expect(measuredText(undefined, AT_MS)).toBe('')
    const { age_ms: _, ...untold } = numeric(120, 0)
    expect(measuredText(untold as Numeric, AT_MS)).toBe('120')
  })
})

it('stands below its sign and its unit', () => {
  const charted = [
    { at_ms: AT_MS, by: '', device: 'm', origin: '', values: [numeric(120, 0)] },
  ] as unknown as WholeRecord['charted']
  const whole = { charted, observed: [], origins: {} } as unknown as WholeRecord
  const html = renderToStaticMarkup(<Vitals whole={whole} content={{} as Content} />)
  expect(html).toContain('收缩压 <small>mmHg</small>')
})

describe('a measured ECG on paper', () => {
  const text = { zh: 'said', en: 'said' }
  const read = {
    begun_ms: AT_MS,
    lasts_ms: 10_000,
    test: true,
    measured: { leads: { V2: { st_j_mm: -1 } }, heart_rate_per_min: 88, reasons: {} },
    findings: {
      reading_text: text,
      findings: [
        {
          rule: 'posterior',
          leads: [{ lead: 'V2', st_mm: -1, cut_mm: -0.5 }],
          confounded: false,
        },
      ],
      needs_human: [],
      prompts: [],
      missing: [],
      not_assessed: [],
      sign_off: 'unsigned',
    },
  } as unknown as EcgRead
  const entry = (change: Partial<EntryRow>) =>
    ({
      id: 'e1',
      kind: 'ecg',
      at_ms: AT_MS,
      charted_ms: AT_MS,
      by: 'crew1',
      withdrawn: '',
      withdrawn_by: '',
      ecg: read,
      ...change,
    }) as EntryRow
  const content = {
    ecg: { standard: ['V2'], confounders: {}, cautions: {}, prompts: {} },
  } as unknown as Content
  const paper = (...entries: EntryRow[]) =>
    renderToStaticMarkup(
      <Ecgs content={content} whole={{ patient: { record: { entries } } } as WholeRecord} />,
    )

  it('stands with its reading and its writer', () => {
    const found = paper(entry({}), entry({ id: 'n1', kind: 'note', ecg: null }))
    for (const said of ['said', '88 /min', '-1.0 mm (≤ -0.5)', '&lt;crew1&gt;', t('ecg.replay')]) {
      expect(found).toContain(said)
    }
    expect(found.match(/pr-ecg/g)).toHaveLength(1)
    expect(found).not.toContain('<del>')
  })

  it('is struck out and legible once it was withdrawn, with the reason', () => {
    const found = paper(entry({ withdrawn: 'wrong patient', withdrawn_by: 'crew2' }))
    expect(found).toMatch(/<del>.*88 \/min.*<\/del>/)
    expect(found).toContain('wrong patient')
    expect(found).toContain('&lt;crew2&gt;')
  })

  it('says in words that there is none', () => {
    expect(paper()).toContain(t('print.none'))
  })
})

it('names the side of a cut', () => {
  expect([cutText(2), cutText(-0.5)]).toEqual(['≥ 2', '≤ -0.5'])
})
