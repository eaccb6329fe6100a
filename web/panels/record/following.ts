/** What a correction will do with files, as the server decides it (domain/case/following.py). */
import type { FileRow, StoredImage } from '@gh/contract'

export interface Stretch {
  deviceId: string
  from_ms: number
  /** The moment itself is outside. */
  to_ms: number
}

const covers = ({ deviceId, from_ms, to_ms }: Stretch, device: string, at_ms: number): boolean =>
  device === deviceId && from_ms <= at_ms && at_ms < to_ms

/** How many pictures of the device go along by themselves. */
export const followers = (files: readonly FileRow[], stretch: Stretch): number =>
  files.filter((one) => one.kind === 'ultrasound' && covers(stretch, one.device, one.taken_ms))
    .length

/** Those that wait are in no patient's list, and go along too. */
export const waitersAmong = (images: readonly StoredImage[], stretch: Stretch): number =>
  images.filter(({ origin }) => covers(stretch, origin.device, origin.received_ms)).length

/** A person ticks what no device tells of, in the record that it stands in itself. */
export const pickable = (file: FileRow, patientId: string): boolean =>
  file.kind !== 'ultrasound' && file.patient_id === patientId
