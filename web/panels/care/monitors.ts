/** Which patient a device of the run is on: for the screens that show its numbers. */
import type { Limits, MissionRow, MonitorRow, NumericSet, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { isOf } from './inbound.ts'
import { patientName } from './words.ts'

/** The devices on a patient; undefined: none has a place in this run yet, so nothing is left out. */
export function devicesOn(
  mission: MissionRow | undefined,
  patient: PatientRow | undefined,
): readonly string[] | undefined {
  if (mission === undefined || patient === undefined || mission.monitors.length === 0)
    return undefined
  return mission.monitors.filter((m) => isOf(patient, m.patient_id)).map((m) => m.device_id)
}

/** Of a monitor and a meter; an ultrasound device has a title instead. */
const EUI_64 = /^[0-9A-Fa-f]{16}$/

/** The end of its number is what stands on a device's label; a title stands there whole. */
export const deviceName = (id: string): string =>
  t('monitor.device', { id: EUI_64.test(id) ? id.slice(-4) : id })

/** On nobody, and not because a person took it off: somebody has to say whose it is. */
export const isUnbound = (monitor: MonitorRow): boolean => monitor.patient_id === '' && !monitor.off

/** Of a merged record: the one that shows it. */
const findRow = (patients: readonly PatientRow[], id: string): PatientRow | undefined =>
  patients.find((p) => p.joined.includes(id)) ?? patients.find((p) => p.id === id)

export const nameOf = (patients: readonly PatientRow[], id: string): string => {
  const found = findRow(patients, id)
  return found === undefined ? t('monitor.other_patient') : patientName(found)
}

/** By whose word the device is where it is. */
export const howText = (monitor: MonitorRow): string =>
  monitor.band === '' ? t('monitor.by_vehicle') : t('monitor.by_band', { band: monitor.band })

/** Who wears the device, and by whose word. */
export function placeText(monitor: MonitorRow, patients: readonly PatientRow[]): string {
  if (monitor.off) return t('monitor.off')
  if (monitor.patient_id === '') return t('monitor.on_nobody')
  return t('monitor.on', {
    patient: nameOf(patients, monitor.patient_id),
    how: howText(monitor),
  })
}

/** Who wears the run's devices, in short, each once, with the row of whom it names. */
export function wearersOf(
  mission: MissionRow,
  patients: readonly PatientRow[],
): Map<string, PatientRow | undefined> {
  return new Map(
    mission.monitors.map((m) => {
      if (m.off) return [t('monitor.off_short'), undefined]
      if (m.patient_id === '') return [t('monitor.nobody'), undefined]
      return [nameOf(patients, m.patient_id), findRow(patients, m.patient_id)]
    }),
  )
}

/** The device names somebody else than the band that it is bound by. */
export const isMismatched = (monitor: MonitorRow, live: NumericSet | undefined): boolean =>
  live?.mismatch === true && live.device_id === monitor.device_id && monitor.band !== ''

/** The patient who wears this band now; undefined: nobody that this page knows of. */
export const wearerOf = (mission: MissionRow, band: string): string | undefined =>
  Object.entries(mission.bands).find(([code]) => code === band)?.[1]

export const bandsOf = (mission: MissionRow, patient: PatientRow): string[] =>
  Object.entries(mission.bands)
    .filter(([, wearer]) => isOf(patient, wearer))
    .map(([band]) => band)

/** The record that is shown of the wearer: another one where theirs was merged into it. */
export function shownWearer(
  mission: MissionRow,
  registered: readonly PatientRow[],
  band: string,
): string | undefined {
  const id = wearerOf(mission, band)
  const into = registered.find((p) => p.id === id)?.merged_into
  return registered.some((p) => p.id === into) ? into : id
}

/** The device is not this patient's: it is on another one, or unplaced in a run of several. */
export const isElsewhere = (
  mission: MissionRow | undefined,
  patient: PatientRow | undefined,
  deviceId: string | undefined,
): boolean => {
  if (mission === undefined || patient === undefined || deviceId === undefined) return false
  const placed = mission.monitors.filter((m) => m.device_id === deviceId)
  const said = placed.length > 0 ? placed : mission.monitors.filter((m) => !m.off)
  return said.some((m) => !isOf(patient, m.patient_id))
}

/** By how much the device's clock is ahead of ours, where that is too much to be believed. */
export function clockOff(set: NumericSet | undefined, limits: Limits | undefined): number | null {
  if (set === undefined || set.device_ms === null || limits === undefined) return null
  const off_ms = set.device_ms - set.received_ms
  return Math.abs(off_ms) > limits.screen.device_clock_off_s * 1000 ? off_ms : null
}
