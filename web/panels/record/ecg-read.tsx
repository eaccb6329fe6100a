/** The newest measured ECG of a patient: numbers, what physicians read in it, and who still has to. */
import type { Content, PatientRow } from '@gh/contract'
import { useSession } from '@gh/session'
import { useWho } from '../care/who.ts'
import { EcgReadings, EcgWait, newestEcgEntry, readingsOf, SignEcg } from './ecg-physician.tsx'
import { EcgReading } from './ecg-reading.tsx'

interface Props {
  content: Content
  patient: PatientRow
}

export function NewestEcg({ content, patient }: Props) {
  const who = useWho()
  const role = useSession()?.role
  const entry = newestEcgEntry(patient)
  if (!entry?.ecg) return null
  const readings = readingsOf(patient, entry.id)
  const own = readings.findLast((one) => one.withdrawn === '' && one.role === role)
  return (
    <div className="rec-newest-ecg">
      <EcgReading content={content} read={entry.ecg} />
      <EcgReadings readings={readings} who={who} />
      <EcgWait patient={patient} />
      {(role === 'crew' || role === 'hospital') && (
        <SignEcg key={entry.id} patientId={patient.id} ecgId={entry.id} before={own} />
      )}
    </div>
  )
}
