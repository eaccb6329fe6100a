import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { FIRST_VIEW } from './paper.tsx'
import { PrintSheets } from './print.tsx'
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
