/** What a line of a table says of a vehicle, in words. */
import type { TableVehicle, UnitListed } from '@gh/contract'
import { t } from '@gh/i18n'

const FIELDS = ['call_sign', 'plate', 'unit_kind', 'station_name', 'assumed'] as const
type Field = (typeof FIELDS)[number]

function word(listed: UnitListed, field: Field): string {
  if (field === 'unit_kind') return t(`unit_kind.${listed.unit_kind}`)
  if (field === 'assumed') return t(listed.assumed ? 'ui.yes' : 'ui.no')
  return listed[field] === '' ? t('ui.none') : listed[field]
}

export interface Difference {
  field: Field
  /** Empty where the vehicle is new. */
  was: string
  now: string
}

/** What the line changes; of a new vehicle all that it says. */
export function differences({ was, now }: TableVehicle): Difference[] {
  if (now === null) return []
  // Two stations may have one name, and a change from one to the other must not look like none.
  const station = was !== null && was.station_id !== now.station_id
  const twins = station && was.station_name === now.station_name
  const told = (listed: UnitListed, field: Field) =>
    field === 'station_name' && twins
      ? `${listed.station_name} ${listed.station_id}`
      : word(listed, field)
  return FIELDS.map((field) => ({
    field,
    was: was === null ? '' : told(was, field),
    now: told(now, field),
  })).filter((one) => one.was !== one.now)
}

const ORDER = ['refused', 'new', 'changed', 'unchanged'] as const

/** What somebody must look at first stands first; within that the order of the file. */
export const inOrderOfWeight = (rows: readonly TableVehicle[]): TableVehicle[] =>
  ORDER.flatMap((verdict) => rows.filter((row) => row.verdict === verdict))
