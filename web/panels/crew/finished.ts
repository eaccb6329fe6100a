import type { MissionRow } from '@gh/contract'
import { serverNow, useLimits } from '@gh/live'
import { useEffect, useReducer } from 'react'
import { lingers } from './model.ts'

/** The run that was finished a moment ago, while that can be undone. */
export function useFinished(missions: readonly MissionRow[]): MissionRow | undefined {
  const undo_ms = (useLimits()?.undo_s ?? 0) * 1000
  const [, look] = useReducer((n: number) => n + 1, 0)
  const run = missions.find((m) => lingers(m, serverNow(), undo_ms) > 0)
  useEffect(() => {
    if (run === undefined) return
    const timer = setTimeout(look, lingers(run, serverNow(), undo_ms) + 1)
    return () => clearTimeout(timer)
  }, [run, undo_ms])
  return run
}
