import type { DrawnEcg } from '@gh/contract'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { FIRST_VIEW } from './paper.tsx'
import { PrintSheets } from './print.tsx'
import { PrintPair } from './print-pair.tsx'
import { EcgRecord } from './record.ts'

vi.mock('react-dom', () => ({ createPortal: (node: unknown) => node }))
vi.stubGlobal('document', { body: null })

const sheets = (reading?: string): string[] =>
  renderToStaticMarkup(
    <PrintSheets
      record={new EcgRecord()}
      windows={[{ name: '', end_ms: 20_000 }]}
      view={FIRST_VIEW}
      facts={{ patient: '周建明', case_number: '20261128-0001', unit: 'A-01' }}
      reading={reading}
    />,
  )
    .split('<article')
    .slice(1)

test('a reading is on a sheet of its own, so that the paper keeps its scale and its page', () => {
  const [paper, read, ...more] = sheets('ST 58 ms')
  expect(more).toEqual([])
  expect(paper).toContain('25 mm/s')
  expect(paper).toContain('第 1 页，共 2 页')
  expect(paper).not.toContain('ST 58 ms')
  for (const words of ['ST 58 ms', '周建明', '20261128-0001', '第 2 页，共 2 页']) {
    expect(read).toContain(words)
  }
})

test('without a reading there is no sheet for one', () => {
  expect(sheets()).toHaveLength(1)
})

const drawn = (id: string, at_ms: number, values: (number | null)[]): DrawnEcg =>
  ({
    ecg: { id, at_ms, received_ms: 0, device: 'E-1', test: false },
    from_ms: 0,
    rate_hz: 100,
    leads: [
      { lead: 'I', nanovolt: 5000, zero_nanovolt: 0, values },
      { lead: 'II', nanovolt: 5000, zero_nanovolt: 0, values: values.map((v) => v ?? 1) },
    ],
  }) as unknown as DrawnEcg

test('two recordings are printed in the same millimetres, the older first, with their numbers', () => {
  const half = Array.from({ length: 1000 }, (_, n) => (n > 300 && n < 400 ? null : n % 7))
  const html = renderToStaticMarkup(
    <PrintPair
      older={drawn('before', 1_000_000, half)}
      newer={drawn('now', 9_000_000, half)}
      view={{ ...FIRST_VIEW, speed: 50, gain: 20 }}
      facts={{ patient: '周建明', case_number: '', unit: '' }}
      about={({ ecg }) => `about ${ecg.id}`}
      numbers="QRS 92"
    />,
  )
  const [, ...all] = html.split('<article')
  expect(all).toHaveLength(5)
  const [first, , third, , last] = all
  for (const sheet of all.slice(0, 4)) {
    expect(sheet).toContain('data-mm-a-second="50" data-mm-a-millivolt="20"')
    expect(sheet).toMatch(/<svg width="[\d.]+mm" height="156mm"/)
    expect(sheet).not.toContain('NaN')
  }
  const widthOf = (sheet = '') => sheet.match(/<svg width="[\d.]+mm"/)?.[0]
  expect(widthOf(first)).toBe(widthOf(third))
  expect(first).toContain('about before')
  expect(third).toContain('about now')
  expect(last).toContain('QRS 92')
})
