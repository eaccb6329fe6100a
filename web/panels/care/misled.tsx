/** That a measurement looks better than the patient may be, and why: content says when. */
import type { PatientRow } from '@gh/contract'
import { say } from '../dispatch/words.ts'
import { WarnMark } from './marks.tsx'
import { missingName } from './words.ts'

interface Props {
  patient: PatientRow | undefined
  /** Whose measurement it is, where it is not the patient on the screen. */
  who?: string | undefined
}

export function Misled({ patient, who }: Props) {
  return patient?.misleading?.map((one) => (
    <p
      key={`${one.finding} ${one.en}`}
      className="care-hint"
      role="status"
      data-testid={`misled-${one.finding}`}
    >
      <WarnMark /> {who && <b className="nw">{who}</b>}{' '}
      <b>
        {missingName(one.finding)} {say(one)}
      </b>
    </p>
  ))
}
