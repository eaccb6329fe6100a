/** What the resident's record says of the patient who is coming; the hospital reads it only. */
import type { PatientRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { Dialog } from '@gh/ui'
import { useState } from 'react'
import { patientName } from '../care/words.ts'
import { PortraitNotice } from '../portrait/notice.tsx'
import { Portrait } from '../portrait/portrait.tsx'

export function HeadPortrait({ patient }: { patient: PatientRow }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <PortraitNotice patient={patient} always onOpen={() => setOpen(true)} />
      {open && (
        <Dialog
          title={`${t('portrait.title')} · ${patientName(patient)}`}
          onClose={() => setOpen(false)}
          testid="portrait-dialog"
        >
          <div className="hs-portrait">
            <Portrait patient={patient} />
          </div>
        </Dialog>
      )}
    </>
  )
}
