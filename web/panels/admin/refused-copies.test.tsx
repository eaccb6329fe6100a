import type { RefusedCopy } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, it } from 'vitest'
import { RefusedTable } from './refused-copies.tsx'

const refused = (changes: Partial<RefusedCopy>): RefusedCopy => ({
  node: 'county',
  stream: 'incident:i-1',
  version: 7,
  reason: 'gap',
  first_ms: 1_800_000_000_000,
  last_ms: 1_800_000_060_000,
  times: 3,
  dismissed_ms: null,
  dismissed_by: '',
  ...changes,
})
const shown = (...rows: RefusedCopy[]) =>
  renderToStaticMarkup(<RefusedTable rows={rows} onDeed={() => undefined} />)

beforeEach(() => setLang('zh-CN'))

it('names the node, what it told, why it could not be kept and how often', () => {
  const html = shown(refused({}))
  for (const said of ['county', '案件', 'i-1 @7', '接不上', '>3<', '再要一次', '不再提示'])
    expect(html).toContain(said)
})

it('says who dismissed one, and lets it be taken back', () => {
  const html = shown(refused({ dismissed_ms: 1_800_000_090_000, dismissed_by: 'p-boss' }))
  expect(html).toContain('p-boss')
  expect(html).toContain('恢复提示')
  expect(html).not.toContain('data-testid="again-')
})
