/** The crew's ultrasound page: what the probe sent, and what was seen. */
import type { PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { Ultrasound } from '../record/ultrasound.tsx'
import { Sheet } from './sheet.tsx'

export function UltrasoundSheet({
  patient,
  onClose,
}: {
  patient: PatientRow
  onClose: () => void
}) {
  return (
    <Sheet title={t('us.title')} onClose={onClose} testId="ultrasound-sheet">
      <Ultrasound patient={patient} writes />
    </Sheet>
  )
}
