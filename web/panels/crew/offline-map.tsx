/** The map that this vehicle's computer works with: how old it is, or that there is none yet. */
import type { EdgeStatus, MapStatus } from '@gh/contract'
import { t } from '@gh/i18n'
import { Empty } from '@gh/ui'
import { ageText } from '../care/format.ts'

const PERCENT = 100

/** How far a newer one has come, in percent; null: none is under way. */
export const fetchedShare = (map: MapStatus): number | null =>
  map.fetching_bytes === 0 ? null : Math.floor((map.fetched_bytes / map.fetching_bytes) * PERCENT)

export function mapText(map: MapStatus, now: number): string {
  const share = fetchedShare(map)
  return [
    map.built_ms === null
      ? t('crew.map.none')
      : t('crew.map.age', { age: ageText(now - map.built_ms) }),
    share === null ? '' : t('crew.map.fetching', { n: share }),
    map.no_room ? t('crew.map.no_room') : '',
  ]
    .filter(Boolean)
    .join(t('ui.comma'))
}

/** In the map's place while there is none. */
export function NoMap({ map, connected }: { map: MapStatus; connected: boolean }) {
  const share = fetchedShare(map)
  return (
    <div data-testid="no-map">
      <Empty
        title={t('crew.map.none')}
        hint={
          map.no_room
            ? t('crew.map.no_room')
            : share !== null
              ? t('crew.map.fetching', { n: share })
              : t(connected ? 'crew.map.none_linked' : 'crew.map.none_unlinked')
        }
      />
    </div>
  )
}

/** None yet; undefined where nobody looked, as at a centre. */
export const lacksMap = (edge: EdgeStatus | undefined): MapStatus | null =>
  edge?.map?.state === 'none' ? edge.map : null
