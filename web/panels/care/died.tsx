/** That a patient has died, when, and whether on the way: what a team at the door needs to know first. */
import type { MissionRow, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { hm } from './format.ts'
import { nodeAt } from './inbound.ts'

export function diedText(died_ms: number, mission: MissionRow | undefined): string {
  const left_ms = nodeAt(mission, 'left_scene')
  const onTheWay = left_ms !== null && left_ms <= died_ms
  return t(onTheWay ? 'care.died_on_the_way' : 'care.died', { time: hm(died_ms) })
}

interface Props {
  patient: PatientRow | undefined
  mission: MissionRow | undefined
}

export function Died({ patient, mission }: Props) {
  const died_ms = patient?.died_ms ?? null
  if (died_ms === null) return null
  return (
    <b className="gh-tag warn" data-testid="died">
      {diedText(died_ms, mission)}
    </b>
  )
}
