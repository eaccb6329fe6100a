/** Who the patients of a case are: every record, and two that are one person's as one. */
import type { CasePatientsAnswer, PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { Panel } from '@gh/ui'
import { Merging } from '../care/merging.tsx'
import { useGet } from '../care/query.ts'
import { patientName, sexAge } from '../care/words.ts'

interface Props {
  incidentId: string
  /** Streams that another node records, with its name. */
  copies: Record<string, string>
  onChanged: () => void
}

export function People({ incidentId, copies, onChanged }: Props) {
  const found = useGet<CasePatientsAnswer>(`/api/cases/${encodeURIComponent(incidentId)}/patients`)
  if (found.data === undefined || found.data.patients.length < 2) return null
  const { patients, handovers } = found.data
  const done = () => {
    void found.refetch()
    onChanged()
  }
  return (
    <Panel title={t('identity.patients')} testid="people">
      {patients
        .filter((p: PatientRow) => p.merged_into === '')
        .map((patient: PatientRow) => (
          <div key={patient.id} className="rv-person" data-testid={`person-${patient.id}`}>
            <b>
              {patientName(patient)} · {sexAge(patient)} · {patient.call_sign}
            </b>
            {copies[`patient:${patient.id}`] === undefined ? (
              <Merging
                patient={patient}
                all={patients.filter((p) => copies[`patient:${p.id}`] === undefined)}
                handovers={handovers}
                button="gh-btn"
                onDone={done}
              />
            ) : (
              <span className="gh-m">
                {t('node.light', { node: copies[`patient:${patient.id}`] ?? '' })}
              </span>
            )}
          </div>
        ))}
    </Panel>
  )
}
