/** That a measurement looks better than the patient may be, and why: content says when. */
import type { PatientRow } from '@gh/contract'
import { say } from '../dispatch/words.ts'

export function Misled({ patient, finding }: { patient: PatientRow | undefined; finding: string }) {
  const row = patient?.misleading?.find((one) => one.finding === finding)
  if (row === undefined) return null
  return (
    <div className="f un" data-testid={`misled-${finding}`}>
      {say(row)}
    </div>
  )
}
