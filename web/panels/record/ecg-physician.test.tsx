import type { EntryRow, PatientRow } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, test, vi } from 'vitest'
import { isForUs } from '../dispatch/alert-strip.tsx'
import { EcgReadings, EcgSaid, EcgWait, SignEcg, waitsSince } from './ecg-physician.tsx'

const NOW_MS = 1_800_000_000_000
vi.mock('@gh/live', async (original) => ({
  ...(await original<object>()),
  useNow: () => NOW_MS,
  useLimits: () => ({ ecg_read_s: 600 }),
}))
let physician = false
vi.mock('@gh/session', async (original) => ({
  ...(await original<object>()),
  useSession: () => ({ name: '王医生', role: 'hospital', physician }),
}))
beforeEach(() => setLang('zh-CN'))

const ecg = (id: string, charted_ms: number, reading = 'suspected', withdrawn = '') =>
  ({ id, kind: 'ecg', charted_ms, withdrawn, ecg: { findings: { reading } } }) as EntryRow
const read = (id: string, ecg_id: string, about: Partial<EntryRow> = {}) =>
  ({
    id,
    kind: 'reading',
    ecg_id,
    text: '下壁导联抬高',
    signer: '李医生',
    role: 'hospital',
    charted_ms: NOW_MS,
    corrects: '',
    reason: '',
    withdrawn: '',
    withdrawn_by: '',
    ...about,
  }) as EntryRow
const patient = (...entries: EntryRow[]) => ({ record: { entries } }) as unknown as PatientRow

test('the oldest suspected ECG that nobody has read is the one that waits', () => {
  const old = ecg('e1', NOW_MS - 90_000)
  const young = ecg('e2', NOW_MS - 30_000)
  expect(waitsSince(patient(old, young))).toBe(NOW_MS - 90_000)
  expect(waitsSince(patient(old, young, read('r1', 'e1')))).toBe(NOW_MS - 30_000)
  expect(waitsSince(patient(old, young, read('r1', 'e1', { withdrawn: 'x' })))).toBe(
    NOW_MS - 90_000,
  )
  expect(waitsSince(patient(ecg('e1', 1, 'none'), ecg('e2', 1, 'suspected', 'x')))).toBeNull()
})

test('the wait says how long, and in words when it is over the limit', () => {
  const shown = (ago_s: number) =>
    renderToStaticMarkup(<EcgWait patient={patient(ecg('e1', NOW_MS - ago_s * 1000))} />)
  expect(shown(90)).toContain('待医生判读')
  expect(shown(90)).not.toContain('data-late')
  expect(shown(600)).toContain('超时未判读')
  expect(shown(600)).toContain('data-late')
})

test('a corrected reading stays legible beside the one that took its place', () => {
  const html = renderToStaticMarkup(
    <EcgReadings
      readings={[
        read('r1', 'e1', { withdrawn: '导联接反', withdrawn_by: 'd2' }),
        read('r2', 'e1', { text: '正常心电图', corrects: 'r1', reason: '导联接反' }),
      ]}
      who={(actor) => `医生${actor}`}
    />,
  )
  expect(html).toContain('<s>下壁导联抬高</s>')
  expect(html).toContain('已被更正（导联接反，医生d2）')
  expect(html).toContain('<b>正常心电图</b>')
  expect(html).toContain('李医生 · 医院')
})

test('the crew sees in a line what stands of the newest ECG, and nothing of an older one', () => {
  const said = (...entries: EntryRow[]) =>
    renderToStaticMarkup(<EcgSaid patient={patient(...entries)} />)
  const shown = said(
    ecg('e1', 1),
    read('r1', 'e1', { withdrawn: 'x' }),
    read('r2', 'e1', { text: '正常心电图' }),
  )
  expect(shown).toContain('正常心电图')
  expect(shown).toContain('李医生')
  expect(said(ecg('e1', 1), read('r1', 'e1'), ecg('e2', 2))).toBe('')
})

test('a seat hears of what a hospital lets wait, and of nothing else that is a hospital’s', () => {
  expect(isForUs({ code: 'ecg_unread', owner: '@hospital:h1' }, 'centre')).toBe(true)
  expect(isForUs({ code: 'not_coming', owner: '@hospital:h1' }, 'centre')).toBe(false)
})

test("only a physician's own account may sign, and everybody else is told so", () => {
  const shown = () => renderToStaticMarkup(<SignEcg patientId="p1" ecgId="e1" before={undefined} />)
  expect(shown()).toContain('医生本人的账号')
  expect(shown()).not.toContain('data-testid="ecg-read-open"')
  physician = true
  expect(shown()).toContain('data-testid="ecg-read-open"')
})
