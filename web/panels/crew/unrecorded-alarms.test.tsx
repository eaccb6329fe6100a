import type { MissionRow, PatientRow, UnrecordedRow } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { useTone } from '@gh/ui'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, expect, it, vi } from 'vitest'
import { UnrecordedAlarms } from './unrecorded-alarms.tsx'

const NOW_MS = 1_800_000_000_000
let told: UnrecordedRow[] = []
vi.mock('@gh/live', async (original) => ({
  ...(await original<object>()),
  useLimits: () => ({ screen: { mute_s: 60 } }),
  useNow: () => NOW_MS,
  useUnrecorded: () => told,
}))
vi.mock('@gh/ui', async (original) => ({ ...(await original<object>()), useTone: vi.fn() }))

const LOW = { sign: 'spo2', alarm: 'critical_low', value: 75, since_ms: NOW_MS } as const
const on = (patient_id: string, mission_id = 'm1'): UnrecordedRow => ({
  unit_id: 'A-01',
  mission_id,
  device_id: 'm',
  patient_id,
  alarms: [LOW],
  rhythms: [],
  device_alarms: [],
})
const aboard = (...ids: string[]) =>
  ids.map((id) => ({ id, name: `n${id}`, joined: [], differs: [] }) as unknown as PatientRow)
const shown = (patients: PatientRow[], still = true) =>
  renderToStaticMarkup(
    <UnrecordedAlarms
      mission={{ id: 'm1' } as MissionRow}
      patients={patients}
      onRegister={still ? () => undefined : undefined}
      onMonitor={still ? () => undefined : undefined}
    />,
  )

beforeEach(() => {
  vi.mocked(useTone).mockClear()
  setLang('zh-CN')
})

it('sounds before anybody is registered, and asks who it is', () => {
  told = [on('')]
  const html = shown([])
  expect(html).toContain('患者尚未登记')
  expect(html).toContain('登记患者')
  expect(html).toContain('data-alarm="critical_low"')
  expect(useTone).toHaveBeenCalledWith('alarm', true)
  expect(shown([], false)).not.toContain('unrecorded-ask')
})

it('asks of several whose it is, and assumes nobody', () => {
  told = [on('')]
  const html = shown(aboard('p1', 'p2'))
  expect(html).toContain('未确认是哪位患者')
  expect(html).not.toContain('np1')
})

it('names the patient whose record the full disk did not take', () => {
  told = [on('p2')]
  const html = shown(aboard('p1', 'p2'))
  expect(html).toContain('np2 （磁盘已满，未入病历）')
  expect(html).not.toContain('unrecorded-ask')
})

it('says nothing of another run', () => {
  told = [on('', 'm0')]
  expect(shown([])).toBe('')
})
