/** Where the crew has put an ECG's electrodes: no lead is read under the name of its plug alone. */
import type { Content, LeadsRow, MissionRow } from '@gh/contract'
import { say } from '../dispatch/words.ts'

export const STANDARD = 'standard'

/** What was said of a device that holds by now, the last of it last. */
export const placings = (
  mission: MissionRow | undefined,
  deviceId: string | undefined,
  now: number,
): readonly LeadsRow[] =>
  mission?.leads.filter((one) => one.device_id === deviceId && one.from_ms <= now) ?? []

export const placement = (
  mission: MissionRow | undefined,
  deviceId: string | undefined,
  now: number,
): string => placings(mission, deviceId, now).at(-1)?.placement ?? STANDARD

export const placeTitle = (content: Content | undefined, id: string): string =>
  say(content?.ecg.placements[id]?.title) || id

export const placements = (content: Content | undefined): string[] =>
  Object.keys(content?.ecg.placements ?? {})
