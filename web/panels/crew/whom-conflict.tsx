/** Name, age or sex that two people said differently: both, and a person chooses. */
import type { PatientRow, WrittenRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { clockTime } from '../care/format.ts'
import { useWho } from '../care/who.ts'
import { type Told, toldText } from '../care/words.ts'

const NAMES: Record<Told, string> = { name: 'crew.name', age_y: 'crew.age', sex: 'crew.sex' }

interface Props {
  patient: PatientRow
  onChoose: (field: Told, one: WrittenRow) => void
}

export function WhomConflict({ patient, onChoose }: Props) {
  const who = useWho()
  const fields = (['name', 'age_y', 'sex'] as const).filter((f) => patient.differs.includes(f))
  if (fields.length === 0) return null
  return (
    <div className="rec-conflict whom" role="alert" data-testid="whom-conflict">
      <b>{t('record.whom_conflict')}</b>
      {fields.map((field) => (
        <div key={field}>
          <span>{t(NAMES[field])}</span>
          {(patient.identity[field] ?? [])
            .filter((one) => toldText(field, one) !== '')
            .map((one) => (
              <button
                key={one.write_id}
                type="button"
                className="tap"
                onClick={() => onChoose(field, one)}
                data-testid={`choose-${field}-${toldText(field, one)}`}
              >
                {toldText(field, one)}
                <small>
                  {who(one.by)} {clockTime(one.at_ms)} · {t('record.choose_this')}
                </small>
              </button>
            ))}
        </div>
      ))}
    </div>
  )
}
