/** Whether a run can be at the pick-up within its window, as the server computes it. */
import { get, type Keeping, type MissionRow, type WindowAnswer } from '@gh/contract'
import { clockTime, duration, t } from '@gh/i18n'
import { useNow, useTable } from '@gh/live'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useRoadsMark } from '../care/roads.ts'
import { windowNamed } from '../care/window.ts'
import { reservedOf } from './model.ts'
import { leftOf, useEtas } from './ways.ts'

const ASK_MS = 10_000
const NONE: WindowAnswer[] = []

/** Of every reservation, by the id of the run. */
export function useWindows(): ReadonlyMap<string, WindowAnswer> {
  const missions = useTable('missions')
  const roads = useRoadsMark()
  const runs = useMemo(
    () =>
      reservedOf(missions)
        .map((mission) => mission.id)
        .join(),
    [missions],
  )
  const found = useQuery({
    queryKey: ['windows', runs, roads],
    queryFn: () => get<WindowAnswer[]>('/api/windows'),
    enabled: runs !== '',
    refetchInterval: ASK_MS,
    placeholderData: (before) => before,
  })
  return useMemo(
    () => new Map((found.data ?? NONE).map((one) => [one.mission_id, one])),
    [found.data],
  )
}

/** What the desk is to do about a reservation, and what that rests on. */
export function keepingText(answer: WindowAnswer): string {
  const hm = (at_ms: number) => clockTime(at_ms).slice(0, 5)
  const { keeping, road_s, estimated, activate_ms, computed_ms } = answer
  if (road_s === null) {
    return t(`window.${keeping}_unknown`, { at: hm(activate_ms) })
  }
  return t(`window.${keeping}`, {
    at: hm(activate_ms),
    road: `${estimated ? '≈' : ''}${duration(road_s)}`,
    arrives: hm(computed_ms + road_s * 1000),
  })
}

/** Nothing is asked of the desk yet: plain. */
export const keepingLook = (keeping: Keeping | undefined): string =>
  keeping === 'lost' ? 'gh-badt' : keeping === 'now' ? 'gh-warnt' : 'gh-m'

/** In the strip of a run. */
export function WindowLines({ mission }: { mission: MissionRow }) {
  const now = useNow()
  const answer = useWindows().get(mission.id)
  const eta = useEtas().get(mission.id)
  const { due_ms, latest_ms } = mission
  if (due_ms === null || mission.ended_ms !== null) return null
  const left_s = eta?.to === 'scene' ? leftOf(eta, now) : null
  const late = latest_ms !== null && left_s !== null && now + left_s * 1000 > latest_ms
  const named = windowNamed(due_ms, latest_ms)
  return (
    <>
      <p className={late ? 'gh-s gh-badt' : 'gh-s'} data-testid="window" data-late={late}>
        {late ? `▲ ${t('window.late', { window: named })}` : named}
      </p>
      {mission.state === 'reserved' && answer ? (
        <p
          className={`gh-s ${keepingLook(answer.keeping)}`}
          data-testid="window-keeping"
          data-keeping={answer.keeping}
        >
          {answer.keeping === 'early' ? '' : '▲ '}
          {keepingText(answer)}
          {answer.busy ? ` · ${t('window.busy')}` : ''}
        </p>
      ) : null}
    </>
  )
}
