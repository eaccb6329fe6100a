/** The crew's ultrasound page: what the probe sent, and what was seen. */
import type { PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useImages } from '../record/images.ts'
import { Ultrasound } from '../record/ultrasound.tsx'
import { useLeave } from '../record/ultrasound-marks.tsx'
import { Sheet } from './sheet.tsx'
import { WaitingImages } from './waiting-images.tsx'

export function UltrasoundSheet({
  patient,
  onClose,
}: {
  patient: PatientRow
  onClose: () => void
}) {
  const images = useImages(patient.id)
  const { close, setUnsaved, question } = useLeave(onClose)
  return (
    <Sheet title={t('us.title')} onClose={close} testId="ultrasound-sheet">
      {question}
      <WaitingImages missionId={patient.mission_id} onPut={() => void images.refetch()} />
      <Ultrasound patient={patient} writes onUnsaved={setUnsaved} />
    </Sheet>
  )
}
