/** What a line of a table says of a station, in words. */
import type { StationFacts, TableStation } from '@gh/contract'
import { t } from '@gh/i18n'
import type { Difference } from './table.ts'

const FIELDS = ['name', 'name_en', 'parent', 'point', 'phone', 'assumed'] as const
type Field = (typeof FIELDS)[number]
const DECIMALS = 6

export const placeText = (point: StationFacts['point']): string =>
  point === null
    ? t('station.no_place')
    : `${point.lat.toFixed(DECIMALS)}, ${point.lon.toFixed(DECIMALS)}`

function word(facts: StationFacts, field: Field, centres: ReadonlyMap<string, string>): string {
  if (field === 'point') return placeText(facts.point)
  if (field === 'parent') return centres.get(facts.parent) ?? facts.parent
  if (field === 'assumed') return t(facts.assumed ? 'ui.yes' : 'ui.no')
  return facts[field] === '' ? t('ui.none') : facts[field]
}

/** What the line changes; of a new station all that it says. `centres`: names by organisation. */
export function stationDifferences(
  { was, now }: TableStation,
  centres: ReadonlyMap<string, string>,
): Difference[] {
  if (now === null) return []
  return FIELDS.map((field) => ({
    field,
    was: was === null ? '' : word(was, field, centres),
    now: word(now, field, centres),
  })).filter((one) => one.was !== one.now)
}
