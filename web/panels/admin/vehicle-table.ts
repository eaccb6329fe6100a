/** What a line of a table says of a vehicle, in words. */
import type { TableVehicle, UnitListed } from '@gh/contract'
import { t } from '@gh/i18n'
import type { Difference } from './table.ts'

const FIELDS = ['call_sign', 'plate', 'unit_kind', 'station_name', 'assumed'] as const
type Field = (typeof FIELDS)[number]

function word(listed: UnitListed, field: Field): string {
  if (field === 'unit_kind') return t(`unit_kind.${listed.unit_kind}`)
  if (field === 'assumed') return t(listed.assumed ? 'ui.yes' : 'ui.no')
  return listed[field] === '' ? t('ui.none') : listed[field]
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
