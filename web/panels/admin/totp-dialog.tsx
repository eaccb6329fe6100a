/** A new second factor: the code is shown once, and is gone when this window closes. */
import { type Person, type Refusal, request, type TotpSecret } from '@gh/contract'
import { t } from '@gh/i18n'
import { Button, Dialog, Refused } from '@gh/ui'
import { useState } from 'react'
import { asRefusal } from './person-dialog.tsx'

interface Props {
  person: Person
  onDone: () => void
  onClose: () => void
}

export function TotpDialog({ person, onDone, onClose }: Props) {
  const [secret, setSecret] = useState<TotpSecret | null>(null)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  async function make() {
    setBusy(true)
    setRefusal(null)
    try {
      setSecret(
        await request<TotpSecret>(
          'POST',
          `/api/admin/people/${encodeURIComponent(person.person_id)}/totp`,
        ),
      )
      onDone()
    } catch (caught) {
      setRefusal(asRefusal(caught))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={t('admin.totp_title', { name: person.name })}
      onClose={onClose}
      testid="totp-dialog"
      footer={
        secret === null ? (
          <>
            <Refused refusal={refusal} />
            <Button look="danger" busy={busy} onClick={() => void make()} data-testid="totp-make">
              {t(person.has_totp ? 'admin.totp_replace' : 'admin.totp_make')}
            </Button>
          </>
        ) : (
          <Button look="primary" onClick={onClose} data-testid="totp-done">
            {t('admin.totp_done')}
          </Button>
        )
      }
    >
      {secret === null ? (
        <p className="ad-confirm">{t(person.has_totp ? 'admin.totp_warn' : 'admin.totp_hint')}</p>
      ) : (
        <div className="ad-totp">
          {/* An image, so that nothing in the answer can run as markup. */}
          <img
            alt={t('admin.totp_qr')}
            src={`data:image/svg+xml;utf8,${encodeURIComponent(standalone(secret.qr_svg))}`}
            data-testid="totp-qr"
          />
          <div>
            <p>{t('admin.totp_scan')}</p>
            <code data-testid="totp-secret">{secret.secret.replace(/(.{4})/g, '$1 ').trim()}</code>
            <p className="un">{t('admin.totp_once')}</p>
          </div>
        </div>
      )}
    </Dialog>
  )
}

/** Inline SVG may leave out its namespace, which an image needs. */
function standalone(svg: string): string {
  return /xmlns=/.test(svg) ? svg : svg.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"')
}
