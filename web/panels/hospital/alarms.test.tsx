import type { AlertRow } from '@gh/contract'
import { setLang } from '@gh/i18n'
import { useTone } from '@gh/ui'
import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Inbound } from '../care/inbound.ts'
import { Alarms, watchedOf } from './alarms.tsx'

const NOW_MS = 1_800_000_000_000
let alerts: Partial<AlertRow>[] = []
const heard = new Map<string, { received_ms: number }>()

vi.mock('@gh/live', async (original) => ({
  ...(await original<object>()),
  useLimits: () => ({ screen: { link_alarm_s: 10, mute_s: 60 } }),
  useMonitor: (unitId: string) => heard.get(unitId),
  useNow: () => NOW_MS,
  useSend: () => ({ send: vi.fn(), busy: false, refusal: null }),
  useTable: () => alerts,
}))
vi.mock('@gh/ui', async (original) => ({
  ...(await original<object>()),
  Above: ({ children }: { children: ReactNode }) => children,
  useTone: vi.fn(),
}))

const sounds = (tone: string) =>
  vi.mocked(useTone).mock.calls.filter(([named, on]) => named === tone && on).length

const coming = (id: string, unit: string, beyond: object[] = [], state = 'sent'): Inbound =>
  ({
    handover: { id, unit_id: unit, call_sign: unit, state },
    mission: { nodes: [], monitors: [], assigned_ms: 0 },
    patient: {
      id: `p${id}`,
      name: `n${id}`,
      sex: 'male',
      age_y: 62,
      alarms: beyond,
      worse: [],
      joined: [],
      differs: [],
    },
  }) as unknown as Inbound
const ASYSTOLE = { sign: 'heart_rate', alarm: 'critical_low', value: 0, since_ms: NOW_MS }
const shown = (...open: Inbound[]) => renderToStaticMarkup(<Alarms open={open} hospitalId="h1" />)

beforeEach(() => {
  vi.mocked(useTone).mockClear()
  alerts = []
  heard.clear()
  setLang('zh-CN')
})

describe('what sounds at a hospital', () => {
  it('is the alarm of everybody on the way, by name, whoever is on the screen', () => {
    const html = shown(coming('1', 'A-01'), coming('2', 'A-02', [ASYSTOLE]))
    expect(html).toContain('A-02 · n2')
    expect(html).toContain('data-alarm="critical_low"')
    expect(sounds('alarm')).toBe(1)
  })

  it('is what the ECG of somebody on the way looks like, and no diagnosis', () => {
    const still = coming('1', 'A-01')
    const rhythms = [{ device_id: 'E-1', rhythm: 'no_beat', since_ms: NOW_MS }]
    const html = shown({ ...still, patient: { ...still.patient, rhythms } } as Inbound)
    expect(html).toContain('data-rhythm="no_beat"')
    expect(html).toContain('疑似停搏，请立即查看患者')
    expect(sounds('alarm')).toBe(1)
    // Only who is beside the patient can say that the patient was looked at.
    expect(html).not.toContain('rhythm-looked')
  })

  it('is no alarm of one who was handed over, and of nobody twice', () => {
    const over = coming('1', 'A-01', [ASYSTOLE], 'handed_over')
    const twice = coming('2', 'A-02', [ASYSTOLE])
    const again = { ...twice, handover: { ...twice.handover, id: '3' } }
    expect(watchedOf([over, twice, again]).map((one) => one.handover.id)).toEqual(['2'])
  })

  it('is the silence of a vehicle, once for all who are in it', () => {
    heard.set('A-01', { received_ms: NOW_MS - 11_000 })
    expect(shown(coming('1', 'A-01'), coming('2', 'A-01')).match(/silence-vehicle/g)).toHaveLength(
      1,
    )
    expect(sounds('silence')).toBe(1)
  })

  it('is the word that somebody is not coming, until it was heard', () => {
    const told: Partial<AlertRow> & Pick<AlertRow, 'details'> = {
      id: 'not_coming.x',
      code: 'not_coming',
      state: 'open',
      raised_ms: NOW_MS,
      details: { call_sign: 'A-07', hospital_id: 'h1', reason: 'other_hospital' },
    }
    alerts = [told, { ...told, id: 'y', details: { ...told.details, hospital_id: 'h2' } }]
    const html = shown()
    expect(html).toContain('A-07 不再送来')
    expect(html).toContain('改送其他医院')
    expect(html.match(/data-testid="not-coming"/g)).toHaveLength(1)
    expect(sounds('not_coming')).toBe(1)
    alerts = [{ ...told, state: 'resolved' }]
    expect(shown()).not.toContain('not-coming')
  })

  it('is an ECG that waited too long for a physician, until it was heard', () => {
    const told = {
      id: 'ecg_unread.p1',
      code: 'ecg_unread',
      state: 'open',
      details: { call_sign: 'A-07', number: '0012', hospital_id: 'h1' },
    } as Partial<AlertRow> & Pick<AlertRow, 'details'>
    alerts = [told, { ...told, id: 'y', details: { ...told.details, hospital_id: 'h2' } }]
    expect(shown().match(/data-testid="ecg-unread"/g)).toHaveLength(1)
    expect(sounds('worse')).toBe(1)
    alerts = [{ ...told, state: 'acknowledged' as AlertRow['state'] }]
    expect(shown()).not.toContain('ecg-unread')
  })
})
