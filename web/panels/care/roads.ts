/** Roads that are shut or slow, for whoever draws a map or asks for a time. */
import type { RoadRow } from '@gh/contract'
import { clockTime, dayOf, dayTime, t } from '@gh/i18n'
import { serverNow, useTable } from '@gh/live'
import type { MapRoad } from '@gh/map'
import { useMemo } from 'react'

/** "封闭", "缓行 40 %". */
export const shareText = (share: number): string =>
  share === 0 ? t('road.shut') : t('road.slow', { n: Math.round(share * 100) })

export const untilText = ({ until_ms }: Pick<RoadRow, 'until_ms'>): string =>
  until_ms === null
    ? t('road.until_told')
    : t('road.until', {
        time: (dayOf(until_ms) === dayOf(serverNow()) ? clockTime : dayTime)(until_ms).slice(0, -3),
      })

export function useMapRoads(): MapRoad[] {
  const roads = useTable('roads')
  return useMemo(
    () =>
      roads.map((road) => ({
        id: road.id,
        line: road.line,
        look: road.share === 0 ? ('shut' as const) : ('slow' as const),
        label: [road.label, t(`road_reason.${road.reason}`)].filter(Boolean).join(' '),
      })),
    [roads],
  )
}

/** Changes when any road does: answers that count with roads are asked for again. */
export function useRoadsMark(): string {
  const roads = useTable('roads')
  return useMemo(() => roads.map((road) => `${road.id}${road.share}`).join(), [roads])
}
