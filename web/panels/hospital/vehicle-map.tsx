/** Where the vehicle is now and the way that is left; without a map the distance stays in words. */
import type { City, HospitalRow, Route } from '@gh/contract'
import { metres, t } from '@gh/i18n'
import { useDoubted, useFix, useLimits, useNow } from '@gh/live'
import { CityMap } from '@gh/map'
import { ringOf } from '@gh/ui'
import { ageText, span } from '../care/format.ts'
import { Guard } from '../care/guard.tsx'
import { type Inbound, levelOf } from '../care/inbound.ts'
import { useGet } from '../care/query.ts'
import { hospitalName, missionState } from '../care/words.ts'
import { routeOf } from './arrivals.ts'

export function VehicleMap({
  inbound,
  hospital,
}: {
  inbound: Inbound
  hospital: HospitalRow | undefined
}) {
  const now = useNow()
  const { handover, mission, patient, arrives_ms } = inbound
  const city = useGet<City | null>('/api/city', { stale_ms: 3_600_000 })
  const fix = useFix(handover.unit_id)
  const doubted = useDoubted(handover.unit_id)
  const onRoad = mission !== undefined && ['loaded', 'to_hospital'].includes(mission.state)
  const route = useGet<Route>(onRoad ? routeOf(mission.id) : null, { every_ms: 15_000 })
  const left = arrives_ms === null ? '' : span(Math.max(0, (arrives_ms - now) / 1000))
  const age = fix === undefined ? null : now - fix.received_ms
  const old_ms = (useLimits()?.screen.position_amber_s ?? Number.POSITIVE_INFINITY) * 1000
  const points = [
    ...(fix?.point ? [fix.point] : []),
    ...(hospital ? [hospital.point] : []),
    ...(route.data?.points ?? []),
  ]
  return (
    <section className="gh-panel hs-map" data-testid="vehicle-map">
      <Guard what={t('hospital.map_broken')} works={t('hospital.map_works')}>
        <CityMap
          city={city.data}
          tools={false}
          units={
            fix?.point
              ? [
                  {
                    id: handover.unit_id,
                    point: fix.point,
                    heading_deg: fix.heading_deg,
                    call_sign: handover.call_sign,
                    ring: ringOf(mission?.state ?? ''),
                    level: levelOf(patient).level,
                    text: mission ? missionState(mission.state) : '',
                    note: '',
                    stale:
                      age !== null && (doubted || age > old_ms)
                        ? t(doubted ? 'hospital.position_doubted' : 'hospital.position_old', {
                            age: ageText(age),
                          })
                        : '',
                    source: fix.tablet ? t('map.tablet') : undefined,
                    active: true,
                  },
                ]
              : []
          }
          hospitals={
            hospital
              ? [
                  {
                    id: hospital.id,
                    point: hospital.point,
                    name: hospitalName(hospital),
                    marked: true,
                  },
                ]
              : []
          }
          routes={
            onRoad && route.data
              ? [
                  {
                    id: handover.id,
                    points: route.data.points,
                    kind: 'hospital',
                    label: handover.call_sign,
                    eta: left,
                    selected: true,
                  },
                ]
              : []
          }
          focus={
            points.length > 0 ? { key: `${handover.id}:${Math.floor(now / 30_000)}`, points } : null
          }
        />
      </Guard>
      <footer>
        {route.data && onRoad ? (
          <b className="num">
            {left} · {metres(route.data.metres)}
          </b>
        ) : (
          <span className="gh-m">{t(onRoad ? 'hospital.no_way' : 'hospital.not_left')}</span>
        )}
        <span className="gh-sp" />
        <span className={age !== null && age > old_ms ? 'un' : 'gh-m'}>
          {age === null ? t('hospital.no_fix') : t('hospital.fix_age', { age: ageText(age) })}
          {fix?.tablet && ` · ${t('map.tablet')}`}
          {fix && age !== null && age <= old_ms && ` · ${Math.round(fix.speed_kmh)} km/h`}
        </span>
      </footer>
    </section>
  )
}
