/** A deed that ends somebody's work at once is asked twice, with its consequence in words. */
import type { Refusal } from '@gh/contract'
import { t } from '@gh/i18n'
import { Button, Dialog, Refused } from '@gh/ui'
import { useState } from 'react'
import { asRefusal } from './person-dialog.tsx'

interface Props {
  title: string
  text: string
  action: string
  danger?: boolean
  run: () => Promise<unknown>
  onDone: () => void
  onClose: () => void
}

export function ConfirmDialog({ title, text, action, danger, run, onDone, onClose }: Props) {
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  async function go() {
    setBusy(true)
    setRefusal(null)
    try {
      await run()
      onDone()
    } catch (caught) {
      setRefusal(asRefusal(caught))
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={title}
      onClose={onClose}
      testid="confirm-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          <Button onClick={onClose}>{t('ui.cancel')}</Button>
          <Button
            look={danger ? 'danger' : 'primary'}
            busy={busy}
            onClick={() => void go()}
            data-testid="confirm"
          >
            {action}
          </Button>
        </>
      }
    >
      <p className="ad-confirm">{text}</p>
    </Dialog>
  )
}
