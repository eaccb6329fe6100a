/** Opens a patient's ultrasound from a desk; shows how many pictures there are. */
import type { PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { Button, Dialog } from '@gh/ui'
import { useCallback, useState } from 'react'
import { useImages } from './images.ts'
import { Ultrasound } from './ultrasound.tsx'
import { useLeave } from './ultrasound-marks.tsx'

export function UltrasoundButton({ patient }: { patient: PatientRow }) {
  const images = useImages(patient.id).data ?? []
  const [open, setOpen] = useState(false)
  const shut = useCallback(() => setOpen(false), [])
  const { close, setUnsaved, question } = useLeave(shut)
  if (images.length === 0) return null
  return (
    <>
      <Button className="us-open" onClick={() => setOpen(true)} data-testid="us-open">
        {t('us.button', { n: images.length })}
      </Button>
      {open && (
        <Dialog title={t('us.title')} onClose={close} testid="us-dialog">
          <div className="us-desk">
            {question}
            <Ultrasound patient={patient} writes={false} onUnsaved={setUnsaved} />
          </div>
        </Dialog>
      )}
    </>
  )
}
