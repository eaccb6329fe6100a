import type { Org, StrangerRow } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, it, vi } from 'vitest'
import { StrangerTable } from './strangers.tsx'

const NOW_MS = 1_800_000_000_000
vi.mock('@gh/live', async (original) => ({
  ...(await original<object>()),
  useNow: () => NOW_MS,
}))

const heard = (changes: Partial<StrangerRow>): StrangerRow => ({
  place: 'A-01',
  others: 0,
  way: 'hl7',
  device_id: '00A037EB21A0FFFF',
  first_ms: NOW_MS - 60_000,
  heard_ms: NOW_MS - 5_000,
  count: 12,
  reason: 'unknown_device',
  kind: 'monitor',
  holder: '',
  revoked: false,
  dismissed_ms: null,
  dismissed_by: '',
  ...changes,
})
const nothing = () => undefined
const shown = (...rows: StrangerRow[]) =>
  renderToStaticMarkup(
    <StrangerTable
      rows={rows}
      orgs={[{ id: 'unit:A-01', name: '急救一车' } as Org]}
      onRegister={nothing}
      onDismiss={nothing}
      onTakeBack={nothing}
    />,
  )

beforeEach(() => setLang('zh-CN'))

it('names who spoke, where, how often and why it was refused', () => {
  const html = shown(heard({}))
  for (const said of ['00A037EB21A0FFFF', '急救一车', '>12<', '没有登记', '监护仪（HL7）'])
    expect(html).toContain(said)
  expect(html).toContain('data-testid="register-00A037EB21A0FFFF"')
})

it('says that it hangs elsewhere, or was revoked, before the reason', () => {
  expect(shown(heard({ holder: 'A-02' }))).toContain('登记在 A-02 名下')
  expect(shown(heard({ holder: 'A-01', revoked: true }))).toContain('急救一车 的登记已注销')
})

it('says where else a device of a shared computer may hang', () => {
  expect(shown(heard({ others: 19 }))).toContain('19 辆车')
})

it('says what to do where the register does not hold it', () => {
  const html = shown(heard({ way: 'dicom', kind: '', device_id: 'US-9', reason: 'other_title' }))
  expect(html).toContain('scanners')
  expect(html).not.toContain('data-testid="register-US-9"')
  expect(html).toContain('data-testid="dismiss-US-9"')
})

it('takes a dismissal back', () => {
  const html = shown(heard({ dismissed_ms: NOW_MS }))
  expect(html).toContain('take-back-00A037EB21A0FFFF')
  expect(html).not.toContain('dismiss-00A037EB21A0FFFF')
})
