/** What the events of a case tell of its devices: enough to say afterwards on whom one was. */
import type { LogRow } from '@gh/contract'
import { clockTime, t } from '@gh/i18n'
import { ageSaid } from '../care/age.ts'

export interface Device {
  id: string
  mission_id: string
  call_sign: string
  /** Since when it has a place in the run. */
  begun_ms: number
}

const PLACED: readonly string[] = [
  'mission.monitor_bound.v1',
  'mission.monitor_released.v1',
  'mission.monitor_taken_off.v1',
]
const identOf = (stream: string): string => stream.slice(stream.indexOf(':') + 1)

export function devicesIn(events: readonly LogRow[]): Device[] {
  const found = new Map<string, Device>()
  for (const { kind, stream, summary, occurred_ms } of events) {
    const id = summary.device_id
    if (id === undefined || !PLACED.includes(kind) || found.has(`${stream} ${id}`)) continue
    found.set(`${stream} ${id}`, {
      id,
      mission_id: identOf(stream),
      call_sign: summary.call_sign ?? '',
      begun_ms: occurred_ms,
    })
  }
  return [...found.values()]
}

export interface Aboard {
  id: string
  registered_ms: number
  sex: string
  /** Empty: unknown. */
  age_y: string
  /** The band that was put on last; empty: none. */
  band: string
}

export function aboard(events: readonly LogRow[], mission_id: string): Aboard[] {
  const bands = new Map<string, string>()
  for (const { kind, summary } of events) {
    const wearer = summary.patient_id ?? ''
    if (kind === 'mission.band_given.v1') bands.set(wearer, summary.band ?? '')
    if (kind === 'mission.band_taken.v1' && bands.get(wearer) === summary.band) bands.delete(wearer)
  }
  return events
    .filter((e) => e.kind === 'patient.registered.v1' && e.summary.mission_id === mission_id)
    .map(({ stream, summary, occurred_ms }) => ({
      id: identOf(stream),
      registered_ms: occurred_ms,
      sex: summary.sex ?? 'unknown',
      age_y: summary.age_y ?? '',
      band: bands.get(identOf(stream)) ?? '',
    }))
}

/** Without a name: the desk reads cases, and a band is enough to tell two patients apart. */
export const aboardText = (one: {
  band: string
  letter?: string
  sex: string
  age_y: string | number | null
  registered_ms: number
}): string =>
  [
    one.letter ?? '',
    one.band === '' ? '' : t('monitor.by_band', { band: one.band }),
    t(`sex.${one.sex}`),
    ageSaid(one.age_y === '' || one.age_y === null ? null : Number(one.age_y)),
    t('monitor.registered_at', { time: clockTime(one.registered_ms) }),
  ]
    .filter(Boolean)
    .join(' · ')
